//! What came of an event.

use std::{
    borrow::Cow,
    process::ExitStatus,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::Error;

/// How an invocation ended.
///
/// ```no_run
/// # fn main() -> Result<(), secure_testing::Error> {
/// use secure_testing::{Function, Outcome};
///
/// let mut function = Function::builder("target/debug/login").start()?;
/// assert_eq!(function.invoke("{")?.outcome(), Outcome::Error);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The function answered.
    Answer,
    /// The function reported an error, or ended a streamed answer with error trailers.
    Error,
    /// The process ended before it answered.
    Crashed,
    /// No answer came in time, and the process was killed.
    TimedOut,
}

/// What the caller of one invocation gets, and what the function logged meanwhile.
///
/// ```no_run
/// # fn main() -> Result<(), secure_testing::Error> {
/// use secure_testing::Function;
///
/// let mut function = Function::builder("target/debug/login").start()?;
/// let reply = function.invoke(r#"{"user":"ann"}"#)?;
/// assert!(!reply.is_error(), "{}\n{}", reply.text(), reply.log().join("\n"));
/// let session: serde_json::Value = reply.json()?;
/// assert_eq!(session["user"], "ann");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Reply {
    pub(crate) request_id: String,
    pub(crate) outcome: Outcome,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) trailers: HeaderMap,
    pub(crate) log: Vec<String>,
}

impl Reply {
    /// The invocation's id, as the function saw it in `lambda-runtime-aws-request-id`.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// How the invocation ended.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Whether the invocation ended otherwise than with an [`Outcome::Answer`].
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.outcome != Outcome::Answer
    }

    /// What the caller gets: what the function posted or, after a crash or a time-out, the JSON that Lambda makes up.
    ///
    /// A streamed answer is one body here, with its metadata prelude at the front.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The [body](Self::body) as text; bytes that are no UTF-8 are replaced by U+FFFD.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The [body](Self::body) read as JSON.
    ///
    /// # Errors
    /// [`Error::Json`] when it isn't JSON, or not of `T`'s shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|source| Error::Json { source, text: self.text().into_owned() })
    }

    /// The headers that the function posted with its answer or error; none after a crash or a time-out.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The trailers that ended a streamed answer.
    #[must_use]
    pub fn trailers(&self) -> &HeaderMap {
        &self.trailers
    }

    /// The lines that the process wrote from the handing out of this event until it was idle again: those of stdout, then
    /// those of stderr. Of events in flight together each has the lines of all.
    #[must_use]
    pub fn log(&self) -> &[String] {
        &self.log
    }

    /// What Lambda tells the caller when the process ends without an answer.
    pub(crate) fn crashed(request_id: String, status: ExitStatus) -> Self {
        let how = if status.success() {
            "Runtime exited without providing a reason".to_owned()
        } else {
            format!("Runtime exited with error: {status}")
        };
        let message = format!("RequestId: {request_id} Error: {how}");
        let body = json!({"errorType": "Runtime.ExitError", "errorMessage": message});
        Self::made_up(request_id, Outcome::Crashed, &body)
    }

    /// What Lambda tells the caller when it kills the process.
    pub(crate) fn timed_out(request_id: String, after: Duration) -> Self {
        let (now, seconds) = (rfc3339(SystemTime::now()), after.as_secs_f64());
        let message = format!("{now} {request_id} Task timed out after {seconds:.2} seconds");
        Self::made_up(request_id, Outcome::TimedOut, &json!({"errorMessage": message}))
    }

    fn made_up(request_id: String, outcome: Outcome, body: &serde_json::Value) -> Self {
        let body = body.to_string().into();
        Self { request_id, outcome, headers: HeaderMap::new(), body, trailers: HeaderMap::new(), log: Vec::new() }
    }
}

/// A time as Lambda writes it: `2026-01-31T23:59:59.000Z`.
fn rfc3339(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (mut days, of_day) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let millis = since.subsec_millis();
    format!("{year}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z", month + 1, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_lambda_writes_them() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.007Z"),
            (951_782_400, "2000-02-29T00:00:00.007Z"),
            (1_735_689_599, "2024-12-31T23:59:59.007Z"),
            (4_107_542_400, "2100-03-01T00:00:00.007Z"),
        ] {
            assert_eq!(rfc3339(UNIX_EPOCH + Duration::new(seconds, 7_000_000)), text);
        }
    }
}
