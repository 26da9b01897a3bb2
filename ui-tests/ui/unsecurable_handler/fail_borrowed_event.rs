use secure_runtime::prelude::*;

#[secure_handler]
async fn handler(event: &LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

fn main() {}
