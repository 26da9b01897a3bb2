//! The macros of `secure-runtime`, which re-exports them: depend on that crate, not on this one.
//!
//! How a handler's tokens flow: `args` reads the attribute, `model` the item; the `rules` look at the model and put
//! what they find into `diag`'s sink; `expand` takes what was checked and can't fail.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;

mod args;
mod diag;
mod expand;
#[cfg(test)]
mod golden;
mod manifest;
mod model;
#[cfg(test)]
mod never_panics;
mod rules;
mod span;

/// Secures a handler function.
///
/// The body stays as it is, in an inner function. Around it, the payload is parsed without an error that quotes it, a
/// panic is caught, and every error reaches the caller as the code and sentence that it declares
/// (`secure_runtime::OpaqueError`). The handler's own signature stays, but for the event: it becomes
/// `LambdaEvent<RawPayload>`, which is what `secure_runtime::run`, `run_concurrent` and `lambda_runtime::run` hand it.
///
/// In the body, `#[secret] let key = expression;` makes `key` a `Secret` of this invocation. Patterns, `else` branches
/// and `?` in the initialiser work.
///
/// ```
/// use secure_runtime::prelude::*;
///
/// #[secure_event]
/// struct Transfer<'inv> {
///     #[public]
///     amount: u64,
///     pin: Secret<'inv, String>,
/// }
///
/// struct Bank;
///
/// impl Bank {
///     async fn pay(&self, amount: u64) -> Result<u64, std::io::Error> {
///         Ok(amount)
///     }
/// }
///
/// #[secure_handler]
/// async fn transfer(bank: &Bank, event: LambdaEvent<Transfer<'_>>) -> Result<u64, Error> {
///     #[secret]
///     let expected = std::env::var("PIN").unwrap_or_else(|_| "1234".into());
///     if !event.payload.pin.ct_eq(&expected) {
///         return Err("wrong pin".into());
///     }
///     Ok(bank.pay(event.payload.amount).await?)
/// }
///
/// # fn main() {
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// // A unit test calls the handler itself.
/// let payload = RawPayload::from(serde_json::json!({"amount": 7, "pin": "1234"}));
/// let paid = transfer(&Bank, LambdaEvent::new(payload, Context::default())).await;
/// assert_eq!(paid.unwrap(), 7);
/// # }) }
/// ```
///
/// # Arguments
/// - `http`: a handler of HTTP requests, with secure-runtime's feature `http`. It takes an `HttpRequest<T>`, answers with any
///   `IntoResponse`, and is served by `secure_runtime::http::run`; the module `secure_runtime::http` says the rest.
/// - `allow(SHxxx, reason = "..")` lifts a rule for this function, once for each rule.
/// - `allow_static(PATH, reason = "..")` lifts SH001 for one static.
/// - `crate = path`: where `secure_runtime` is, when the dependency has another name.
/// - `sqs`, with secure-runtime's feature `sqs`: the handler is called once a record of a queue's batch, with a `Record<T>`.
///   `dead_letter = PARAM` names the state parameter that takes records which will never succeed, and `concurrency = N` says
///   how many records run at a time.
///
/// A reason has 10 characters or more, and an escape that nothing needs is an error.
#[proc_macro_attribute]
pub fn secure_handler(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::handler::expand(args.into(), item.into()).into()
}

