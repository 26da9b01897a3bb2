//! Which secrets there are, for the log to mask.
//!
//! A secret that lives is known by where its bytes lie; nothing is copied. One that came with the event and is gone, and one that
//! is a number, is known by a fingerprint, by which its value is found again in the event's own bytes, which stay until the invocation has ended: an
//! error that quotes it is logged after the handler's locals are gone. Of a secret that did not come with the event and is gone,
//! nothing is known any more.

use std::{
    collections::{BTreeMap, HashSet},
    hash::{BuildHasher, RandomState},
    slice,
    sync::{
        LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use zeroize::Zeroizing;

use super::bytes;
use crate::scope;

/// A secret's bytes, where they lie.
struct Place {
    start: *const u8,
    len: usize,
}

// SAFETY: the bytes are read through it only under the lock of `LIVE`, and whoever drops the secret on whatever thread takes
// the place out under that lock first.
unsafe impl Send for Place {}

/// By where they begin. However many secrets an event brings, and in whatever order they go, one more costs little.
static LIVE: Mutex<BTreeMap<usize, Place>> = Mutex::new(BTreeMap::new());
static GENERATION: AtomicU64 = AtomicU64::new(0);

/// Nothing that holds the lock can leave the list half-changed.
fn live() -> MutexGuard<'static, BTreeMap<usize, Place>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes where a new secret's bytes lie. A number's digits lie nowhere: it is known by its fingerprint from the beginning.
pub(super) fn register<T>(value: &T) {
    match bytes::place_of(value) {
        Some(bytes) if !bytes.is_empty() => {
            live().insert(bytes.as_ptr().addr(), Place { start: bytes.as_ptr(), len: bytes.len() });
            changed();
        }
        Some(_) => {}
        None => leave_fingerprint(value),
    }
}

/// Forgets where a secret's bytes lie: they are about to be wiped, or to belong to something else.
pub(super) fn forget<T>(value: &T) {
    if let Some(bytes) = bytes::place_of(value).filter(|bytes| !bytes.is_empty()) {
        live().remove(&bytes.as_ptr().addr());
        changed();
    }
}

/// Tells the invocation that is being polled how to find a secret's value in the event: it is about to be wiped, or lies nowhere.
pub(super) fn leave_fingerprint<T>(value: &T) {
    if let Some(invocation) = scope::current()
        && let Some(fingerprint) = bytes::with_bytes(value, Fingerprint::of)
    {
        invocation.fingerprint(fingerprint);
    }
}

/// Takes every value in an invocation's bytes for a secret: they could not be parsed, so that nobody knows which of them are. Short
/// ones would hide the words of the log.
#[cfg(feature = "sqs")]
pub(crate) fn distrust(invocation: &scope::Invocation) {
    const LEAST: usize = 8;
    if let Some(bytes) = invocation.bytes() {
        values(bytes.json(), &mut |value| {
            if value.len() >= LEAST {
                invocation.fingerprint(Fingerprint::of(value));
            }
        });
    }
}

/// By what a value is recognised, and not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint {
    len: usize,
    hash: u64,
}

impl Fingerprint {
    fn of(bytes: &[u8]) -> Self {
        /// With keys of this process's own.
        static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        /// Of a long value, its beginning will do.
        const ENOUGH: usize = 64;
        Self { len: bytes.len(), hash: STATE.hash_one(&bytes[..bytes.len().min(ENOUGH)]) }
    }
}

/// The set of secrets is another one.
pub(crate) fn changed() {
    GENERATION.fetch_add(1, Ordering::Release);
}

/// Another number whenever the set of secrets may be another one.
pub(crate) fn generation() -> u64 {
    GENERATION.load(Ordering::Acquire)
}

/// Lends the bytes of every secret of the running invocations.
pub(crate) fn with_all<R>(f: impl FnOnce(&[&[u8]]) -> R) -> R {
    #[cfg(test)]
    if let Some(pretended) = pretence::of_all_tests() {
        return f(&pretended.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }
    let found: Vec<Zeroizing<Vec<u8>>> = scope::running().iter().flat_map(|invocation| found(invocation)).collect();
    let live = live();
    // SAFETY: each place is that of a secret that has not been dropped: `forget` comes first, and needs the lock that is held
    // here until `f` is done. A secret's value can't be changed, so its bytes stay where and as they are.
    let lent = live.values().map(|place| unsafe { slice::from_raw_parts(place.start, place.len) });
    let all: Vec<&[u8]> = lent.chain(found.iter().map(|value| value.as_slice())).collect();
    f(&all)
}

/// Values of an invocation's event of which there is a fingerprint.
fn found(invocation: &scope::Invocation) -> Vec<Zeroizing<Vec<u8>>> {
    let fingerprints: HashSet<_> = invocation.fingerprints().into_iter().collect();
    let mut found = Vec::new();
    if fingerprints.is_empty() {
        return found;
    }
    let mut look_at = |value: &[u8]| {
        if fingerprints.contains(&Fingerprint::of(value)) {
            found.push(Zeroizing::new(value.to_vec()));
        }
    };
    if let Some(bytes) = invocation.bytes() {
        values(bytes.json(), &mut look_at);
    }
    for texts in invocation.texts() {
        texts.values(&mut look_at);
    }
    found
}

/// Every string and every number of a JSON text, malformed or not; of a string that holds JSON itself, what is in there too.
pub(crate) fn values(json: &[u8], each: &mut dyn FnMut(&[u8])) {
    let mut rest = json;
    while let Some(start) = rest.iter().position(|&byte| byte == b'"' || byte == b'-' || byte.is_ascii_digit()) {
        rest = &rest[start..];
        if rest[0] == b'"' {
            let len = string_len(rest);
            if let Ok(text) = serde_json::from_slice::<String>(&rest[..len]).map(Zeroizing::new) {
                each(text.as_bytes());
                if text.trim_start().starts_with(['{', '[']) {
                    values(text.as_bytes(), each);
                }
            }
            rest = &rest[len..];
        } else {
            let len = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
            each(&rest[..len]);
            rest = &rest[len..];
        }
    }
}

/// How long the string is that begins here, quotes and all.
fn string_len(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
pub(crate) use self::pretence::{pretend, turn};

/// Tests run at once in one process, and have secrets: those that look at what is masked take turns.
#[cfg(test)]
mod pretence {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use super::changed;

    static TURN: Mutex<()> = Mutex::new(());
    static SECRETS: Mutex<Option<Vec<Vec<u8>>>> = Mutex::new(None);

    /// Waits until no other test pretends.
    pub(crate) fn turn() -> MutexGuard<'static, ()> {
        TURN.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes these all the secrets there are until the guard is dropped.
    pub(crate) fn pretend(secrets: &[&[u8]]) -> Pretence {
        let turn = turn();
        set(Some(secrets.iter().map(|secret| secret.to_vec()).collect()));
        Pretence { _turn: turn }
    }

    pub(crate) struct Pretence {
        _turn: MutexGuard<'static, ()>,
    }

    impl Drop for Pretence {
        fn drop(&mut self) {
            set(None);
        }
    }

    pub(super) fn of_all_tests() -> Option<Vec<Vec<u8>>> {
        SECRETS.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(secrets: Option<Vec<Vec<u8>>>) {
        *SECRETS.lock().unwrap_or_else(PoisonError::into_inner) = secrets;
        changed();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Secret, event::PayloadBytes, scope::Invocation, scrub::Buffer};

    fn knows(value: &[u8]) -> bool {
        with_all(|all| all.contains(&value))
    }

    #[test]
    fn a_secret_is_known_while_it_lives() {
        let _turn = turn();
        let before = generation();
        let secret = Secret::brand(String::from("known while it lives"));
        assert!(generation() > before && knows(b"known while it lives"));
        let mapped = secret.map(|text| text.to_uppercase().into_bytes());
        assert!(!knows(b"known while it lives") && knows(b"KNOWN WHILE IT LIVES"));
        let pair = mapped.zip(Secret::brand(7u8));
        assert!(!knows(b"KNOWN WHILE IT LIVES"), "the bytes of a pair aren't");
        drop(pair);
    }

    #[test]
    fn a_secret_of_the_event_is_known_until_the_invocation_has_ended() {
        let _turn = turn();
        let json = br#"{"user": "ann", "password": "gone but \"known\"", "card": 4111111111111111, "body": "{\"pin\":\"99887766\"}"}"#;
        let mut buffer = Buffer::default();
        buffer.push(json);
        let payload = 0..buffer.len();
        let invocation = Invocation::arrived("r-1", PayloadBytes::new(buffer, payload));
        {
            let _inside = scope::enter(std::sync::Arc::clone(&invocation));
            drop(Secret::brand(String::from("gone but \"known\"")));
            drop(Secret::brand(4_111_111_111_111_111_u64));
            drop(Secret::brand(String::from("99887766")));
            drop(Secret::brand(String::from("not of the event")));
        }
        assert!(knows(b"gone but \"known\"") && knows(b"4111111111111111") && knows(b"99887766"));
        assert!(!knows(b"ann") && !knows(b"not of the event"));
        drop(invocation);
        assert!(!knows(b"gone but \"known\"") && !knows(b"4111111111111111"));
    }

    #[test]
    fn a_number_of_the_event_is_known_while_it_lives_too() {
        let _turn = turn();
        let mut buffer = Buffer::default();
        buffer.push(br#"{"pin": 90817263}"#);
        let payload = 0..buffer.len();
        let invocation = Invocation::arrived("r-1", PayloadBytes::new(buffer, payload));
        let _inside = scope::enter(std::sync::Arc::clone(&invocation));
        let before = generation();
        let pin = Secret::brand(90_817_263_u32);
        assert!(generation() > before && knows(b"90817263"));
        drop(pin);
        assert!(knows(b"90817263"));
    }

    #[test]
    fn values_are_found_in_what_is_hardly_json() {
        for json in [&b"\"a\" \"unclosed"[..], b"\"\\", b"\"\xff\"", b"-", b"1e5.", b"{\"k\": [-1.5e+3, \"\\u00e9\"]}"]
        {
            let mut count = 0;
            values(json, &mut |_| count += 1);
            assert!(count <= json.len());
        }
        let mut seen = Vec::new();
        values("{\"k\": [-1.5e+3, \"\\u00e9\"]}".as_bytes(), &mut |value| seen.push(value.to_vec()));
        assert_eq!(seen, [b"k".to_vec(), b"-1.5e+3".to_vec(), "é".as_bytes().to_vec()]);
    }
}
