use secure_runtime::prelude::*;

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
    let text = "/tmp is full, see the log";
    let config = "data_dir = '/tmp/x'\nlog = on";
    let key = "reports/tmp/x";
    let root = "/tmpfiles/x";
    let url = "https://example.com/tmp/x";
    // "/tmp/x"
    let temp_dir = std::env::current_dir()?;
    let _ = (text, config, key, root, url, temp_dir);
    Ok(event.payload)
}

#[secure_handler]
async fn urls(event: LambdaEvent<()>) -> Result<(), Error> {
    let _ = ("https://tmp/x", "https://example.com/tmp/x", "see: /tmp/x");
    Ok(event.payload)
}

fn main() {}