/// Holds any function, inside of Lambda or not, to a handler's rules, and wipes its stack when it returns.
///
/// When the function returns or unwinds, whatever it and the calls in it have left on this thread's stack is overwritten, and so are the
/// vector registers. An `async fn` does the same after each poll and when it is dropped; what it holds while it waits lies on the
/// heap, and is wiped when it has ended. Of such calls in one another, the outermost wipes.
///
/// A helper that is given a secret's value is held to what its handler is. `#[secret] let` is for handlers alone, because only there is an
/// invocation.
///
/// ```
/// use secure_runtime::prelude::*;
///
/// #[secure_fn]
/// fn is_right(password: &str, expected: &str) -> bool {
///     password == expected // and not, say, `println!("{password}")`
/// }
///
/// assert!(is_right("walrus", "walrus"));
/// ```
///
/// # Arguments
/// `allow(SHxxx, reason = "..")`, `allow_static(PATH, reason = "..")` and `crate = path`, as in
/// [`secure_handler`](macro@secure_handler). `wipe = false` applies the rules alone.
///
/// # What is not wiped
/// - Arguments and the result, which the caller has: in its frame, in the function's own, in registers.
/// - The heap. That is the allocator's: `secure_runtime::WipingAlloc`.
/// - A `const fn`: it is refused, because the compiler may be what runs it, unless it says `wipe = false`.
/// - What runs later: a future, an iterator or a closure that a function returns.
/// - A stack that is not the thread's own, of a coroutine or a signal handler. The log says so (`ERROR`).
/// - Elsewhere than on Linux on x86-64 and aarch64: more than 64 KiB of stack, and registers. The log says so, once.
///
/// The body becomes a closure, or an `async` block. With `#[track_caller]`, a panic in it names the place in the function.
#[proc_macro_attribute]
pub fn secure_fn(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::function::expand(args.into(), item.into()).into()
}

/// Asks the compiler whether a name is that of a static: a pattern may have any name but one of these.
///
/// Expansions of the other macros use it; its name is what the compiler shows.
#[doc(hidden)]
#[allow(non_snake_case, reason = "the compiler shows the name")]
#[proc_macro]
pub fn SH001_a_static_outlives_this_invocation(name: TokenStream) -> TokenStream {
    expand::static_probes::pattern(&name.into()).into()
}

/// The items that find credentials in a text: the log of `secure-runtime` masks what SH016 finds, by the same table.
#[doc(hidden)]
#[proc_macro]
pub fn credential_shapes(_: TokenStream) -> TokenStream {
    rules::CREDENTIAL_SHAPES.parse().expect("the file is a module of this crate, too")
}

/// Lists every escape of a package: what lets a secret out, and what lifts a rule, with place and reason. It is a `&'static str` of JSON.
///
/// ```
/// let manifest: serde_json::Value = serde_json::from_str(secure_runtime::manifest!()).unwrap();
/// assert_eq!(manifest["version"], 1);
/// for escape in manifest["escapes"].as_array().unwrap() {
///     println!("{}:{}: {}", escape["file"], escape["line"], escape["reason"]);
/// }
/// ```
///
/// Listed are `declassify` and `declassify_async`, `allow(SHxxx, ..)`, `allow_static(PATH, ..)` and the tokens' `issue_long`.
/// `secure_testing::assert_manifest!` compares it with a file in the repository, so that a review sees what changes; `docs/review.md` says
/// how, and `docs/manifest.schema.json` what each key means.
///
/// # What is read
/// Every `.rs` file below `src` of the package that is compiled, from whichever crate of it the macro is called (a test in `tests/`
/// lists the library and all binaries), and what `#[path]` names elsewhere. What only `#[cfg(test)]` modules have is left out, as are
/// `tests/`, `examples/`, `benches/` and `build.rs`, and other packages. It is read anew when one of the files changes.
///
/// # Errors
/// It doesn't compile where a file can't be read, or isn't Rust: the error says which.
///
/// # Known limits
/// What is no token of these files isn't seen: what a macro of another package expands to, `include!`, a name under
/// `#[cfg_attr(.., path = "..")]` outside of `src`. A reason that isn't a literal (a constant, `concat!`) is `null`. Another type's method
/// `declassify` is listed, too. A new file that no other file declares (a binary in `src/bin`) is seen when the test is built anew.
#[proc_macro]
pub fn manifest(args: TokenStream) -> TokenStream {
    manifest::expand(&args.into()).into()
}

