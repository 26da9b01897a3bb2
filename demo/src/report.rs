//! What was seen of each event: the same for the eye (`table`) and for machines (serde).

use std::fmt::Write as _;

use secure_testing::{Error, Function, Outcome, Reply, memory::Search};
use serde::{Serialize, Serializer};

use crate::{
    events::Event,
    functions::{DATABASE_PASSWORD, Functions, SIGNING_KEY},
};

/// All that was seen.
#[derive(Serialize)]
pub(crate) struct Report {
    /// Whether the secured function told a secret to a caller or the log, or did not live.
    pub(crate) secured_failed: bool,
    pub(crate) plain: Total,
    pub(crate) secured: Total,
    pub(crate) events: Vec<Scene>,
}

/// How many events of all.
#[derive(Serialize)]
pub(crate) struct Total {
    pub(crate) told_callers: usize,
    pub(crate) told_the_log: usize,
    /// `None` where memory can't be read.
    pub(crate) left_in_memory: Option<usize>,
    pub(crate) died: usize,
}

/// One event and what each function made of it.
#[derive(Serialize)]
pub(crate) struct Scene {
    pub(crate) title: String,
    /// Whether there is a password that can be looked for.
    pub(crate) has_password: bool,
    pub(crate) plain: Side,
    pub(crate) secured: Side,
}

/// What one function made of one event.
#[derive(Serialize)]
pub(crate) struct Side {
    #[serde(serialize_with = "outcome")]
    pub(crate) outcome: Outcome,
    pub(crate) caller: Text,
    pub(crate) log: Text,
    pub(crate) memory: Memory,
}

/// A text that somebody gets, and the secrets in it.
#[derive(Serialize)]
pub(crate) struct Text {
    #[serde(rename = "text")]
    pub(crate) content: String,
    pub(crate) leaks: Vec<&'static str>,
    /// Where in the text the first leak is.
    #[serde(skip)]
    pub(crate) first: Option<usize>,
}

/// What is left of the event's password in the function's memory.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Memory {
    Left {
        whole: usize,
        parts: usize,
    },
    /// This platform gives no way to look.
    Unreadable,
    /// There was no process any more.
    Dead,
    /// There was nothing to look for.
    NoPassword,
}

/// Sends every event to both functions.
pub(crate) fn observe(functions: &mut Functions, events: Vec<Event>) -> Result<Report, Error> {
    let mut scenes = Vec::with_capacity(events.len());
    for event in events {
        let plain = Side::of(&mut functions.plain, &event)?;
        let secured = Side::of(&mut functions.secured, &event)?;
        scenes.push(Scene { title: event.title, has_password: event.password.is_some(), plain, secured });
    }
    let (plain, secured) = (Total::of(&scenes, |scene| &scene.plain), Total::of(&scenes, |scene| &scene.secured));
    let secured_failed = secured.told_callers + secured.told_the_log + secured.died > 0;
    Ok(Report { secured_failed, plain, secured, events: scenes })
}

impl Total {
    fn of(scenes: &[Scene], side: impl Fn(&Scene) -> &Side) -> Self {
        let count = |holds: &dyn Fn(&Side) -> bool| scenes.iter().filter(|scene| holds(side(scene))).count();
        let readable = count(&|side| matches!(side.memory, Memory::Unreadable)) == 0;
        let left = |side: &Side| matches!(side.memory, Memory::Left { whole, parts } if whole + parts > 0);
        Self {
            told_callers: count(&|side| !side.caller.leaks.is_empty()),
            told_the_log: count(&|side| !side.log.leaks.is_empty()),
            left_in_memory: readable.then(|| count(&left)),
            died: count(&|side| matches!(side.outcome, Outcome::Crashed | Outcome::TimedOut)),
        }
    }
}

impl Side {
    fn of(function: &mut Function, event: &Event) -> Result<Self, Error> {
        let reply = function.invoke(event.payload.clone())?;
        let mut secrets: Vec<(&str, &[u8])> = vec![
            ("the database's password", DATABASE_PASSWORD.as_bytes()),
            ("the signing key", SIGNING_KEY.as_bytes()),
        ];
        secrets.extend(event.password.as_deref().map(|password| ("the password", password)));
        Ok(Self {
            outcome: reply.outcome(),
            caller: Text::new(caller(&reply), &secrets)?,
            log: Text::new(reply.log().join("\n"), &secrets)?,
            memory: Memory::of(function, &reply, event.password.as_deref())?,
        })
    }
}

/// All that a caller gets: the body and, where a secret could hide as well, every header and trailer of the function's own.
fn caller(reply: &Reply) -> String {
    let mut text = reply.text().into_owned();
    for (name, value) in reply.headers().iter().chain(reply.trailers()) {
        if name.as_str().starts_with("lambda-runtime-") {
            let _ = write!(text, "\n{name}: {}", value.as_bytes().escape_ascii());
        }
    }
    text
}

impl Text {
    fn new(content: String, secrets: &[(&'static str, &[u8])]) -> Result<Self, Error> {
        let found = Search::new(secrets.iter().map(|(_, secret)| secret))?.bytes(content.as_bytes());
        let mut leaks: Vec<_> = found.iter().map(|finding| secrets[finding.canary].0).collect();
        leaks.sort_unstable();
        leaks.dedup();
        let first = found.iter().next().and_then(|finding| usize::try_from(finding.address).ok());
        Ok(Self { content, leaks, first })
    }
}

impl Memory {
    fn of(function: &Function, reply: &Reply, password: Option<&[u8]>) -> Result<Self, Error> {
        let Some(password) = password else { return Ok(Self::NoPassword) };
        if matches!(reply.outcome(), Outcome::Crashed | Outcome::TimedOut) {
            return Ok(Self::Dead);
        }
        match function.search_memory([password]) {
            Ok(found) => Ok(Self::Left { whole: found.whole(), parts: found.fragments() }),
            Err(Error::Unsupported) => Ok(Self::Unreadable),
            Err(error) => Err(error),
        }
    }
}

// Serde's signature.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn outcome<S: Serializer>(outcome: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match outcome {
        Outcome::Answer => "answer",
        Outcome::Error => "error",
        Outcome::Crashed => "crashed",
        Outcome::TimedOut => "timed_out",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_leaks_what_is_in_it_in_any_encoding() {
        let secrets: [(&str, &[u8]); 2] = [("a", b"tulip-engine-91c2"), ("b", b"maple-harbor-70fd")];
        let leaks = |text: &str| Text::new(text.to_owned(), &secrets).unwrap();
        assert!(leaks("nothing of the tulip").leaks.is_empty());
        let both = leaks("x bWFwbGUtaGFyYm9yLTcwZmQ= tulip-engine-91c2 maple-harbor-70fd");
        assert_eq!((both.leaks, both.first), (vec!["a", "b"], Some(2)));
    }
}
