//! One log event a failure: enough to find and mend it. What an error says goes through the masker first, whatever subscriber the
//! program has.

use std::{
    any::type_name,
    fmt,
    panic::Location,
    time::{Duration, Instant},
};

use super::{Failure, Text};
use crate::{event::ParseError, log::masked, panic::caught};

/// Of whom a failure is told.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// The handler's name, or what stands for it.
    pub(crate) handler: &'a str,
    /// Where the handler is written.
    pub(crate) place: Option<&'static Location<'static>>,
    pub(crate) started: Instant,
    /// Of a queue's record: which one.
    pub(crate) message_id: Option<&'a str>,
}

/// Writes one event; the caller's mistakes are `warn`, ours are `error`.
///
/// A program without a subscriber (a unit test, mostly) gets a line on standard error: silence would help nobody.
macro_rules! log {
    ($subject:expr, $failure:expr, $what:literal $(, $($field:tt)*)?) => {
        let (failure, subject): (&Failure, Subject<'_>) = ($failure, $subject);
        let place = subject.place.map(ToString::to_string).unwrap_or_default();
        let duration_ms = milliseconds(subject.started.elapsed());
        if !tracing::dispatcher::has_been_set() {
            eprintln!(concat!($what, ": {:?}"), failure);
        } else if failure.is_callers_mistake() {
            tracing::warn!(
                request_id = failure.request_id(), code = failure.code(), status = failure.status(),
                message_id = subject.message_id, handler = subject.handler, place, duration_ms, $($($field)*,)? $what
            );
        } else {
            tracing::error!(
                request_id = failure.request_id(), code = failure.code(), status = failure.status(),
                message_id = subject.message_id, handler = subject.handler, place, duration_ms, $($($field)*,)? $what
            );
        }
    };
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// What an error says, and what its sources say; a `Display` may panic, and the failure is told all the same.
fn told(text: &Text<'_>) -> (Option<String>, Option<String>) {
    let said = |text: String| (!text.is_empty()).then_some(text);
    caught(|| (said(masked(&text.words())), said(masked(&text.sources().join(": "))))).unwrap_or_default()
}

/// A handler returned an `Err`. Gives its text, as it was logged.
pub(crate) fn failed<E>(subject: Subject<'_>, failure: &Failure, text: Text<'_>) -> String {
    let (error, source) = told(&text);
    log!(subject, failure, "the handler returned an error", error_type = type_name::<E>(), error, source);
    error.into_iter().chain(source).collect::<Vec<_>>().join(": ")
}

/// A handler panicked. Place, thread and message are in the event of the panic hook.
pub(crate) fn panicked(subject: Subject<'_>, failure: &Failure) {
    log!(subject, failure, "the handler panicked");
}

/// A handler was still busy shortly before its deadline, and was dropped.
pub(crate) fn timed_out(subject: Subject<'_>, failure: &Failure) {
    log!(subject, failure, "the handler did not end in time");
}

/// A payload was not what it should be.
pub(crate) fn unparsed(subject: Subject<'_>, failure: &Failure, error: &ParseError) {
    let ParseError { kind, path, line, column } = error;
    if *kind == ParseError::VALIDATION {
        log!(subject, failure, "the payload is not valid", kind, path);
        return;
    }
    log!(subject, failure, "the payload does not parse", kind, path, line, column);
}

/// A dead letter could not be put aside.
#[cfg(feature = "sqs")]
pub(crate) fn not_put_aside(subject: Subject<'_>, failure: &Failure, text: Text<'_>) {
    let (error, source) = caught(|| (masked(&text.words()), masked(&text.sources().join(": ")))).unwrap_or_default();
    log!(subject, failure, "the dead letter could not be put aside", error, source);
}

/// A record failed, and those behind it in its group are left to come again after it.
#[cfg(feature = "sqs")]
pub(crate) fn group_stopped(subject: Subject<'_>, request_id: &str, records: usize) {
    let what = "the rest of the message group is not handled in this batch";
    if tracing::dispatcher::has_been_set() {
        let Subject { handler, message_id, .. } = subject;
        tracing::warn!(request_id, message_id, handler, records, "{what}");
    } else {
        eprintln!("{what}: {records} records (request {request_id})");
    }
}

/// An answer could not be turned into JSON.
pub(crate) fn unserialised(subject: Subject<'_>, failure: &Failure, error: &serde_json::Error) {
    let error = caught(|| masked(&error.to_string())).unwrap_or_default();
    log!(subject, failure, "the answer does not serialise", error);
}

/// An answer is longer than Lambda takes.
pub(crate) fn too_long(subject: Subject<'_>, failure: &Failure, bytes: usize, limit: usize) {
    log!(subject, failure, "the answer is longer than Lambda takes", bytes, limit);
}

/// A streamed answer broke off.
pub(crate) fn broken_stream<E>(subject: Subject<'_>, failure: &Failure, text: Text<'_>) {
    let (error, source) = told(&text);
    log!(subject, failure, "the answer's stream returned an error", error_type = type_name::<E>(), error, source);
}

/// A service was not ready to be called.
pub(crate) fn not_ready<E>(subject: Subject<'_>, failure: &Failure) {
    log!(subject, failure, "the service was not ready", error_type = type_name::<E>());
}

/// The runtime has no timers, so that no handler can be stopped at its deadline.
pub(crate) fn no_timers() {
    const WHAT: &str =
        "this runtime has no timers: a handler that is busy at its deadline is stopped by Lambda, not answered";
    if tracing::dispatcher::has_been_set() {
        tracing::warn!("{WHAT}");
    } else {
        eprintln!("{WHAT}");
    }
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
