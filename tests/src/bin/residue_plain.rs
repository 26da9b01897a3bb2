//! The same function on bare lambda_runtime.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use secure_tests::residue::{self, Answer};
use serde::Deserialize;

#[derive(Deserialize)]
struct Event {
    mode: String,
    text: String,
}

async fn plain(event: LambdaEvent<Event>) -> Result<Answer, Error> {
    residue::run(&event.payload.mode, event.payload.text).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(plain)).await
}
