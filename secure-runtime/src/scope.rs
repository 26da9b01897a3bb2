//! The invocation that this thread is polling right now.
//!
//! It is set around every poll and taken back after it, so that it follows the invocation from thread to thread and no
//! two invocations of one thread are mistaken for one another.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, PoisonError},
};

use crate::error::Failure;

/// What is known of an invocation wherever its code runs.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    /// The last failure made in this invocation: the one way to know our own answer in an error of somebody else's type.
    failure: Mutex<Option<Failure>>,
}

impl Invocation {
    pub(crate) fn new(request_id: &str) -> Arc<Self> {
        Arc::new(Self { request_id: request_id.to_owned(), failure: Mutex::new(None) })
    }

    pub(crate) fn take_failure(&self) -> Option<Failure> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<Invocation>>> = const { RefCell::new(None) };
}

/// The invocation that is being polled, if one is.
pub(crate) fn current() -> Option<Arc<Invocation>> {
    // A thread that is shutting down has no invocation any more.
    CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
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
        *invocation.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure.clone());
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
}
