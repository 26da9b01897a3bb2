//! What a probe has found out.

use std::path::PathBuf;

use super::Residue;
use crate::{Outcome, Reply};

/// What a [`Probe`](super::Probe) has found out: how each event ended, and what was left.
///
/// It prints itself for a person: what was found, by kind of place, the most telling first, at most twenty lines of it; and for each kind
/// what most often removes it.
///
/// ```no_run
/// # fn main() -> Result<(), secure_testing::Error> {
/// let event = r#"{"user":"ann","password":"x"}"#;
/// let report = secure_testing::Probe::of("target/debug/login").event(event, ["password"]).run()?;
/// println!("{report}");
/// assert!(report.is_clean());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Report {
    pub(super) function: PathBuf,
    pub(super) findings: Vec<Residue>,
    pub(super) events: Vec<Sent>,
    pub(super) secrets: usize,
    pub(super) seen: Seen,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) bytes: u64,
    pub(super) threads: usize,
    pub(super) lines: usize,
    pub(super) files: usize,
}

/// An event that was sent, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sent {
    /// How it ended. An answer that says that it failed is an [`Outcome::Error`]: a `statusCode` of 400 and more, and
    /// `batchItemFailures`.
    pub outcome: Outcome,
    /// How it should have ended: see [`Probe::expect`](super::Probe::expect).
    pub expected: Outcome,
    /// Whether there was a process to look into afterwards.
    pub looked_at: bool,
    /// The beginning of what the caller got.
    pub reply: String,
}

/// How much of a reply is kept.
const REPLY: usize = 200;

impl Sent {
    pub(super) fn new(reply: &Reply, expected: Outcome, looked_at: bool) -> Self {
        Self { outcome: outcome(reply), expected, looked_at, reply: reply.text().chars().take(REPLY).collect() }
    }

    /// Whether it ended as it should have, and left a process to look into.
    pub(super) fn counts(&self) -> bool {
        self.outcome == self.expected && self.looked_at
    }
}

/// How an event ended, by what the answer says as well.
fn outcome(reply: &Reply) -> Outcome {
    let answer = reply.json::<serde_json::Value>().unwrap_or_default();
    let refused = answer["statusCode"].as_u64().is_some_and(|status| status >= 400);
    let failed = answer["batchItemFailures"].as_array().is_some_and(|failures| !failures.is_empty());
    if reply.outcome() == Outcome::Answer && (refused || failed) { Outcome::Error } else { reply.outcome() }
}

impl Report {
    /// What was found; the most telling first: what is whole, and what the most people can see.
    #[must_use]
    pub fn findings(&self) -> &[Residue] {
        &self.findings
    }

    /// The events, in the order in which they were sent.
    #[must_use]
    pub fn events(&self) -> &[Sent] {
        &self.events
    }

    /// Whether nothing was found, and whether that says something: all events ended as they should have, and after each there was
    /// a process to look into.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.events.iter().all(Sent::counts)
    }

    /// Asserts that the report [is clean](Self::is_clean).
    ///
    /// # Panics
    /// With the report, when it isn't.
    #[track_caller]
    pub fn assert_clean(&self) {
        assert!(self.is_clean(), "{self}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_may_say_that_it_is_an_error() {
        let reply = |outcome, body: &'static str| Reply {
            request_id: String::new(),
            outcome,
            headers: http::HeaderMap::new(),
            body: body.into(),
            trailers: http::HeaderMap::new(),
            log: Vec::new(),
        };
        for (body, expected) in [
            (r#"{"statusCode":200}"#, Outcome::Answer),
            (r#"{"statusCode":399}"#, Outcome::Answer),
            (r#"{"statusCode":400,"body":"x"}"#, Outcome::Error),
            (r#"{"statusCode":"400"}"#, Outcome::Answer),
            (r#"{"batchItemFailures":[]}"#, Outcome::Answer),
            (r#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#, Outcome::Error),
            ("no JSON", Outcome::Answer),
        ] {
            assert_eq!(outcome(&reply(Outcome::Answer, body)), expected, "{body}");
        }
        assert_eq!(outcome(&reply(Outcome::Crashed, r#"{"statusCode":200}"#)), Outcome::Crashed);
    }
}
