//! Running a service on the Lambda Runtime API.
//!
//! lambda_runtime's loop does the exchange. Two services stand around the user's:
//!
//! ```text
//! Runtime API ── Handover ── lambda_runtime ── Opaque ── the user's service
//!                takes the    exchange          parses, catches,
//!                payload                        answers
//! ```

mod handover;
mod opaque;

use std::fmt;

use bytes::Bytes;
use futures_core::Stream;
use lambda_runtime::{Diagnostic, Error, IntoFunctionResponse, LambdaEvent, Runtime, Service, layers::TracingLayer};
use serde::{Deserialize, Serialize};

use self::{handover::HandoverLayer, opaque::Opaque};
use crate::panic::ensure_unwinding;

/// Runs a handler on the Lambda Runtime API: `lambda_runtime::run`, with every failure opaque.
///
/// It takes the same services. Whatever fails (an `Err`, a panic, a payload that does not parse, an answer that does not
/// serialise) reaches the caller as `{"errorType": code, "errorMessage": "message (request id)"}`; the process lives.
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
/// When the Runtime API can't be reached, and when the program is built with `panic = "abort"`.
///
/// # Panics
/// When one of Lambda's environment variables is missing (`AWS_LAMBDA_FUNCTION_NAME`, `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`,
/// `AWS_LAMBDA_FUNCTION_VERSION`, `AWS_LAMBDA_RUNTIME_API`), as `lambda_runtime::run` does. Source:
/// [the Runtime API](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
pub async fn run<A, F, R, B, S, D, E>(handler: F) -> Result<(), Error>
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
    ensure_unwinding(cfg!(panic = "unwind"))?;
    Runtime::new(Opaque::new(handler)).layer(HandoverLayer).layer(TracingLayer::new()).run().await
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
/// When no worker can reach the Runtime API any more, and when the program is built with `panic = "abort"`.
///
/// # Panics
/// As [`run`], and when it is called outside of a tokio runtime.
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
    ensure_unwinding(cfg!(panic = "unwind"))?;
    Runtime::new(Opaque::new(handler)).layer(HandoverLayer).layer(TracingLayer::new()).run_concurrent().await
}
