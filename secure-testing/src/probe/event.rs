//! The events of a probe.

use std::{fmt, sync::Arc};

use serde_json::Value;

use super::plant::{Planted, plant};
use crate::{Canary, Outcome, Payload};

/// An event to be sent again and again, each time with canaries of its own.
#[derive(Clone, Debug)]
pub(super) struct Event {
    source: Source,
    pub(super) expected: Outcome,
}

#[derive(Clone)]
enum Source {
    Fields { event: Payload, paths: Vec<String> },
    Made(Arc<dyn Fn(&Canary) -> Payload + Send + Sync>),
}

/// What is sent once.
#[derive(Debug)]
pub(super) struct Shot {
    pub(super) payload: Payload,
    pub(super) planted: Vec<Planted>,
    pub(super) expected: Outcome,
}

/// What a canary is called that a closure has placed.
const MADE: &str = "event_with";

impl Event {
    pub(super) fn with_fields(event: Payload, paths: Vec<String>) -> Self {
        Self { source: Source::Fields { event, paths }, expected: Outcome::Answer }
    }

    pub(super) fn made(make: impl Fn(&Canary) -> Payload + Send + Sync + 'static) -> Self {
        Self { source: Source::Made(Arc::new(make)), expected: Outcome::Answer }
    }

    /// The event with new canaries.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(super) fn shot(&self) -> Result<Shot, String> {
        let (payload, planted) = match &self.source {
            Source::Fields { event, paths } => {
                let parsed: Result<Value, _> = serde_json::from_slice(&event.0);
                let mut event = parsed.map_err(|error| {
                    format!("isn't JSON ({error}), so no field of it can be named; see `event_with`")
                })?;
                let planted = plant(&mut event, paths)?;
                (event.into(), planted)
            }
            Source::Made(make) => {
                let canary = Canary::random();
                let payload = make(&canary);
                if payload.0 == make(&Canary::random()).0 {
                    return Err("is the same whatever the canary is: `event_with` has to place it".to_owned());
                }
                (payload, vec![Planted { field: MADE.to_owned(), canary }])
            }
        };
        Ok(Shot { payload, planted, expected: self.expected })
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fields { event, paths } => {
                f.debug_struct("Fields").field("event", event).field("paths", paths).finish()
            }
            Self::Made(_) => f.write_str("Made(..)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shot_has_canaries_of_its_own() {
        let paths = vec!["pin".to_owned()];
        for event in
            [Event::with_fields(r#"{"pin":"x"}"#.into(), paths), Event::made(|canary| format!("pin={canary}").into())]
        {
            let (one, other) = (event.shot().unwrap(), event.shot().unwrap());
            let sent = String::from_utf8_lossy(&one.payload.0).into_owned();
            assert!(sent.contains(one.planted[0].canary.as_str()), "{sent}");
            assert_ne!(one.planted[0].canary, other.planted[0].canary);
        }
    }

    #[test]
    fn what_is_no_event_is_refused() {
        let refused = |event: Event| event.shot().unwrap_err();
        let cut_off = refused(Event::with_fields(r#"{"pin":"#.into(), vec!["pin".to_owned()]));
        assert!(cut_off.starts_with("isn't JSON (EOF while parsing"), "{cut_off}");
        let without = refused(Event::made(|_| r#"{"pin":"x"}"#.into()));
        assert_eq!(without, "is the same whatever the canary is: `event_with` has to place it");
    }
}
