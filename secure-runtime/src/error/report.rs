//! One log event a failure: enough to find and mend it, and none of its text.
//!
//! An error's text and a parse error's quote what the caller sent. They are withheld until the log has a masker.

use std::{any::type_name, fmt};

use super::Failure;
use crate::event::ParseError;

/// Writes one event; the caller's mistakes are `warn`, ours are `error`.
///
/// A program without a subscriber (a unit test, mostly) gets a line on standard error: silence would help nobody.
macro_rules! log {
    ($failure:expr, $what:literal, $($field:tt)*) => {
        if !tracing::dispatcher::has_been_set() {
            eprintln!(concat!($what, ": {:?}"), $failure);
        } else if $failure.is_callers_mistake() {
            tracing::warn!(
                request_id = $failure.request_id(), code = $failure.code(), status = $failure.status(), $($field)*, $what
            );
        } else {
            tracing::error!(
                request_id = $failure.request_id(), code = $failure.code(), status = $failure.status(), $($field)*, $what
            );
        }
    };
}

/// A handler returned an `Err`.
pub(crate) fn failed<E>(handler: &str, failure: &Failure) {
    log!(failure, "the handler returned an error (text withheld)", handler, error_type = type_name::<E>());
}

/// A handler panicked. Place and thread are in the event of the panic hook.
pub(crate) fn panicked(handler: &str, failure: &Failure) {
    log!(failure, "the handler panicked", handler);
}

/// A payload was not what it should be.
pub(crate) fn unparsed(handler: &str, failure: &Failure, error: &ParseError) {
    let ParseError { kind, path, line, column } = error;
    log!(failure, "the payload does not parse (content withheld)", handler, kind, path, line, column);
}

/// An answer could not be turned into JSON.
pub(crate) fn unserialised(handler: &str, failure: &Failure) {
    log!(failure, "the answer does not serialise (text withheld)", handler);
}

/// A streamed answer broke off.
pub(crate) fn broken_stream<E>(handler: &str, failure: &Failure) {
    let error_type = type_name::<E>();
    log!(failure, "the answer's stream returned an error (text withheld)", handler, error_type);
}

/// The API did not take an answer. The words are lambda_runtime's, for which alarms exist.
pub(crate) fn refused(request_id: &str, status: &str) {
    let what = "Lambda Runtime API returned non-200 response";
    if tracing::dispatcher::has_been_set() {
        tracing::error!(request_id, status, "{what}");
    } else {
        eprintln!("{what}: status={status} (request {request_id})");
    }
    if status.starts_with("410") {
        let stale = "Lambda Runtime API rejected the response: invocation timed out or response was stale";
        if tracing::dispatcher::has_been_set() {
            tracing::error!(request_id, "{stale}");
        } else {
            eprintln!("{stale} (request {request_id})");
        }
    }
}

/// An answer could not be sent, or nobody knows whether it was received. It is not sent again.
pub(crate) fn unsent(request_id: &str, error: &dyn fmt::Display) {
    let what = "Lambda Runtime API request failed";
    if tracing::dispatcher::has_been_set() {
        tracing::error!(request_id, %error, "{what}");
    } else {
        eprintln!("{what}: {error} (request {request_id})");
    }
}
