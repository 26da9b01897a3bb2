//! What a test needs to see of a Lambda function that nobody can see from inside it: what the caller gets, what the log
//! gets, and what stays in the memory of the process afterwards.
//!
//! - [`assert_no_residue!`] shows in two lines that a function leaves nothing of an event's secrets, in memory, registers, log, answers and
//!   temporary files; [`Probe`] is the long form, and [`Report`] says what was found, and where.
//! - [`Function`] starts a function's binary against a Lambda Runtime API of its own on 127.0.0.1 and sends it events.
//! - [`Reply`] is what came of one event: the answer or the error, crashes and time-outs included, and the lines logged.
//! - [`memory`] searches a process's writable memory from outside (Linux) for [canaries](Canary): whole or in fragments,
//!   raw, base64, hex or in capitals.
//! - [`assert_manifest!`] compares what a package lets out and lifts with the file that was reviewed.
//! - [`secret`] makes a `Secret` for unit tests of helpers that take one.
//!
//! ```no_run
//! # macro_rules! env { ($name:literal) => { "target/debug/login" } }
//! # fn in_a_test() {
//! let event = r#"{"user":"ann","password":"x","cards":[{"number":"y"}]}"#;
//! secure_testing::assert_no_residue!(env!("CARGO_BIN_EXE_login"), event, ["password", "cards.*.number"]);
//! # }
//! ```
//!
//! Everything blocks, so the same calls work in `#[test]` and in `#[tokio::test]`.
//!
//! ```no_run
//! use secure_testing::{Canary, Function, Outcome};
//!
//! # fn main() -> Result<(), secure_testing::Error> {
//! let password = Canary::random();
//! let mut login = Function::builder("target/debug/login").start()?; // in a test: env!("CARGO_BIN_EXE_login")
//! let reply = login.invoke(format!(r#"{{"user":"ann","password":"{password}"}}"#))?;
//!
//! assert_eq!(reply.outcome(), Outcome::Answer);
//! assert!(!reply.log().iter().any(|line| line.contains(password.as_str())));
//! let left = login.search_memory([&password])?;
//! assert!(left.is_empty(), "{left}");
//! # Ok(())
//! # }
//! ```
//!
//! # What it doesn't show
//! Kernel buffers, swap and read-only mappings aren't searched; registers and temporary files by a [`Probe`] alone, which says itself what it
//! doesn't see. Lambda's limits on
//! payload size, memory and initialisation time aren't enforced, and the sandbox is never frozen between invocations.
//! A test that finds nothing proves something only beside one that finds: keep a positive control.

#![forbid(unsafe_code)]

mod api;
mod canary;
mod error;
mod function;
mod manifest;
pub mod memory;
mod payload;
mod probe;
mod reply;
mod secret;

pub use canary::Canary;
pub use error::Error;
pub use function::{Builder, Function};
#[doc(hidden)]
pub use manifest::__assert_manifest;
pub use payload::Payload;
pub use probe::{Place, Probe, Report, Residue, Sent, Thread};
pub use reply::{Outcome, Reply};
pub use secret::secret;
#[doc(hidden)]
pub use secure_runtime::manifest as __manifest;
