//! One log event a failure: enough to find and mend it, and none of its text.
//!
//! An error's text and a parse error's quote what the caller sent. They are withheld until the log has a masker.

use std::any::type_name;

use super::Failure;

/// Writes one event; the caller's mistakes are `warn`, ours are `error`.
macro_rules! failure {
    ($failure:expr, $($field:tt)*) => {
        if $failure.is_callers_mistake() {
            tracing::warn!(
                request_id = $failure.request_id(), code = $failure.code(), status = $failure.status(), $($field)*
            );
        } else {
            tracing::error!(
                request_id = $failure.request_id(), code = $failure.code(), status = $failure.status(), $($field)*
            );
        }
    };
}

/// A handler returned an `Err`.
pub(crate) fn failed<E>(handler: &str, failure: &Failure) {
    failure!(failure, handler, error_type = type_name::<E>(), "the handler returned an error (text withheld)");
}

/// A handler panicked. Place and thread are in the event of the panic hook.
pub(crate) fn panicked(handler: &str, failure: &Failure) {
    failure!(failure, handler, "the handler panicked");
}

/// A payload was not what it should be. `line` and `column` count from 1; a column counts bytes.
pub(crate) fn unparsed(handler: &str, failure: &Failure, error: &serde_json::Error) {
    let kind = match error.classify() {
        serde_json::error::Category::Io => "io",
        serde_json::error::Category::Syntax => "syntax",
        serde_json::error::Category::Data => "data",
        serde_json::error::Category::Eof => "eof",
    };
    failure!(
        failure,
        handler,
        kind,
        line = error.line(),
        column = error.column(),
        "the payload does not parse (content withheld)"
    );
}

/// An answer could not be turned into JSON.
pub(crate) fn unserialised(failure: &Failure) {
    failure!(failure, "the answer does not serialise (text withheld)");
}

/// A streamed answer broke off.
pub(crate) fn broken_stream<E>(failure: &Failure) {
    failure!(failure, error_type = type_name::<E>(), "the answer's stream returned an error (text withheld)");
}
