use secure_runtime::prelude::*;

use std::env;

#[secure_handler]
async fn case_0(event: LambdaEvent<()>) -> Result<(), Error> {
    let path = "/tmp/report.csv";
    let bytes = b"/tmp/report.csv";
    let raw = r"/tmp";
    let c = c"/tmp/x";
    let _ = (path, bytes, raw, c);
    Ok(event.payload)
}

#[secure_handler]
async fn case_1(event: LambdaEvent<()>) -> Result<(), Error> {
    let name = 7;
    let path = format!("/tmp/{name}.csv");
    let _ = path;
    Ok(event.payload)
}

#[secure_handler]
async fn case_2(event: LambdaEvent<()>) -> Result<(), Error> {
    let path = std::path::Path::new("/var/tmp").join("x");
    let _ = path;
    Ok(event.payload)
}

#[secure_handler]
async fn case_3(event: LambdaEvent<()>) -> Result<(), Error> {
    let path = concat!("/dev/shm/", "x");
    let _ = path;
    Ok(event.payload)
}

#[secure_handler]
async fn case_4(event: LambdaEvent<()>) -> Result<(), Error> {
    let path = std::env::temp_dir().join("x");
    let other = env::temp_dir();
    use std::env::temp_dir as directory;
    let third = directory();
    let _ = (path, other, third);
    Ok(event.payload)
}

#[secure_handler]
async fn case_5(event: LambdaEvent<()>) -> Result<(), Error> {
    const FOLDER: &str = "/tmp/cache";
    let _ = FOLDER;
    Ok(event.payload)
}

#[secure_handler]
async fn case_6(event: LambdaEvent<()>) -> Result<(), Error> {
    let url = "file:///tmp/x";
    let value = serde_json::json!({ "path": "/tmp/x" });
    let _ = (url, value);
    Ok(event.payload)
}

#[secure_handler]
async fn urls(event: LambdaEvent<()>) -> Result<(), Error> {
    let _ = "sqlite:///tmp/cache.db";
    let _ = "sqlite:/tmp/cache.db";
    Ok(event.payload)
}

fn main() {}
