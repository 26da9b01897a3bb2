use secure_runtime::prelude::*;

type Answer<T> = Result<T, std::fmt::Error>;

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Answer<()> {
    Ok(event.payload)
}

fn main() {}
