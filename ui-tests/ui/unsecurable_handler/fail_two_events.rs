use secure_runtime::prelude::*;

#[secure_handler]
async fn handler(first: LambdaEvent<()>, second: LambdaEvent<()>) -> Result<(), Error> {
    Ok(())
}

fn main() {}
