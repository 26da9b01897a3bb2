//! The invocations of one batch, from queued to answered: what the test's thread and the server's share.

use std::{
    fmt::Write as _,
    ops::DerefMut,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::HeaderValue;
use tokio::sync::Notify;

use crate::{Payload, Reply, canary::random_bytes};

/// What is shared, and the two ways to wait for it to change.
#[derive(Debug)]
pub(crate) struct Calls {
    pub(super) deadline: Duration,
    /// The same for all events; else each has one of its own.
    pub(super) trace_id: Option<HeaderValue>,
    state: Mutex<State>,
    changed: Condvar,
    queued: Notify,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    calls: Vec<Call>,
    /// Requests for the next event that wait for one.
    pub(crate) pollers: usize,
    /// The most of them that this process had at a time: a process is idle when all are back.
    pub(crate) most_pollers: usize,
    pub(crate) connections: usize,
    /// What this process posted to `/runtime/init/error`.
    pub(crate) init_error: Option<Bytes>,
    /// Whether this process has taken an event of this batch.
    pub(crate) progress: bool,
}

#[derive(Debug)]
struct Call {
    id: String,
    payload: Bytes,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// Since when the function could have asked for it.
    Queued(Instant),
    /// Since when the function has had it.
    Running(Instant),
    Done(Box<Reply>),
}

/// What a bounded wait came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    Happened,
    GaveUp,
}

impl Calls {
    pub(super) fn new(deadline: Duration, trace_id: Option<HeaderValue>) -> Self {
        let (state, changed, queued) = Default::default();
        Self { deadline, trace_id, state, changed, queued }
    }

    /// Looks at the state, or changes it; whoever waits looks again afterwards.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        let result = f(self.lock().deref_mut());
        self.changed.notify_all();
        result
    }

    /// Waits until a condition holds, for at most `limit`.
    pub(crate) fn wait_until(&self, limit: Duration, holds: impl Fn(&State) -> bool) -> Wait {
        let waited = self.changed.wait_timeout_while(self.lock(), limit, |state| !holds(state));
        let (_guard, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() { Wait::GaveUp } else { Wait::Happened }
    }

    /// Queues a new batch in place of the last one.
    pub(crate) fn enter(&self, payloads: Vec<Payload>) {
        let count = payloads.len();
        let call = |Payload(payload)| Call { id: request_id(), payload, phase: Phase::Queued(Instant::now()) };
        self.with(|state| {
            state.calls = payloads.into_iter().map(call).collect();
            state.progress = false;
        });
        (0..count).for_each(|_| self.queued.notify_one());
    }

    /// Waits for an event and hands it out: its request id and its payload.
    pub(super) async fn next(&self) -> (String, Bytes) {
        if let Some(event) = self.with(State::hand_out) {
            return event;
        }
        let _poller = Poller::new(self);
        loop {
            self.queued.notified().await;
            if let Some(event) = self.with(State::hand_out) {
                return event;
            }
        }
    }

    /// Counts a connection until the guard is dropped.
    pub(super) fn connected(self: &Arc<Self>) -> Connection {
        self.with(|state| state.connections += 1);
        Connection(Arc::clone(self))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock panics; if it did, the test should still report the first panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Forgets what belonged to the process before.
    pub(crate) fn fresh_process(&mut self) {
        self.most_pollers = 0;
        self.init_error = None;
        self.progress = false;
        self.restart_clocks();
    }

    pub(crate) fn all_done(&self) -> bool {
        self.calls.iter().all(|call| matches!(call.phase, Phase::Done(_)))
    }

    pub(crate) fn all_polling(&self) -> bool {
        self.pollers >= self.most_pollers.max(1)
    }

    pub(crate) fn is_outstanding(&self, id: &str) -> bool {
        self.calls.iter().any(|call| call.id == id && matches!(call.phase, Phase::Running(_)))
    }

    /// The invocation that has taken longer than `timeout`: to answer or, when the function works on nothing else, to be
    /// asked for.
    pub(crate) fn overdue(&self, timeout: Duration) -> Option<String> {
        let running = |call: &&Call| matches!(call.phase, Phase::Running(_));
        let stuck = self.pollers == 0 && !self.calls.iter().any(|call| running(&call));
        let overdue = |call: &&Call| match call.phase {
            Phase::Running(since) => since.elapsed() > timeout,
            Phase::Queued(since) => stuck && since.elapsed() > timeout,
            Phase::Done(_) => false,
        };
        self.calls.iter().find(overdue).map(|call| call.id.clone())
    }

    /// The ids of the invocations that the function has.
    pub(crate) fn running(&self) -> Vec<String> {
        let running = self.calls.iter().filter(|call| matches!(call.phase, Phase::Running(_)));
        running.map(|call| call.id.clone()).collect()
    }

    /// Files a reply, unless its invocation has one.
    pub(crate) fn finish(&mut self, reply: Reply) {
        let open = |call: &&mut Call| call.id == reply.request_id && !matches!(call.phase, Phase::Done(_));
        if let Some(call) = self.calls.iter_mut().find(open) {
            call.phase = Phase::Done(Box::new(reply));
        }
        self.progress = true;
        self.restart_clocks();
    }

    /// The replies in the order of the events, once [`all_done`](Self::all_done).
    pub(crate) fn take_replies(&mut self) -> Vec<Reply> {
        let replies = self.calls.drain(..).filter_map(|call| match call.phase {
            Phase::Done(reply) => Some(*reply),
            Phase::Queued(_) | Phase::Running(_) => None,
        });
        replies.collect()
    }

    /// Events in the queue wait from when the function is free to ask for them.
    fn restart_clocks(&mut self) {
        for call in &mut self.calls {
            if let Phase::Queued(since) = &mut call.phase {
                *since = Instant::now();
            }
        }
    }

    fn hand_out(&mut self) -> Option<(String, Bytes)> {
        let queued = |call: &&mut Call| matches!(call.phase, Phase::Queued(_));
        let call = self.calls.iter_mut().find(queued)?;
        call.phase = Phase::Running(Instant::now());
        self.progress = true;
        Some((call.id.clone(), call.payload.clone()))
    }
}

/// A request for the next event that waits; one whose client is gone is dropped, and counts no more.
struct Poller<'a>(&'a Calls);

impl<'a> Poller<'a> {
    fn new(calls: &'a Calls) -> Self {
        calls.with(|state| {
            state.pollers += 1;
            state.most_pollers = state.most_pollers.max(state.pollers);
        });
        Self(calls)
    }
}

impl Drop for Poller<'_> {
    fn drop(&mut self) {
        self.0.with(|state| state.pollers -= 1);
    }
}

/// A connection, or a request that is worked on after its connection is gone.
#[derive(Debug)]
pub(super) struct Connection(pub(super) Arc<Calls>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.with(|state| state.connections -= 1);
    }
}

/// A random UUID (RFC 9562, version 4).
fn request_id() -> String {
    let mut bytes = random_bytes::<16>();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut id = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        let dash = if matches!(at, 4 | 6 | 8 | 10) { "-" } else { "" };
        let _ = write!(id, "{dash}{byte:02x}");
    }
    id
}
