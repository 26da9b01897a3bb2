use secure_runtime::prelude::*;

#[secure_handler]
async fn handler(count: u32) -> Result<u32, Error> {
    Ok(count)
}

fn main() {}
