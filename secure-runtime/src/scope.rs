//! The invocation that this thread is polling right now.
//!
//! It is set around every poll and taken back after it, so that it follows the invocation from thread to thread and no
//! two invocations of one thread are mistaken for one another.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{error::Failure, event::PayloadBytes};

/// What is known of an invocation wherever its code runs.
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    /// The last failure made in this invocation: the one way to know our own answer in an error of somebody else's type.
    failure: Mutex<Option<Failure>>,
    /// The event's bytes, while nobody else has them.
    bytes: Mutex<Option<PayloadBytes>>,
    /// Whether a loop of ours waits for the bytes, to wipe and to use their buffer again.
    wants_bytes: bool,
}

impl Invocation {
    /// An invocation that somebody else's loop runs, or a test.
    pub(crate) fn new(request_id: &str) -> Arc<Self> {
        Arc::new(Self::with(request_id, None))
    }

    /// An invocation of our own loop.
    pub(crate) fn arrived(request_id: &str, bytes: PayloadBytes) -> Arc<Self> {
        Arc::new(Self::with(request_id, Some(bytes)))
    }

    fn with(request_id: &str, bytes: Option<PayloadBytes>) -> Self {
        let wants_bytes = bytes.is_some();
        Self { request_id: request_id.to_owned(), failure: Mutex::new(None), bytes: Mutex::new(bytes), wants_bytes }
    }

    pub(crate) fn take_failure(&self) -> Option<Failure> {
        lock(&self.failure).take()
    }

    pub(crate) fn wants_bytes(&self) -> bool {
        self.wants_bytes
    }

    pub(crate) fn take_bytes(&self) -> Option<PayloadBytes> {
        lock(&self.bytes).take()
    }

    pub(crate) fn put_bytes(&self, bytes: PayloadBytes) {
        *lock(&self.bytes) = Some(bytes);
    }
}

/// Nothing that holds one of these locks can panic half-way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<Invocation>>> = const { RefCell::new(None) };
}

/// The invocation that is being polled, if one is.
pub(crate) fn current() -> Option<Arc<Invocation>> {
    // A thread that is shutting down has no invocation any more.
    CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
}

/// The invocation that is being polled, if it is the one of this request, or a new one.
pub(crate) fn current_or_new(request_id: &str) -> Arc<Invocation> {
    current().filter(|invocation| invocation.request_id == request_id).unwrap_or_else(|| Invocation::new(request_id))
}

/// Makes `invocation` the current one until the guard is dropped.
#[must_use]
pub(crate) fn enter(invocation: Arc<Invocation>) -> Entered {
    Entered { outer: CURRENT.with(|current| current.replace(Some(invocation))) }
}

/// Gives the thread back to the invocation that was current before.
pub(crate) struct Entered {
    outer: Option<Arc<Invocation>>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.with(|current| current.replace(self.outer.take()));
    }
}

/// Remembers that the current invocation answers with `failure`.
pub(crate) fn answered_with(failure: &Failure) {
    if let Some(invocation) = current() {
        *lock(&invocation.failure) = Some(failure.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_nest_and_end_with_their_guard() {
        let id = || current().map(|invocation| invocation.request_id.clone());
        assert_eq!(id(), None);
        let outer = enter(Invocation::new("outer"));
        {
            let _inner = enter(Invocation::new("inner"));
            assert_eq!(id().as_deref(), Some("inner"));
        }
        assert_eq!(id().as_deref(), Some("outer"));
        drop(outer);
        assert_eq!(id(), None);
    }

    #[test]
    fn a_handler_joins_the_invocation_of_its_request_and_no_other() {
        let invocation = Invocation::new("r-1");
        let _inside = enter(Arc::clone(&invocation));
        assert!(Arc::ptr_eq(&current_or_new("r-1"), &invocation));
        assert_eq!(current_or_new("r-2").request_id, "r-2");
    }
}
