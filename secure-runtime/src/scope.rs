//! The invocation that this thread is polling right now.
//!
//! It is set around every poll and taken back after it, so that it follows the invocation from thread to thread and no
//! two invocations of one thread are mistaken for one another.

use std::{
    cell::RefCell,
    panic::Location,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

#[cfg(unix)]
use crate::tmp;
use crate::{
    error::Failure,
    event::PayloadBytes,
    log::mask,
    secret::{Fingerprint, live},
};

/// A secured handler: its name, and where its attribute is.
#[derive(Clone, Copy)]
pub(crate) struct Handler {
    pub(crate) name: &'static str,
    pub(crate) place: &'static Location<'static>,
}

/// How a failure is answered where it is no function error: the whole answer, as whoever has sent the event takes it.
pub(crate) type Rendering = Box<dyn Fn(&Failure) -> Vec<u8> + Send + Sync>;

/// What came with an event in another form than its bytes have it: a form, or what was in Base64.
pub(crate) trait Texts: Send + Sync {
    /// Shows every value in it that may be a secret.
    fn values(&self, each: &mut dyn FnMut(&[u8]));
}

/// What is known of an invocation wherever its code runs.
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    /// Of a queue's record: which one.
    pub(crate) message_id: Option<String>,
    pub(crate) started: Instant,
    handler: OnceLock<Handler>,
    /// The last failure made in this invocation: the one way to know our own answer in an error of somebody else's type.
    failure: Mutex<Option<Failure>>,
    /// Of a queue's record: why it failed, as the log says it.
    reason: Mutex<Option<String>>,
    /// The event's bytes.
    bytes: Mutex<Option<Arc<PayloadBytes>>>,
    /// Whether a [`RawPayload`](crate::RawPayload) may have them.
    offered: AtomicBool,
    /// By what the log recognises values in the event that are or were secrets.
    fingerprints: Mutex<Vec<Fingerprint>>,
    /// Of its temporary files.
    #[cfg(unix)]
    keys: tmp::Keys,
    #[cfg(unix)]
    sealed: OnceLock<Arc<tmp::Used>>,
    /// Where such values are found beside the event's bytes.
    texts: Mutex<Vec<Arc<dyn Texts>>>,
    rendering: OnceLock<Rendering>,
}

/// All invocations there are, for a log that doesn't know whose line it masks.
static RUNNING: Mutex<Vec<Weak<Invocation>>> = Mutex::new(Vec::new());

impl Invocation {
    /// An invocation that somebody else's loop runs, or a test.
    pub(crate) fn new(request_id: &str) -> Arc<Self> {
        Self::with(request_id, None, None)
    }

    /// An invocation of our own loop.
    pub(crate) fn arrived(request_id: &str, bytes: PayloadBytes) -> Arc<Self> {
        Self::with(request_id, None, Some(Arc::new(bytes)))
    }

    /// What one record of a queue's batch is: an invocation in the invocation, with bytes, secrets and a failure of its own.
    #[cfg(feature = "sqs")]
    pub(crate) fn of_record(request_id: &str, message_id: &str, bytes: Arc<PayloadBytes>) -> Arc<Self> {
        Self::with(request_id, Some(message_id), Some(bytes))
    }

    fn with(request_id: &str, message_id: Option<&str>, bytes: Option<Arc<PayloadBytes>>) -> Arc<Self> {
        let invocation = Arc::new(Self {
            request_id: request_id.to_owned(),
            message_id: message_id.map(str::to_owned),
            started: Instant::now(),
            handler: OnceLock::new(),
            failure: Mutex::default(),
            reason: Mutex::default(),
            bytes: Mutex::new(bytes),
            offered: AtomicBool::default(),
            fingerprints: Mutex::default(),
            #[cfg(unix)]
            keys: tmp::Keys::default(),
            #[cfg(unix)]
            sealed: OnceLock::new(),
            texts: Mutex::default(),
            rendering: OnceLock::new(),
        });
        lock(&RUNNING).push(Arc::downgrade(&invocation));
        invocation
    }

    /// Remembers which handler the event came to. Of handlers that call one another, it is the first.
    pub(crate) fn handled_by(&self, handler: Handler) {
        let _ = self.handler.set(handler);
    }

    /// The secured handler that the event came to, if it came to one.
    pub(crate) fn handler(&self) -> Option<Handler> {
        self.handler.get().copied()
    }

    pub(crate) fn take_failure(&self) -> Option<Failure> {
        lock(&self.failure).take()
    }

    /// Remembers why a record failed: whoever puts it aside wants to know.
    pub(crate) fn failed_because(&self, reason: impl FnOnce() -> String) {
        if self.message_id.is_some() {
            *lock(&self.reason) = Some(reason());
        }
    }

