//! Conventions for AWS Lambda functions that do not compile when they are broken.
//!
//! A Lambda execution environment outlives an invocation: memory, statics and `/tmp` of one caller are there for the
//! next one, and what an error says goes to whoever called. This crate and its macros give a handler
//!
//! * secrets that can't leave the invocation they belong to ([`Secret`], [`secure_event`], `#[secret] let`),
//! * errors that tell the caller a code, a fixed sentence and the request id, and nothing else ([`OpaqueError`]), with a list
//!   of all codes for API documents ([`Codes`]),
//! * a [`log`] from which the secrets of running invocations are taken out, and security events for alarms ([`audit!`]),
//! * a process in whose memory nothing is left of an event once it has been answered: heap, buffers, stacks and vector
//!   registers ([`run`], [`main`], [`WipingAlloc`], [`task`]).
//!
//! What outgrows `/tmp` goes to Amazon S3 sealed (`s3`, by the feature of that name), and so does what could not be processed (`dead_letter`,
//! with the feature `sqs`). AWS's SDK is built by the features `s3`, `kms` and `sqs-sink` alone.
//!
//! With the feature `http`, handlers behind API Gateway, function URLs and load balancers take an `http::HttpRequest` and are served
//! by `http::run`: what fails is a problem document (RFC 9457).
//!
//! ```no_run
//! use secure_runtime::prelude::*;
//!
//! #[secure_event]
//! struct Login<'inv> {
//!     #[public]
//!     user: String,
//!     password: Secret<'inv, String>,
//! }
//!
//! #[derive(Debug, OpaqueError)]
//! #[opaque(code = "invalid_login", status = 401, message = "User or password is wrong.")]
//! struct InvalidLogin;
//!
//! #[secure_handler]
//! async fn login(event: LambdaEvent<Login<'_>>) -> Result<String, InvalidLogin> {
//!     let Login { user, password } = event.payload;
//!     if password.expose(|password| password == "correct horse") {
//!         Ok(format!("welcome, {user}"))
//!     } else {
//!         Err(InvalidLogin)
//!     }
//! }
//!
//! #[secure_runtime::main]
//! async fn main() -> Result<(), secure_runtime::Error> {
//!     secure_runtime::log::init();
//!     secure_runtime::run(service_fn(login)).await
//! }
//! ```
//!
//! # Guarantees
//!
//! * Under [`run`] and [`run_concurrent`], every `Err`, every panic, every payload that does not parse, every answer that does not
//!   serialise or is too long, and every handler that still waits shortly before its deadline reach the caller as
//!   `{"errorType": code, "errorMessage": "message (request id)"}`: the same bytes for the same failure, whatever the data.
//!   Under plain `lambda_runtime::run` this holds for a secured handler's own errors, its panics and payloads of the wrong shape.
//! * Each failure is one event of `tracing` with request id, code, place, error type and what the error and its sources say.
//!   Secrets of the running invocations are masked in it, and in the messages of panics, whatever subscriber the program has.
//! * Under [`log::init`] they are masked in every line.
//!
//! # What is not guaranteed
//!
//! * Interior mutability that a closure captures, helpers that copy and verdicts that are asked for bit by bit get data
//!   out of [`Secret::expose`].
//! * What other crates keep alive on purpose (caches, connection pools, tasks and threads of their own) is not wiped; nor
//!   is anything but freed values where the program lacks [`main`] and [`WipingAlloc`].
//! * JSON that is no JSON at all is refused by lambda_runtime itself when a handler runs under `lambda_runtime::run`,
//!   and its message then reaches the caller.
//! * A handler that never yields can't be stopped at its deadline.
//! * A `#[secret] let` that is gone is not known to the log any more, and what was reversed, encrypted or cut is not recognised.
//! * With `panic = "abort"` a panic can't be answered: [`run`] refuses to start.
//!
//! `SECURITY.md` in the repository lists all of it by boundary.

/// The README's examples, compiled.
#[cfg(all(doctest, feature = "http"))]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The guide's programs, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../docs/session-tokens.md")]
struct SessionTokens;

/// The guides' examples, compiled.
#[cfg(all(doctest, target_os = "linux"))]
mod guides {
    #[doc = include_str!("../../docs/temporary-files.md")]
    struct TemporaryFiles;
    #[doc = include_str!("../../docs/files-for-tools.md")]
    struct FilesForTools;
}

/// The guide's program, compiled.
#[cfg(all(doctest, feature = "sqs-sink"))]
#[doc = include_str!("../../docs/dead-letters.md")]
struct DeadLetters;

/// The guide's programs, compiled.
#[cfg(all(doctest, feature = "kms"))]
#[doc = include_str!("../../docs/large-objects.md")]
struct LargeObjects;

mod alloc;
mod audit;
#[cfg(feature = "sqs")]
pub mod dead_letter;
mod error;
mod event;
mod harden;
#[cfg(feature = "http")]
pub mod http;
mod lambda;
pub mod log;
mod panic;
mod park;
pub mod prelude;
mod probe;
#[cfg(feature = "s3")]
pub mod s3;
mod scope;
mod scrub;
#[cfg(any(unix, feature = "s3"))]
mod seal;
mod secret;
#[cfg(feature = "sqs")]
pub mod sqs;
pub mod task;
#[cfg(unix)]
pub mod tmp;
pub mod token;
mod validated;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __v1;

pub use alloc::WipingAlloc;
pub use error::{Code, Codes, Failure, OpaqueError};
pub use event::{JsonText, PublicEvent, RawPayload, SecureEvent};
pub use harden::harden;
pub use lambda::{run, run_concurrent};
pub use lambda_runtime::{Context, Diagnostic, Error, LambdaEvent, service_fn};
pub use secret::{Public, Secret};
#[doc(inline)]
pub use secure_macros::{OpaqueError, Public, main, manifest, secure_event, secure_fn, secure_handler};
pub use validated::{Invalid, IsValidated, Validate, Validated};