/// Declares an event: each field is a secret, another event, or public.
///
/// Derives serde's `Deserialize`; serde's own attributes pass through. A field is
///
/// * a `Secret<'inv, T>` (or an `Option` or `Vec` of it), which borrows its life from the invocation,
/// * `#[nested]`: another `#[secure_event]` (or an `Option` or `Vec` of it),
/// * `#[public]`: what logs, answers and the next invocation may know.
///
/// ```
/// use secure_runtime::prelude::*;
///
/// #[secure_event]
/// #[derive(Debug)]
/// #[serde(rename_all = "camelCase")]
/// struct Order<'inv> {
///     #[public]
///     order_id: u64,
///     #[nested]
///     payments: Vec<Payment<'inv>>,
/// }
///
/// #[secure_event]
/// #[derive(Debug)]
/// #[serde(tag = "kind")]
/// enum Payment<'inv> {
///     Card { number: Secret<'inv, String> },
///     Invoice { #[public] address: String },
/// }
///
/// let order: Order<'_> = serde_json::from_str(
///     r#"{"orderId": 7, "payments": [{"kind": "Card", "number": "4111111111111111"}]}"#,
/// ).unwrap();
/// assert_eq!(
///     format!("{order:?}"),
///     "Order { order_id: 7, payments: [Card { number: Secret([redacted]) }] }",
/// );
/// ```
///
/// # Arguments
/// - `validate`: the type is a `secure_runtime::Validate`, and is asked when an event has been parsed (see below).
/// - `validate = garde`: the same, by what `#[derive(garde::Validate)]` makes of the type. Needs the feature `garde`.
/// - `crate = path`: where `secure_runtime` is, when the dependency has another name.
///
/// # Validation
/// An event that is not valid doesn't reach the handler. The caller gets `invalid_input` (400), to the byte what he gets for one
/// that doesn't parse; the log says that the payload is not valid, and which field.
///
/// ```
/// use secure_runtime::{Invalid, Validate, prelude::*};
///
/// #[secure_event(validate)]
/// struct Transfer<'inv> {
///     #[public]
///     amount: u64,
///     pin: Secret<'inv, String>,
/// }
///
/// impl Validate for Transfer<'_> {
///     fn validate(&self) -> Result<(), Invalid> {
///         if self.amount > 10_000 {
///             return Err(Invalid::field("amount"));
///         }
///         let is_pin = |pin: &String| pin.len() == 4 && pin.bytes().all(|byte| byte.is_ascii_digit());
///         if self.pin.expose(is_pin) { Ok(()) } else { Err(Invalid::field("pin")) }
///     }
/// }
///
/// #[secure_handler]
/// async fn transfer(event: LambdaEvent<Transfer<'_>>) -> Result<u64, Error> {
///     Ok(event.payload.amount) // 10,000 at most
/// }
///
/// # fn main() {
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let payload = RawPayload::from(serde_json::json!({"amount": 20_000, "pin": "1234"}));
/// let refused = transfer(LambdaEvent::new(payload, Context::default())).await;
/// assert!(refused.unwrap_err().to_string().starts_with("The input is not what this function takes."));
/// # }) }
/// ```
///
/// `#[nested]` events are validated before the one they stand in, in an `Option`, a `Vec` or a `Box` as well, whether or not the
/// outer one has a `validate`. With garde they need no `dive`; a secret is `#[garde(skip)]`, because garde can't look into it.
///
/// It is the handler that validates: `serde_json::from_str` alone, and a service that is no secured handler, do not.
#[proc_macro_attribute]
pub fn secure_event(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::event::expand(args.into(), item.into()).into()
}