    #[cfg(feature = "sqs")]
    pub(crate) fn take_reason(&self) -> String {
        lock(&self.reason).take().unwrap_or_default()
    }

    /// The event's bytes, for as long as the invocation runs.
    pub(crate) fn bytes(&self) -> Option<Arc<PayloadBytes>> {
        lock(&self.bytes).clone()
    }

    /// Remembers the event's bytes where it isn't our loop that has read them.
    pub(crate) fn remember_bytes(&self, bytes: &Arc<PayloadBytes>) {
        lock(&self.bytes).get_or_insert_with(|| Arc::clone(bytes));
    }

    /// The event's bytes, at the end of the invocation; `None` when something else has them still, and will wipe them.
    pub(crate) fn take_bytes(&self) -> Option<PayloadBytes> {
        Arc::into_inner(lock(&self.bytes).take()?)
    }

    /// Has the event's bytes back from the log, for one who wipes them piece by piece. Whether it had them.
    #[cfg(feature = "sqs")]
    pub(crate) fn release(&self, bytes: &Arc<PayloadBytes>) -> bool {
        lock(&self.bytes).take_if(|known| Arc::ptr_eq(known, bytes)).is_some()
    }

    /// Gives back what was [released](Self::release).
    #[cfg(feature = "sqs")]
    pub(crate) fn give_back(&self, bytes: PayloadBytes) {
        *lock(&self.bytes) = Some(Arc::new(bytes));
    }

    /// Lets whoever asks next have a share of the event's bytes.
    pub(crate) fn offer(&self) {
        self.offered.store(true, Ordering::Relaxed);
    }

    /// Takes what was [offered](Self::offer).
    pub(crate) fn accept_offer(&self) -> Option<Arc<PayloadBytes>> {
        self.take_offer_back()
    }

    /// The offer, if nobody has accepted it.
    pub(crate) fn take_offer_back(&self) -> Option<Arc<PayloadBytes>> {
        self.offered.swap(false, Ordering::Relaxed).then(|| self.bytes()).flatten()
    }

    /// Of a secret of this invocation, the log has nothing but the event to know it by: it is no more, and its value may still
    /// stand in an error's text, or it is a number, which lies nowhere as it is written.
    pub(crate) fn fingerprint(&self, fingerprint: Fingerprint) {
        lock(&self.fingerprints).push(fingerprint);
        live::changed();
    }

    /// The keys of its temporary files.
    #[cfg(unix)]
    pub(crate) fn keys(&self) -> &tmp::Keys {
        &self.keys
    }

    /// How much its temporary files hold.
    #[cfg(unix)]
    pub(crate) fn sealed(&self) -> Arc<tmp::Used> {
        Arc::clone(self.sealed.get_or_init(Arc::default))
    }

    /// From here on, failures are answered so.
    #[cfg(feature = "http")]
    pub(crate) fn render_failures(&self, rendering: Rendering) {
        let _ = self.rendering.set(rendering);
    }

    /// What a failure is answered with where it is no function error.
    pub(crate) fn rendered(&self, failure: &Failure) -> Option<Vec<u8>> {
        self.rendering.get().map(|rendering| rendering(failure))
    }

    /// Remembers where values of the event are found beside its bytes.
    #[cfg(feature = "http")]
    pub(crate) fn remember_texts(&self, texts: Arc<dyn Texts>) {
        lock(&self.texts).push(texts);
    }

    /// What was [remembered](Self::remember_texts).
    pub(crate) fn texts(&self) -> Vec<Arc<dyn Texts>> {
        lock(&self.texts).clone()
    }

    /// Drops them at the end of the invocation.
    pub(crate) fn forget_texts(&self) {
        lock(&self.texts).clear();
    }

    /// By what values of secrets can be found in the event's bytes.
    pub(crate) fn fingerprints(&self) -> Vec<Fingerprint> {
        lock(&self.fingerprints).clone()
    }
}

impl Drop for Invocation {
    fn drop(&mut self) {
        #[cfg(unix)]
        self.keys.destroy();
        lock(&RUNNING).retain(|invocation| invocation.strong_count() > 0);
        live::changed();
        mask::forget();
    }
}

/// The invocations that have not ended.
pub(crate) fn running() -> Vec<Arc<Invocation>> {
    lock(&RUNNING).iter().filter_map(Weak::upgrade).collect()
}

/// Whether no more than one invocation runs.
#[cfg(unix)]
pub(crate) fn is_alone() -> bool {
    lock(&RUNNING).iter().filter(|invocation| invocation.strong_count() > 0).count() <= 1
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
