use secure_runtime::prelude::*;

#[secure_handler]
async fn handler() -> Result<(), Error> {
    Ok(())
}

fn main() {}
