//! Running a service on the Lambda Runtime API.
//!
//! The exchange is our own, because what lies in somebody else's buffers can't be wiped. An event goes through
//!
//! ```text
//! connection    bytes from the API into the inbox
//! protocol      where head and body are
//! arrival       whose event it is, and its context
//! invocation    through the user's service, the answer into the outbox
//! worker        the outbox to the API; both buffers wiped; the next one
//! ```

mod arrival;
mod connection;
mod endpoint;
mod invocation;
mod protocol;
mod start;
mod worker;

use std::{convert::Infallible, env, fmt};

use bytes::Bytes;
use futures_core::Stream;
use lambda_runtime::{Diagnostic, Error, IntoFunctionResponse, LambdaEvent, Service};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

#[cfg(feature = "http")]
pub(crate) use self::invocation::subject;
use self::{start::Start, worker::TraceId};
use crate::scrub::Swept;

/// Runs a handler on the Lambda Runtime API: `lambda_runtime::run`, with every failure opaque.
///
/// It takes the same services. Whatever fails (an `Err`, a panic, a payload that does not parse, an answer that does not
/// serialise) reaches the caller as `{"errorType": code, "errorMessage": "message (request id)"}`; the process lives.
///
/// A handler that still waits shortly before the deadline is dropped, with all that it holds, and the caller gets `timed_out`
/// (504). Kept in reserve for that is a tenth of the time that was left when the event came, and 250 ms at most: with a
/// time-out of 3 seconds a handler has 2.75. A deadline that has passed already, as emulators send it, is none. A handler that
/// never yields (a loop, a blocking call) can't be stopped: Lambda ends the process then. An answer of more than 6 MB and 100
/// bytes, which Lambda would refuse, is `internal_error`.
///
/// ```no_run
/// use secure_runtime::prelude::*;
///
/// #[secure_handler]
/// async fn ping(_: LambdaEvent<()>, greeting: &str) -> Result<String, Error> {
///     Ok(greeting.to_owned())
/// }
///
/// #[secure_runtime::main]
/// async fn main() -> Result<(), secure_runtime::Error> {
///     let greeting = String::from("pong");
///     secure_runtime::run(service_fn(|event| ping(event, &greeting))).await
/// }
/// ```
///
/// # Errors
/// When one of Lambda's environment variables is missing (`AWS_LAMBDA_FUNCTION_NAME`, `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`,
/// `AWS_LAMBDA_FUNCTION_VERSION`, `AWS_LAMBDA_RUNTIME_API`; `lambda_runtime::run` panics then); when the program is built with
/// `panic = "abort"`, or the thread's stack can't be wiped; when the Runtime API can't be reached, refuses to hand out an
/// event, or answers with what is no HTTP. Source:
/// [the Runtime API](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
///
/// # Panics
/// When it is polled outside of a tokio runtime with I/O enabled.
pub async fn run<A, F, R, B, S, D, E>(mut handler: F) -> Result<(), Error>
where
    F: Service<LambdaEvent<A>, Response = R>,
    F::Future: Future<Output = Result<R, F::Error>>,
    F::Error: Into<Diagnostic> + fmt::Debug,
    A: for<'de> Deserialize<'de>,
    R: IntoFunctionResponse<B, S>,
    B: Serialize,
    S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
    D: Into<Bytes> + Send,
    E: Into<Error> + Send + fmt::Debug,
{
    let limit = env::var(MAX_CONCURRENCY).ok();
    if max_concurrency(limit.as_deref()) > 1 {
        let limit = limit.unwrap_or_default();
        tracing::warn!(
            "{MAX_CONCURRENCY} is set to '{limit}', but `run` handles one event at a time: use `run_concurrent`"
        );
    }
    never(Start::new().await?.worker(TraceId::InEnvironment).serve(&mut handler).await)
}

/// [`run`] for environments that handle several invocations at once (Lambda Managed Instances).
///
/// `AWS_LAMBDA_MAX_CONCURRENCY` says how many; unset or 1, it is the same as [`run`].
///
/// ```no_run
/// use secure_runtime::prelude::*;
///
/// #[secure_handler]
/// async fn ping(_: LambdaEvent<()>) -> Result<&'static str, Error> {
///     Ok("pong")
/// }
///
/// #[secure_runtime::main(flavor = "multi_thread")]
/// async fn main() -> Result<(), secure_runtime::Error> {
///     secure_runtime::run_concurrent(service_fn(ping)).await
/// }
/// ```
///
/// # Errors
/// As [`run`]. A worker that can't go on leaves its share to the others; the last one's error is returned.
///
/// # Panics
/// As [`run`].
pub async fn run_concurrent<A, F, R, B, S, D, E>(handler: F) -> Result<(), Error>
where
    F: Service<LambdaEvent<A>, Response = R> + Clone + Send + 'static,
    F::Future: Future<Output = Result<R, F::Error>> + Send + 'static,
    F::Error: Into<Diagnostic> + fmt::Debug,
    A: for<'de> Deserialize<'de> + Send + 'static,
    R: IntoFunctionResponse<B, S> + Send + 'static,
    B: Serialize + Send + 'static,
    S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
    D: Into<Bytes> + Send + 'static,
    E: Into<Error> + Send + fmt::Debug + 'static,
{
    let start = Start::new().await?;
    let workers = max_concurrency(env::var(MAX_CONCURRENCY).ok().as_deref());
    if workers == 1 {
        let mut handler = handler;
        return never(start.worker(TraceId::InEnvironment).serve(&mut handler).await);
    }
    let mut running = JoinSet::new();
    for _ in 0..workers {
        let (mut worker, mut handler) = (start.clone().worker(TraceId::InContextAlone), handler.clone());
        running.spawn(Swept::new(async move { worker.serve(&mut handler).await }));
    }
    // One worker that can't go on leaves its share to the others.
    let mut last = Error::from("no worker was started");
    while let Some(ended) = running.join_next().await {
        last = match ended {
            Ok(Err(error)) => error,
            Ok(Ok(never)) => match never {},
            Err(error) => error.into(),
        };
        tracing::error!(error = %last, remaining_workers = running.len(), "a worker has ended");
    }
    Err(last)
}

const MAX_CONCURRENCY: &str = "AWS_LAMBDA_MAX_CONCURRENCY";

fn max_concurrency(value: Option<&str>) -> usize {
    value.and_then(|value| value.parse().ok()).unwrap_or(1).max(1)
}

/// A loop ends with an error or not at all.
fn never(ended: Result<Infallible, Error>) -> Result<(), Error> {
    ended.map(|never| match never {})
}

#[cfg(test)]
mod tests {
    use super::max_concurrency;

    #[test]
    fn a_concurrency_that_is_no_number_above_zero_is_one() {
        for (value, workers) in
            [(None, 1), (Some(""), 1), (Some("0"), 1), (Some("-4"), 1), (Some("x"), 1), (Some("64"), 64)]
        {
            assert_eq!(max_concurrency(value), workers, "{value:?}");
        }
    }
}
