//! The benchmarks' service, secured. Its twin is `benches/plain`: keep them alike.

use secure_runtime::prelude::*;
use serde::Serialize;

#[secure_event]
struct Event<'inv> {
    /// Read, and answered by its length.
    secret: Secret<'inv, String>,
    /// Answered as it is.
    #[public]
    echo: String,
}

#[derive(Serialize)]
struct Answer {
    length: usize,
    echo: String,
}

#[secure_handler]
async fn measure(event: LambdaEvent<Event<'_>>) -> Result<Answer, Error> {
    let Event { secret, echo } = event.payload;
    let length = secret.declassify("its length is the answer", String::len);
    Ok(Answer { length, echo })
}

#[secure_runtime::main]
async fn main() -> Result<(), Error> {
    secure_runtime::run(service_fn(measure)).await
}
