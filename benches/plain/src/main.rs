//! The benchmarks' service as people write it. Its twin is `benches/secured`: keep them alike.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Event {
    /// Read, and answered by its length.
    secret: String,
    /// Answered as it is.
    echo: String,
}

#[derive(Serialize)]
struct Answer {
    length: usize,
    echo: String,
}

async fn measure(event: LambdaEvent<Event>) -> Result<Answer, Error> {
    let Event { secret, echo } = event.payload;
    Ok(Answer { length: secret.len(), echo })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(measure)).await
}
