//! Which messages were received, and until when they are hidden from others.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// All messages that were received.
#[derive(Debug)]
pub(super) struct Held {
    visibility: Duration,
    messages: HashMap<String, State>,
    /// No message has to be extended before that.
    next: Option<Instant>,
}

#[derive(Debug)]
enum State {
    Held { receipt: String, until: Instant },
    Deleted { receipt: String },
}

/// What a message that was received is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received {
    New,
    /// It has been received before, and is held.
    Again,
    /// It has been deleted, and came all the same: a queue may do that.
    Deleted,
}

impl Held {
    pub(super) fn new(visibility: Duration) -> Self {
        Self { visibility, messages: HashMap::new(), next: None }
    }

    /// Takes a message. The newest receipt handle is the one that deletes it.
    pub(super) fn receive(&mut self, id: &str, receipt: String, now: Instant) -> Received {
        let until = now + self.visibility;
        match self.messages.get_mut(id) {
            Some(State::Deleted { receipt: old }) => {
                *old = receipt;
                Received::Deleted
            }
            Some(held) => {
                *held = State::Held { receipt, until };
                Received::Again
            }
            None => {
                self.messages.insert(id.to_owned(), State::Held { receipt, until });
                Received::New
            }
        }
    }

    /// Ids and receipt handles of what would come again before it is looked at the next time but one.
    pub(super) fn due(&mut self, now: Instant) -> Vec<(String, String)> {
        if self.next.is_some_and(|next| now < next) {
            return Vec::new();
        }
        self.next = Some(now + self.visibility / 4);
        let soon = now + self.visibility / 2;
        self.held().filter(|(_, _, until)| *until <= soon).map(|(id, receipt, _)| (id, receipt)).collect()
    }

    /// Messages were hidden for as long again.
    pub(super) fn extend<'a>(&mut self, ids: impl Iterator<Item = &'a str>, now: Instant) {
        for id in ids {
            if let Some(State::Held { until, .. }) = self.messages.get_mut(id) {
                *until = now + self.visibility;
            }
        }
    }

    pub(super) fn receipt(&self, id: &str) -> Option<&str> {
        self.messages.get(id).map(|(State::Held { receipt, .. } | State::Deleted { receipt })| receipt.as_str())
    }

    pub(super) fn deleted(&mut self, id: &str) {
        if let Some(state) = self.messages.get_mut(id)
            && let State::Held { receipt, .. } = state
        {
            *state = State::Deleted { receipt: std::mem::take(receipt) };
        }
    }

    /// Ids and receipt handles of all that is held.
    pub(super) fn all(&self) -> Vec<(String, String)> {
        self.held().map(|(id, receipt, _)| (id, receipt)).collect()
    }

    fn held(&self) -> impl Iterator<Item = (String, String, Instant)> {
        self.messages.iter().filter_map(|(id, state)| match state {
            State::Held { receipt, until } => Some((id.clone(), receipt.clone(), *until)),
            State::Deleted { .. } => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn pair(id: &str, receipt: &str) -> Vec<(String, String)> {
        vec![(id.to_owned(), receipt.to_owned())]
    }

    #[test]
    fn a_message_is_new_once() {
        let (mut held, now) = (Held::new(MINUTE), Instant::now());
        assert_eq!(held.receive("1", "first".into(), now), Received::New);
        assert_eq!(held.receive("1", "second".into(), now), Received::Again);
        assert_eq!(held.all(), pair("1", "second"));
        assert_eq!(held.receive("2", "first".into(), now), Received::New);
    }

    #[test]
    fn what_is_deleted_is_not_given_back_and_its_copies_are_known() {
        let (mut held, now) = (Held::new(MINUTE), Instant::now());
        held.receive("1", "first".into(), now);
        held.receive("2", "first".into(), now);
        held.deleted("1");
        assert_eq!(held.all(), pair("2", "first"));
        assert_eq!(held.receive("1", "second".into(), now), Received::Deleted);
        assert_eq!(held.receipt("1"), Some("second"));
        assert_eq!(held.all(), pair("2", "first"));
    }

    #[test]
    fn what_would_come_again_is_due_in_time() {
        let (mut held, start) = (Held::new(MINUTE), Instant::now());
        held.receive("1", "first".into(), start);
        assert_eq!(held.due(start), []);
        // Not asked for again within a quarter of the time, so that many messages are not looked at all the time.
        held.receive("2", "first".into(), start + MINUTE / 8);
        assert_eq!(held.due(start + MINUTE / 4), []);
        assert_eq!(held.due(start + MINUTE / 2), pair("1", "first"));
        held.extend(["1"].into_iter(), start + MINUTE / 2);
        assert_eq!(held.due(start + MINUTE * 3 / 4), pair("2", "first"));
        held.deleted("2");
        assert_eq!(held.due(start + MINUTE), pair("1", "first"));
    }

    #[test]
    fn nothing_is_forgotten_however_it_is_asked() {
        let (mut held, start) = (Held::new(MINUTE), Instant::now());
        let mut until = HashMap::new();
        for second in 0..600 {
            let now = start + Duration::from_secs(second);
            let id = second.to_string();
            held.receive(&id, String::new(), now);
            until.insert(id, now + MINUTE);
            for (id, _) in held.due(now) {
                held.extend([id.as_str()].into_iter(), now);
                until.insert(id, now + MINUTE);
            }
            assert!(until.values().all(|until| *until > now), "after {second} seconds");
        }
    }
}
