//! Handlers behind API Gateway, function URLs and Application Load Balancers, on [`lambda_http`].
//!
//! `#[secure_handler(http)]` makes a handler of a function that takes an [`HttpRequest`] and answers with any [`IntoResponse`];
//! [`run`] serves it. Its errors, its panics and the requests that it never sees because they don't fit become documents of type
//! `application/problem+json` ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)):
//!
//! ```json
//! {"type":"about:blank","title":"Conflict","status":409,"detail":"There is none left.","code":"sold_out","request_id":"8476a536"}
//! ```
//!
//! Status, `detail` and `code` are what the error declares with `#[opaque(..)]`; without, it is 500 and `internal_error`. Same
//! failure, same bytes, whatever the data.
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
//! #[secure_handler(http)]
//! async fn login(request: HttpRequest<Login<'_>>) -> Result<impl IntoResponse, InvalidLogin> {
//!     let Login { user, password } = request.body;
//!     if password.expose(|password| password == "correct horse") {
//!         Ok(serde_json::json!({"welcome": user}))
//!     } else {
//!         Err(InvalidLogin)
//!     }
//! }
//!
//! #[secure_runtime::main]
//! async fn main() -> Result<(), secure_runtime::Error> {
//!     secure_runtime::http::run(service_fn(login)).await
//! }
//! ```
//!
//! # What becomes the body
//!
//! | content type | `T` of [`HttpRequest<T>`] is parsed from |
//! | --- | --- |
//! | `application/json`, `application/…+json`, or none | the body, as JSON |
//! | `application/x-www-form-urlencoded` | the body, as a form; a field of a struct that is given twice is an error |
//! | anything else | nothing: 415 `unsupported_media_type` |
//! | no body with `GET`, `HEAD` or `DELETE` | the query string, as a form |
//! | no body with another method | nothing: 400 `invalid_input` |
//! | no body and no query, where `T` is an `Option` | nothing: it is `None` |
//! | anything, where `T` is `()` | nothing: the body is not looked at |
//!
//! What does not parse, is not UTF-8, or is said to be Base64 and isn't, is 400 `invalid_input`; more than [`MAX_BODY`] bytes are
//! 413 `payload_too_large`. A handler sees none of these. In the log they are warnings, with the place in the body and the kind
//! of mistake, and nothing of the data.
//!
//! # What is added to an answer
//!
//! `cache-control: no-store` and `x-content-type-options: nosniff`, unless the handler has set them; `content-type:
//! application/octet-stream` where it answers with bytes of no type. lambda_http turns a text in another charset into UTF-8; the
//! `charset` then says so.

mod answer;
mod body;
mod front;
mod problem;
mod request;

/// What the expansion of `#[secure_handler(http)]` calls.
#[doc(hidden)]
pub mod expansion {
    pub use super::{
        answer::{Answer, IsAnswer, answer, responds},
        body::{HttpEvent, request},
        request::{Request, begin},
    };
}

pub use lambda_http::{
    Body, IntoResponse, Request,
    http::{Method, Response, StatusCode},
};

pub use self::{
    body::MAX_BODY,
    front::{run, run_concurrent},
    request::HttpRequest,
};