/// Declares what a caller may learn of an error.
///
/// On a struct, or on each variant of an enum: `#[opaque(code = "..", status = .., message = "..", retry | poison)]`.
/// Without it the caller sees `internal_error`, status 500. Left out parts are those of `internal_error`.
///
/// | key | value | meaning |
/// | --- | --- | --- |
/// | `code` | a literal in `snake_case`, 64 characters at most | the `errorType` that a caller gets |
/// | `status` | 400 to 599 | the HTTP status |
/// | `message` | a literal, one line of 256 characters at most, in which nothing is filled in | the sentence that a caller gets |
/// | `retry` / `poison` | | the same event may succeed later / will never succeed |
/// | `delegate` | | what the error inside declares, and nothing beside it |
///
/// `#[opaque(crate = path)]` on the type names the crate when the dependency has another name.
///
/// ```
/// use secure_runtime::prelude::*;
///
/// #[derive(Debug, thiserror::Error, OpaqueError)]
/// enum OrderError {
///     #[error("{sku} is sold out")]
///     #[opaque(code = "sold_out", status = 409, message = "There is none left.", poison)]
///     SoldOut { sku: String },
///     #[error(transparent)]
///     #[opaque(delegate)]
///     Payment(#[from] PaymentError), // the caller sees `card_refused`
///     #[error(transparent)]
///     Database(#[from] std::io::Error), // the caller sees `internal_error`
/// }
///
/// #[derive(Debug, thiserror::Error, OpaqueError)]
/// #[error("card {card} was refused")]
/// #[opaque(code = "card_refused", status = 402, message = "The card was refused.", poison)]
/// struct PaymentError {
///     card: String,
/// }
/// ```
///
/// # What is passed on
/// `delegate` passes on the variant's or struct's only field; or of several the one that is `#[from]` or `#[source]`; or the
/// one named `source`. Its type must be an `OpaqueError` (SH020), whose parts are literals as well: nothing that the program
/// computes reaches a caller by it. A generic type gets that bound in the derived implementation.
///
/// # Codes
/// A code belongs to one variant of an enum, so that callers, alarms and documents can rely on what it says: the second one
/// does not compile. Failures that the caller must *not* tell apart (no such user, wrong password) are one variant, with a
/// field that says to the log which it was.
///
/// The runtime has codes of its own: `internal_error`, `invalid_input`, `timed_out` and `init_error`. An error may declare
/// them, too (a handler that checks its input itself will want `invalid_input`); a caller can't tell who said it.
///
/// `secure_runtime::Codes` lists the codes of a type, for API documents.
#[proc_macro_derive(OpaqueError, attributes(opaque))]
pub fn derive_opaque_error(item: TokenStream) -> TokenStream {
    expand::opaque_error::expand(item.into()).into()
}

/// Declares a type to be a verdict, which may leave `Secret::expose`: every field must be `Public` itself.
///
/// ```
/// use secure_runtime::prelude::*;
///
/// #[derive(Public)]
/// enum Verdict {
///     Valid,
///     Invalid { expired: bool },
/// }
/// ```
///
/// `#[public(crate = path)]` on the type names the crate when the dependency has another name.
#[proc_macro_derive(Public, attributes(public))]
pub fn derive_public(item: TokenStream) -> TokenStream {
    expand::public::expand(item.into()).into()
}

/// Runs an async `main` in a process that keeps no secrets: instead of `#[tokio::main]`, with the same options.
///
/// It closes the process to others of its user (`secure_runtime::harden`), makes the wiping allocator the global one, installs a panic hook that writes no messages, and builds a tokio
/// runtime: current-thread unless `flavor` says otherwise, because an execution environment runs one event at a time.
///
/// ```
/// #[secure_runtime::main]
/// async fn main() -> Result<(), secure_runtime::Error> {
///     let key = String::from("wiped when it is freed");
///     drop(key);
///     Ok(())
/// }
/// ```
///
/// # Arguments
/// `flavor = "current_thread" | "multi_thread" | "local"`, `worker_threads = n`, `start_paused = bool` (with tokio's
/// `test-util`), `name = ".."` and `unhandled_panic = ".."` (both with `tokio_unstable`) as in `#[tokio::main]`.
/// `allocator = none` leaves the global allocator to the program, for those who wrap one of their own in `WipingAlloc`.
/// `harden = false` leaves the process as open to others of its user as the system makes it.
/// `crate = path`: where `secure_runtime` is, when the dependency has another name.
///
/// # Panics
/// When tokio's runtime can't be built, as `#[tokio::main]`.
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::main::expand(args.into(), item.into()).into()
}
