//! A batch's records, run.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context as TaskContext, Poll, Wake, Waker},
    time::SystemTime,
};

use super::{
    BatchResponse,
    batch::{self, Meta, RawRecord, Records},
    order::Order,
};
use crate::{
    __v1::{Invocation, Within},
    Context, Error, Failure, RawPayload, Secret,
    dead_letter::{Body, Brought, DeadLetter, DeadLetterSink, Facts},
    error::{Opaque, Text, report},
    panic::caught,
    scope,
    scrub::{Apart, wipe_thread_or_say},
    secret::live,
};

/// A batch before its records are run.
pub struct Batch {
    invocation: Invocation,
    function: String,
    records: Records,
}

impl Batch {
    pub(super) fn new(invocation: Invocation, raw: RawPayload, context: &Context) -> Result<Self, Failure> {
        let written =
            invocation.parsed(|| batch::written(raw.json()).map_err(|error| (Opaque::INVALID_INPUT, error)))?;
        let function = context.env_config.function_name.clone();
        let records = Records::new(invocation.scope(), raw, written);
        Ok(Self { invocation, function, records })
    }
}

/// Where records go that will never succeed.
pub trait Outlet {
    /// Whether they go anywhere.
    const IS_SINK: bool;

    /// Puts one aside.
    fn put(&self, letter: DeadLetter<'_>) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Nowhere.
pub struct NoSink;

/// Into a sink.
pub(super) struct Aside<S>(pub(super) S);

impl Outlet for NoSink {
    const IS_SINK: bool = false;

    async fn put(&self, _: DeadLetter<'_>) -> Result<(), Error> {
        Err("there is no sink")?
    }
}

impl<S: DeadLetterSink> Outlet for Aside<S> {
    const IS_SINK: bool = true;

    fn put(&self, letter: DeadLetter<'_>) -> impl Future<Output = Result<(), Error>> + Send {
        self.0.put(letter)
    }
}

/// One record's run.
struct Task<F> {
    index: usize,
    wakes: Arc<Wakes>,
    running: Apart<F>,
}

/// Whether a record's future wants to be polled.
struct Wakes {
    woken: AtomicBool,
    batch: Arc<Mutex<Waker>>,
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        let waker = self.batch.lock().unwrap_or_else(PoisonError::into_inner).clone();
        waker.wake();
    }
}

/// Runs up to `concurrency` records at a time, and gives their answer.
pub(super) async fn run<E, F, S>(batch: Batch, concurrency: usize, sink: S, mut each: E) -> BatchResponse
where
    E: FnMut(RawRecord, Invocation) -> F,
    F: Future<Output = Result<(), Failure>>,
    S: Outlet,
{
    let Batch { invocation, function, mut records } = batch;
    let mut order = Order::of(records.groups());
    let mut failed = vec![false; records.len()];
    let whole = Arc::new(Mutex::new(Waker::noop().clone()));
    let mut tasks = Vec::new();
    poll_fn(|context| {
        whole.lock().unwrap_or_else(PoisonError::into_inner).clone_from(context.waker());
        while tasks.len() < concurrency
            && let Some(index) = order.next()
        {
            let running = begin(&invocation, &function, records.open(index), &sink, &mut each);
            let wakes = Arc::new(Wakes { woken: AtomicBool::new(true), batch: Arc::clone(&whole) });
            tasks.push(Task { index, wakes, running: Apart::new(running) });
        }
        let Some((index, done)) = poll_woken(&mut tasks) else {
            return if tasks.is_empty() { Poll::Ready(()) } else { Poll::Pending };
        };
        let left = order.ended(index, done);
        if !left.is_empty() {
            let subject = report::Subject { message_id: Some(records.message_id(index)), ..invocation.subject() };
            report::group_stopped(subject, &invocation.scope().request_id, left.len());
        }
        for (index, done) in left.into_iter().map(|index| (index, false)).chain([(index, done)]) {
            records.wipe(index);
            failed[index] = !done;
        }
        // What its calls have left on this thread, before another record's come to lie there.
        wipe_thread_or_say();
        // It goes on in the next poll: a batch whose records never wait is stopped at its deadline all the same.
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    let ids = failed.iter().enumerate().filter(|(_, failed)| **failed).map(|(index, _)| records.message_id(index));
    BatchResponse::of(ids.map(str::to_owned))
}

/// Polls what wants to be, until one has ended: which, and whether the queue may forget it.
fn poll_woken<F: Future<Output = bool>>(tasks: &mut Vec<Task<F>>) -> Option<(usize, bool)> {
    for at in 0..tasks.len() {
        let task = &mut tasks[at];
        if !task.wakes.woken.swap(false, Ordering::AcqRel) {
            continue;
        }
        let waker = Waker::from(Arc::clone(&task.wakes));
        if let Poll::Ready(done) = Pin::new(&mut task.running).poll(&mut TaskContext::from_waker(&waker)) {
            return Some((tasks.swap_remove(at).index, done));
        }
    }
    None
}

/// Calls the handler with a record.
fn begin<'a, E, F, S>(
    batch: &Invocation,
    function: &'a str,
    raw: RawRecord,
    sink: &'a S,
    each: &mut E,
) -> impl Future<Output = bool> + use<'a, E, F, S>
where
    E: FnMut(RawRecord, Invocation) -> F,
    F: Future<Output = Result<(), Failure>>,
    S: Outlet,
{
    let meta = raw.meta();
    let scope = scope::Invocation::of_record(&batch.scope().request_id, &meta.message_id, raw.bytes());
    let invocation = batch.within(scope);
    let called = {
        let _inside = scope::enter(Arc::clone(invocation.scope()));
        // State is cloned in there, by code of the program's.
        caught(|| each(raw, invocation.clone()))
    };
    let handled = called.map(|future| Within::new(&invocation, future));
    settle(invocation, meta, function, handled, sink)
}

/// Runs a record to its end; whether the queue may forget it.
async fn settle<F, S>(
    invocation: Invocation,
    meta: Arc<Meta>,
    function: &str,
    handled: Option<Within<F>>,
    sink: &S,
) -> bool
where
    F: Future<Output = Result<(), Failure>>,
    S: Outlet,
{
    let outcome = match handled {
        Some(handled) => handled.await,
        None => None,
    };
    let failure = match outcome {
        Some(Ok(())) => return true,
        Some(Err(failure)) => failure,
        None => {
            invocation.panicked();
            return false;
        }
    };
    S::IS_SINK && failure.is_poison() && put_aside(&invocation, &meta, function, &failure, sink).await
}

/// Puts a record aside that will never succeed.
async fn put_aside<S: Outlet>(
    invocation: &Invocation,
    meta: &Meta,
    function: &str,
    failure: &Failure,
    sink: &S,
) -> bool {
    let scope = invocation.scope();
    let (bytes, reason) = (scope.bytes(), scope.take_reason());
    // What the sink says of it is logged.
    let _known = (failure.code() == Opaque::INVALID_INPUT.code()).then(|| {
        live::distrust(scope);
        Secret::brand(bytes.as_ref().map_or_else(Vec::new, |bytes| bytes.json().to_vec()))
    });
    let facts = Facts {
        request_id: failure.request_id(),
        function,
        handler: invocation.handler(),
        message_id: &meta.message_id,
        code: failure.code(),
        reason: &reason,
        receive_count: meta.receive_count(),
        at: SystemTime::now(),
    };
    let brought = Brought { group_id: meta.group_id(), attributes: meta.message_attributes() };
    let letter = DeadLetter { body: Body(bytes.as_ref().map_or(b"", |bytes| bytes.json())), facts, brought };
    match Within::new(invocation, async move { sink.put(letter).await }).await {
        Some(Ok(())) => true,
        Some(Err(error)) => {
            let _inside = scope::enter(Arc::clone(scope));
            report::not_put_aside(invocation.subject(), failure, Text::Error(&*error));
            caught(move || drop(error));
            false
        }
        None => {
            report::not_put_aside(invocation.subject(), failure, Text::Display(&"the sink panicked"));
            false
        }
    }
}
