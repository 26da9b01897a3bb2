//! The masker: takes secrets and credentials out of what is about to be written.
//!
//! `patterns` finds the bytes of live secrets and their encodings, `shapes` what looks like a credential, `cards` card numbers; each in
//! every `view` of the line. `found` replaces them. No copy of a secret is kept for it from line to line.

mod cards;
mod encode;
mod found;
mod patterns;
#[cfg(test)]
mod properties;
mod shapes;
mod view;

use std::{
    cell::OnceCell,
    sync::{Arc, Mutex, PoisonError},
};

use self::{
    found::Found,
    patterns::{End, Ends, Patterns},
};
use crate::{
    scrub::{Buffer, wipe_below},
    secret::live,
};

/// What is masked at the moment.
pub(super) struct Masks {
    generation: u64,
    /// In a box: the place of patterns that aren't there would hold what was on the stack, for as long as these live.
    secrets: Option<Box<Patterns>>,
}

static LAST: Mutex<Option<Arc<Masks>>> = Mutex::new(None);

/// What is to be masked by now. In a test, what the test [pretends](pretend) to be secret: others run at the same time.
pub(super) fn now() -> Arc<Masks> {
    #[cfg(test)]
    return PRETENCE.with_borrow(|secrets| Arc::new(Masks { generation: 0, secrets: Patterns::of(&slices(secrets)) }));
    #[cfg(not(test))]
    of_live()
}

#[cfg(test)]
thread_local! {
    static PRETENCE: std::cell::RefCell<Vec<Vec<u8>>> = const { std::cell::RefCell::new(Vec::new()) };
}

#[cfg(test)]
fn slices(secrets: &[Vec<u8>]) -> Vec<&[u8]> {
    secrets.iter().map(Vec::as_slice).collect()
}

/// Makes these the secrets of this thread's log.
#[cfg(test)]
pub(super) fn pretend(secrets: &[&[u8]]) {
    PRETENCE.set(secrets.iter().map(|secret| secret.to_vec()).collect());
}

/// What is to be masked of the live secrets: the same as for the last line, unless secrets have come or gone.
fn of_live() -> Arc<Masks> {
    let generation = live::generation();
    let last = || LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(masks) = last().as_ref().filter(|masks| masks.generation == generation) {
        return Arc::clone(masks);
    }
    // Secrets that come meanwhile are found once too often, and not once too little: they come with a generation of their own.
    let secrets = live::with_all(Patterns::of);
    // What is made here outlives the line, and perhaps the invocation.
    wipe_below();
    let masks = Arc::new(Masks { generation, secrets });
    let outdated = last().replace(Arc::clone(&masks));
    drop(outdated);
    masks
}

/// Drops the fingerprints of the secrets of the last line. They are no copies, but of a short secret they are as good as one to
/// whoever can read this process's memory. Called when an invocation's secrets are gone.
pub(crate) fn forget() {
    let outdated = LAST.lock().unwrap_or_else(PoisonError::into_inner).take();
    drop(outdated);
}

impl Masks {
    /// The text with what must not be written replaced; `None` when there is nothing of the kind. For a text in which `"` ends a
    /// value, what is replaced outside of one is quoted.
    pub(super) fn mask(&self, text: &[u8]) -> Option<Buffer> {
        let mut found = self.find_live(text)?;
        found::quote_values(text, &mut found);
        Some(replaced(text, &found::joined(text, found)))
    }

    /// The same for a part of a JSON text, or anything else that has no structure.
    pub(super) fn mask_part(&self, text: &[u8]) -> Option<Buffer> {
        Some(replaced(text, &self.find_live(text)?))
    }

    fn find_live(&self, text: &[u8]) -> Option<Vec<Found>> {
        let ends = OnceCell::new();
        self.find(text, &|encoding, text| ends.get_or_init(|| live::with_all(Ends::of)).end(encoding, text))
    }

    fn find(&self, text: &[u8], end: &End<'_>) -> Option<Vec<Found>> {
        let mut found = Vec::new();
        let spaced = self.secrets.as_ref().is_some_and(|secrets| secrets.spaced);
        view::each(text, spaced, &mut |view| {
            let mut add = |kind, range| found.push(Found { range: view.in_line(range), kind, quoted: false });
            shapes::each(view.bytes, &mut add);
            cards::each(view.bytes, &mut |range| add("a card number", range));
            if let Some(secrets) = &self.secrets {
                secrets.each(view.bytes, end, &mut |range| add("a secret", range));
            }
        });
        (!found.is_empty()).then(|| found::joined(text, found))
    }
}

fn replaced(text: &[u8], found: &[Found]) -> Buffer {
    let mut out = Buffer::of(text.len() + 64 * found.len());
    found::write(text, found, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    #[test]
    fn a_secret_is_masked_while_it_lives() {
        let text = b"is it kept-by-nobody?";
        let secret = Secret::brand(String::from("kept-by-nobody"));
        assert_eq!(of_live().mask(text).unwrap().content(), b"is it [redacted secret, 14 bytes]?");
        let long = "kept by nobody ".repeat(9);
        let another = Secret::brand(long.clone());
        assert_eq!(of_live().mask(long.as_bytes()).unwrap().content(), b"[redacted secret, 135 bytes]");
        drop((secret, another));
        forget();
        assert!(of_live().mask(text).is_none() && of_live().mask(long.as_bytes()).is_none());
    }
}
