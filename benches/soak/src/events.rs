//! What is sent: every way of handling a text, in a fixed mix, with canaries as the texts.

use secure_testing::{Canary, Outcome};
use serde_json::json;

/// How many canaries there are. Each is in hundreds of events, so that whatever any event leaves is among what is searched for.
const CANARIES: usize = 256;

/// What handlers do with a text: `tests/src/residue.rs` and `soak_function.rs` have the code. With how the event ends.
const MODES: [(&str, Outcome); 30] = [
    ("answer", Outcome::Answer),
    ("stream", Outcome::Answer),
    ("error", Outcome::Error),
    ("panic", Outcome::Error),
    ("panic_after_await", Outcome::Error),
    ("cancelled", Outcome::Answer),
    ("select", Outcome::Answer),
    ("blocking", Outcome::Answer),
    ("expose_blocking", Outcome::Answer),
    ("spawned", Outcome::Answer),
    ("aborted", Outcome::Answer),
    ("channels", Outcome::Answer),
    ("joined", Outcome::Answer),
    ("deep", Outcome::Answer),
    ("held", Outcome::Answer),
    ("secret", Outcome::Answer),
    ("grown", Outcome::Answer),
    ("maps", Outcome::Answer),
    ("format", Outcome::Answer),
    ("json", Outcome::Answer),
    ("base64", Outcome::Answer),
    ("sha2", Outcome::Answer),
    ("argon2", Outcome::Answer),
    ("to_uppercase", Outcome::Answer),
    ("sort", Outcome::Answer),
    ("log", Outcome::Answer),
    ("sealed file", Outcome::Answer),
    ("token", Outcome::Answer),
    (WRONG_SHAPE, Outcome::Error),
    (CUT_OFF, Outcome::Error),
];
/// The text is where none is expected.
const WRONG_SHAPE: &str = "wrong shape";
/// The payload ends in the middle of the text.
const CUT_OFF: &str = "cut off";
/// A file that a tool leaves in `/tmp`. Not where invocations run beside each other: there nobody knows whose it is.
const LEFT_IN_TMP: &str = "left in tmp";

/// How long texts are: of a hundred, so many.
const SIZES: [(usize, usize); 4] = [(200, 80), (1 << 10, 16), (16 << 10, 3), (100 << 10, 1)];

/// An event.
#[derive(Debug)]
pub struct Event {
    /// What the function does with the text.
    pub mode: &'static str,
    /// How that ends.
    pub outcome: Outcome,
    /// What is sent.
    pub payload: String,
}

/// All events of a run, without an end.
#[derive(Debug)]
pub struct Events {
    canaries: Vec<Canary>,
    modes: Vec<(&'static str, Outcome)>,
    next: usize,
}

impl Events {
    /// Events for a function that runs `together` at once.
    #[must_use]
    pub fn new(together: usize) -> Self {
        let canaries = (0..CANARIES).map(|_| Canary::random()).collect();
        let mut modes = MODES.to_vec();
        if together == 1 {
            modes.push((LEFT_IN_TMP, Outcome::Answer));
        }
        Self { canaries, modes, next: 0 }
    }

    /// What must not be found afterwards: the canaries, and the same in capitals, which is what one mode makes of them.
    #[must_use]
    pub fn needles(&self) -> Vec<String> {
        let texts = self.canaries.iter().map(Canary::as_str);
        texts.flat_map(|text| [text.to_owned(), text.to_uppercase()]).collect()
    }

    /// How many ways of handling a text there are in the mix.
    #[must_use]
    pub fn modes(&self) -> usize {
        self.modes.len()
    }
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let Plan { mode, canary, size } = self.plan(self.next);
        self.next += 1;
        let (mode, outcome) = self.modes[mode];
        let payload = payload(mode, &self.canaries[canary], size);
        Some(Event { mode, outcome, payload })
    }
}

/// What an event is made of, by places in the lists.
struct Plan {
    mode: usize,
    canary: usize,
    size: usize,
}

impl Events {
    /// Modes in turn, canaries and sizes as chance would have it; the same in every run.
    fn plan(&self, at: usize) -> Plan {
        let chance = scattered(at);
        Plan { mode: at % self.modes.len(), canary: chance % CANARIES, size: size(chance / CANARIES % 100) }
    }
}

/// A number that looks like chance (how `SplitMix64` mixes).
fn scattered(at: usize) -> usize {
    let mut mixed = at.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// The size at a place in a hundred.
fn size(mut place: usize) -> usize {
    for (size, share) in SIZES {
        match place.checked_sub(share) {
            None => return size,
            Some(rest) => place = rest,
        }
    }
    unreachable!("the shares are of a hundred")
}

fn payload(mode: &str, canary: &Canary, size: usize) -> String {
    let line = format!("{canary} ");
    let text = line.repeat(size.div_ceil(line.len()));
    match mode {
        WRONG_SHAPE => json!({"mode": "answer", "text": {"deeper": [text]}}).to_string(),
        CUT_OFF => json!({"mode": "answer", "text": text}).to_string()[..size].to_owned(),
        mode => json!({"mode": mode, "text": text}).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_mode_meets_every_size_and_canary() {
        let events = Events::new(1);
        let (mut sizes, mut canaries) = (BTreeSet::new(), BTreeSet::new());
        for plan in (0..150_000).map(|at| events.plan(at)) {
            sizes.insert((plan.mode, plan.size));
            canaries.insert((plan.mode, plan.canary));
        }
        assert_eq!(sizes.len(), events.modes() * SIZES.len());
        assert_eq!(canaries.len(), events.modes() * CANARIES);
    }

    #[test]
    fn an_event_holds_what_is_searched_for() {
        let mut events = Events::new(8);
        let needles = events.needles();
        let modes = events.modes();
        for event in events.by_ref().take(modes) {
            assert!(needles.iter().any(|needle| event.payload.contains(needle)), "{}", event.mode);
        }
    }

    #[test]
    fn shares_are_of_a_hundred() {
        assert_eq!(SIZES.iter().map(|(_, share)| share).sum::<usize>(), 100);
        let of = |size_wanted| (0..100).filter(|&place| size(place) == size_wanted).count();
        assert_eq!(SIZES.map(|(size, _)| of(size)), SIZES.map(|(_, share)| share));
    }
}
