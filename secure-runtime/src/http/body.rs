//! What a request's body becomes, or why it becomes nothing.

use std::fmt;

use lambda_http::{
    Body,
    http::{HeaderValue, Method, Response},
};
use serde::{
    Deserialize,
    de::{IgnoredAny, IntoDeserializer as _, value::UnitDeserializer},
};

use super::{
    problem,
    request::{HttpRequest, Raw, RawRequest},
};
use crate::{
    __v1::{Invocation, Opaque, ParseError},
    SecureEvent,
    event::{from_form, from_slice, validated},
};

/// The longest body that is parsed, in bytes, after its Base64 has been decoded: 6 MiB, which is also the longest event that
/// Lambda takes. More is answered with 413 `payload_too_large`. A handler of `HttpRequest<()>`, which parses none, is called all the
/// same.
///
/// ```
/// assert_eq!(secure_runtime::http::MAX_BODY, 6 * 1024 * 1024);
/// ```
///
/// Source: [Lambda's quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
pub const MAX_BODY: usize = 6 << 20;

/// A handler's event parameter, parsed from the request that it borrows from.
#[diagnostic::on_unimplemented(
    message = "SH005: the event of a handler of HTTP requests is an `HttpRequest`, not `{Self}`",
    label = "not a request",
    note = "help: take the request as `request: HttpRequest<T>`, where `T` is a `#[secure_event]` or `()`"
)]
pub trait HttpEvent<'inv>: Sized {
    /// Makes it of `raw`.
    ///
    /// # Errors
    /// What the caller is told, and what the log is.
    #[doc(hidden)]
    fn parse(raw: &'inv RawRequest, invocation: &Invocation) -> Result<Self, (Opaque, ParseError)>;
}

impl<'inv, T: SecureEvent + Deserialize<'inv>> HttpEvent<'inv> for HttpRequest<T> {
    fn parse(raw: &'inv RawRequest, invocation: &Invocation) -> Result<Self, (Opaque, ParseError)> {
        let body = body(&raw.0)?;
        let body = validated(body).map_err(|error| (Opaque::INVALID_INPUT, error))?;
        Ok(Self::new(body, raw, invocation.scope()))
    }
}

/// Makes a handler's request of what came.
///
/// # Errors
/// With the answer to a request that does not fit.
#[allow(clippy::result_large_err, reason = "it is the answer, and returned at once")]
pub fn request<'inv, E: HttpEvent<'inv>>(invocation: &Invocation, raw: &'inv RawRequest) -> Result<E, Response<Body>> {
    invocation.parsed(|| E::parse(raw, invocation)).map_err(|failure| problem::document(&failure))
}

/// What a body is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Form,
    Unknown,
}

impl Format {
    /// By a content type. Its parameters say nothing that counts: JSON is UTF-8, and so are forms.
    pub(super) fn of(content_type: Option<&HeaderValue>) -> Self {
        let Some(value) = content_type else { return Self::Json };
        let Ok(value) = value.to_str() else { return Self::Unknown };
        let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            other if other.starts_with("application/") && other.ends_with("+json") => Self::Json,
            _ => Self::Unknown,
        }
    }
}

fn body<'inv, T: Deserialize<'inv>>(raw: &'inv Raw) -> Result<T, (Opaque, ParseError)> {
    if is_nothing::<T>() {
        let nothing: UnitDeserializer<Never> = ().into_deserializer();
        return T::deserialize(nothing).map_err(|_| invalid("data"));
    }
    let content = raw.body.content();
    if content.len() > MAX_BODY {
        return Err((Opaque::PAYLOAD_TOO_LARGE, ParseError::of_kind("length")));
    }
    if content.is_empty() {
        // An `Option` is none then.
        if raw.form.is_empty()
            && let Ok(none) = from_slice(b"null")
        {
            return Ok(none);
        }
        return if [Method::GET, Method::HEAD, Method::DELETE].contains(&raw.method) {
            form(raw.form.as_bytes())
        } else {
            Err(invalid("no body"))
        };
    }
    match raw.format() {
        Format::Unknown => Err((Opaque::UNSUPPORTED_MEDIA_TYPE, ParseError::of_kind("content type"))),
        _ if std::str::from_utf8(content).is_err() => Err(invalid("utf-8")),
        Format::Json => from_slice(content).map_err(|error| (Opaque::INVALID_INPUT, error)),
        Format::Form => form(content),
    }
}

fn form<'inv, T: Deserialize<'inv>>(text: &'inv [u8]) -> Result<T, (Opaque, ParseError)> {
    // What is no UTF-8 behind its percent signs has become this.
    if form_urlencoded::parse(text).any(|(key, value)| [key, value].iter().any(|text| text.contains('\u{FFFD}'))) {
        return Err(invalid("utf-8"));
    }
    from_form(text).map_err(|error| (Opaque::INVALID_INPUT, error))
}

fn invalid(kind: &'static str) -> (Opaque, ParseError) {
    (Opaque::INVALID_INPUT, ParseError::of_kind(kind))
}

/// Whether a type takes nothing of a body.
fn is_nothing<T>() -> bool {
    let id = typeid::of::<T>();
    id == typeid::of::<()>() || id == typeid::of::<IgnoredAny>()
}

/// An error that nobody reads.
#[derive(Debug)]
struct Never;

impl fmt::Display for Never {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not nothing")
    }
}

impl std::error::Error for Never {}

impl serde::de::Error for Never {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}
