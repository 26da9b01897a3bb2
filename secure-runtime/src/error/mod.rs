//! Errors that tell the caller a code, a fixed sentence and the request id.

mod codes;
mod failure;
mod foreign;
mod opaque;
pub(crate) mod report;
mod text;

pub use self::{
    codes::{Code, CodeList, Codes, Inner, inner},
    failure::Failure,
    opaque::{Derived, Disposition, Opaque},
    text::{AsError, AsMute, AsShown, Text},
};

/// An error of which a caller learns only what was declared: a code, a status and a fixed sentence.
///
/// Implemented by `#[derive(OpaqueError)]` alone, so that no value of the program can reach the caller. Errors of other
/// crates that are `OpaqueError` here ([`Error`](crate::Error), `Box<dyn std::error::Error>`, `std::io::Error`,
/// `serde_json::Error`, `Diagnostic`, `String`, `&'static str`, `Infallible`, with feature `anyhow` `anyhow::Error`) are
/// `internal_error` to the caller. `Box<E>` and `Arc<E>` are what `E` is. [`Codes`] lists what a type declares.
///
/// ```
/// use secure_runtime::prelude::*;
///
/// #[derive(Debug, thiserror::Error, OpaqueError)]
/// enum TransferError {
///     #[error("account {account} has {balance} only")]
///     #[opaque(code = "insufficient_funds", status = 402, message = "The account does not cover the amount.")]
///     InsufficientFunds { account: u64, balance: i64 },
///     #[error(transparent)]
///     Ledger(#[from] std::io::Error), // the caller sees `internal_error`, nothing more
/// }
///
/// #[secure_event]
/// struct Transfer<'inv> {
///     account: Secret<'inv, u64>,
/// }
///
/// #[secure_handler]
/// async fn transfer(event: LambdaEvent<Transfer<'_>>) -> Result<(), TransferError> {
///     Err(TransferError::InsufficientFunds { account: 17, balance: -3 })
/// }
///
/// # fn main() {
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let event = LambdaEvent::new(RawPayload::from(serde_json::json!({"account": 17})), Context::default());
/// let failure = transfer(event).await.unwrap_err();
/// assert_eq!(failure.code(), "insufficient_funds");
/// assert_eq!(failure.message(), "The account does not cover the amount.");
/// # }) }
/// ```
///
/// Source: [CWE-209](https://cwe.mitre.org/data/definitions/209.html), error message containing sensitive information.
#[diagnostic::on_unimplemented(
    message = "SH020: `{Self}` does not say what a caller may learn of it",
    label = "this error has no `OpaqueError`",
    note = "help: write `#[derive(OpaqueError)]` on `{Self}`, with `#[opaque(code = \"..\", status = 4xx, message = \"..\")]` \
            on what the caller may tell apart; an error of another crate goes into a variant of your own error enum, or \
            into `secure_runtime::Error`; `anyhow::Error` needs secure-runtime's feature `anyhow`"
)]
pub trait OpaqueError: Derived {
    #[doc(hidden)]
    fn __opaque(&self) -> Opaque {
        Opaque::INTERNAL
    }

    #[doc(hidden)]
    fn __codes(codes: &mut CodeList)
    where
        Self: Sized,
    {
        codes.add(Opaque::INTERNAL);
    }

    #[doc(hidden)]
    fn __text(&self) -> Text<'_> {
        Text::None
    }
}
