//! The secrets of the running invocations, for the log to mask.
//!
//! A stand-in: nothing registers here yet but tests.

#[cfg(test)]
use std::sync::MutexGuard;
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

static GENERATION: AtomicU64 = AtomicU64::new(0);
static LIVE: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// Changes whenever the set of live secrets changes.
pub(crate) fn generation() -> u64 {
    GENERATION.load(Ordering::Acquire)
}

/// Lends the bytes of every secret of the running invocations.
pub(crate) fn with_all<R>(f: impl FnOnce(&[&[u8]]) -> R) -> R {
    let live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
    f(&live.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// Makes these the live secrets until the guard is dropped; one test at a time.
#[cfg(test)]
pub(crate) fn pretend(secrets: &[&[u8]]) -> Pretence {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    set(secrets.iter().map(|secret| secret.to_vec()).collect());
    Pretence { _turn: turn }
}

#[cfg(test)]
pub(crate) struct Pretence {
    _turn: MutexGuard<'static, ()>,
}

#[cfg(test)]
impl Drop for Pretence {
    fn drop(&mut self) {
        set(Vec::new());
    }
}

#[cfg(test)]
fn set(secrets: Vec<Vec<u8>>) {
    *LIVE.lock().unwrap_or_else(PoisonError::into_inner) = secrets;
    GENERATION.fetch_add(1, Ordering::Release);
}
