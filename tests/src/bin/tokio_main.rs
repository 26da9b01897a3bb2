//! A secured handler in a process that is not ours: `#[tokio::main]`, `lambda_runtime::run`, nobody's subscriber.

use secure_runtime::prelude::*;

#[secure_event]
struct Event<'inv> {
    word: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Event<'_>>) -> Result<(), Error> {
    event.payload.word.expose(|word| assert!(word.is_empty(), "panicked with {word}"));
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(handler)).await
}
