//! One event through the user's service: parsed, caught, answered.

use std::{
    fmt,
    future::poll_fn,
    pin::{Pin, pin},
    sync::{Arc, Once},
    task::{Context as TaskContext, Poll, ready},
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use futures_core::Stream;
use lambda_runtime::{
    Context, Diagnostic, Error, FunctionResponse, IntoFunctionResponse, LambdaEvent, Service, StreamResponse,
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::{Sleep, sleep_until};

use crate::{
    Failure,
    error::{
        self, Text,
        report::{self, Subject},
    },
    event::{self, ParseError},
    panic::caught,
    scope::{self, Invocation},
    scrub::Buffer,
};

/// What is known of a service, which may be no handler of ours.
pub(crate) fn subject(invocation: &Invocation) -> Subject<'static> {
    let started = invocation.started;
    match invocation.handler() {
        Some(handler) => Subject { handler: handler.name, place: Some(handler.place), started, message_id: None },
        None => Subject { handler: "service", place: None, started, message_id: None },
    }
}

/// The longest answer, in bytes: 6 MiB and 100. Source: [Lambda's
/// quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
const ANSWER_LIMIT: usize = (6 << 20) + 100;

/// What came of an event.
pub(super) enum Ended<S> {
    /// The answer stands behind what was in the buffer.
    Answered,
    Failed(Failure),
    Streams(StreamResponse<S>),
}

/// Calls the service with one event. The answer's JSON is appended to `answer`.
///
/// Nothing of the event or the answer passes through the caller's hands: they are parsed and serialised in here. Whoever
/// polls this keeps it [apart](crate::scrub::Apart), and the service's future, which lies in it, with it.
pub(super) async fn run<A, F, R, B, S>(
    service: &mut F,
    invocation: &Arc<Invocation>,
    context: Option<Context>,
    answer: &mut Buffer,
) -> Ended<S>
where
    F: Service<LambdaEvent<A>, Response = R>,
    F::Error: Into<Diagnostic> + fmt::Debug,
    A: DeserializeOwned,
    R: IntoFunctionResponse<B, S>,
    B: Serialize,
{
    let mut limit = Limit::of(invocation.started, context.as_ref().map(Context::deadline));
    if !poll_fn(|task| ready(service, invocation, task)).await {
        let failure = internal(invocation);
        report::not_ready::<F::Error>(subject(invocation), &failure);
        return Ended::Failed(failure);
    }
    let begun = match begin(service, invocation, context) {
        Ok(future) => Some(future),
        Err(failure) => return Ended::Failed(failure),
    };
    let mut future = pin!(begun);
    let outcome = poll_fn(|task| match poll(invocation, future.as_mut(), task) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => limit.poll(task).map(|()| None),
    });
    let outcome = outcome.await;
    let dropped = {
        let _inside = scope::enter(Arc::clone(invocation));
        // The locals of a handler that panicked are dropped here, and may panic in their turn.
        caught(|| future.set(None))
    };
    let Some(outcome) = outcome else {
        let failure = Failure::new(error::Opaque::TIMED_OUT, &invocation.request_id);
        report::timed_out(subject(invocation), &failure);
        return Ended::Failed(failure);
    };
    match (outcome, dropped) {
        (Some(Ok(response)), Some(())) => respond(invocation, response, answer),
        (Some(Err(error)), Some(())) => Ended::Failed(opaque(invocation, error)),
        (None, _) | (_, None) => Ended::Failed(panicked(invocation)),
    }
}

/// Whether the service takes an event, once it has decided.
fn ready<A, F: Service<A>>(service: &mut F, invocation: &Arc<Invocation>, task: &mut TaskContext<'_>) -> Poll<bool> {
    let _inside = scope::enter(Arc::clone(invocation));
    match caught(|| service.poll_ready(task)) {
        Some(ready) => Poll::Ready(ready!(ready).is_ok()),
        None => Poll::Ready(false),
    }
}

/// Parses the event and calls the service.
fn begin<A, F>(service: &mut F, invocation: &Arc<Invocation>, context: Option<Context>) -> Result<F::Future, Failure>
where
    F: Service<LambdaEvent<A>>,
    A: DeserializeOwned,
{
    let invalid = |error: ParseError| {
        let failure = Failure::new(error::Opaque::INVALID_INPUT, &invocation.request_id);
        report::unparsed(subject(invocation), &failure, &error);
        failure
    };
    let _inside = scope::enter(Arc::clone(invocation));
    let context = context.ok_or(ParseError::CONTEXT).map_err(invalid)?;
    let parsed = caught(|| event::event(invocation)).ok_or_else(|| panicked(invocation))?;
    let payload = parsed.map_err(invalid)?;
    caught(|| service.call(LambdaEvent::new(payload, context))).ok_or_else(|| panicked(invocation))
}

/// `None`: it panicked.
fn poll<F: Future>(
    invocation: &Arc<Invocation>,
    future: Pin<&mut Option<F>>,
    task: &mut TaskContext<'_>,
) -> Poll<Option<F::Output>> {
    let future = future.as_pin_mut().expect("it is there until it has ended");
    let _inside = scope::enter(Arc::clone(invocation));
    match caught(|| future.poll(task)) {
        Some(poll) => poll.map(Some),
        None => Poll::Ready(None),
    }
}

/// Serialises the answer, or finds that it will be streamed.
fn respond<R, B, S>(invocation: &Arc<Invocation>, response: R, answer: &mut Buffer) -> Ended<S>
where
    R: IntoFunctionResponse<B, S>,
    B: Serialize,
{
    let _inside = scope::enter(Arc::clone(invocation));
    let head = answer.len();
    let ended = caught(|| match response.into_response() {
        FunctionResponse::BufferedResponse(body) => {
            serde_json::to_writer(&mut *answer, &body).map(|()| Ended::Answered)
        }
        FunctionResponse::StreamingResponse(stream) => Ok(Ended::Streams(stream)),
    });
    match ended {
        Some(Ok(Ended::Answered)) if answer.len() - head > ANSWER_LIMIT => {
            let failure = internal(invocation);
            report::too_long(subject(invocation), &failure, answer.len() - head, ANSWER_LIMIT);
            Ended::Failed(failure)
        }
        Some(Ok(ended)) => ended,
        Some(Err(error)) => {
            let failure = internal(invocation);
            report::unserialised(subject(invocation), &failure, &error);
            Ended::Failed(failure)
        }
        None => Ended::Failed(panicked(invocation)),
    }
}

/// A secured handler's failure passes through, also when it has been boxed on its way; all else is internal.
fn opaque<X: Into<Diagnostic>>(invocation: &Arc<Invocation>, error: X) -> Failure {
    let _inside = scope::enter(Arc::clone(invocation));
    let ours = invocation.take_failure();
    let diagnostic = caught(|| -> Diagnostic { error.into() });
    if let (Some(failure), Some(diagnostic)) = (ours, &diagnostic)
        && diagnostic.error_message == failure.to_string()
    {
        return failure;
    }
    let failure = internal(invocation);
    let text = diagnostic.as_ref().map_or(Text::None, |diagnostic| Text::Display(&diagnostic.error_message));
    report::failed::<X>(subject(invocation), &failure, text);
    failure
}

fn internal(invocation: &Invocation) -> Failure {
    Failure::new(error::Opaque::INTERNAL, &invocation.request_id)
}

fn panicked(invocation: &Invocation) -> Failure {
    let failure = internal(invocation);
    report::panicked(subject(invocation), &failure);
    failure
}

/// How long a handler may go on: until shortly before the invocation's deadline, when there is still time to answer.
///
/// The timer is made when the handler waits for the first time: most never do for long.
struct Limit {
    until: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Limit {
    /// No deadline, and one that has passed already (emulators have some), are no limit.
    fn of(started: Instant, deadline: Option<SystemTime>) -> Self {
        let left = deadline.and_then(|deadline| deadline.duration_since(SystemTime::now()).ok());
        let usable = left.map(|left| left.saturating_sub((left / 10).min(Duration::from_millis(250))));
        Self { until: usable.and_then(|usable| started.checked_add(usable)), timer: None }
    }

    fn poll(&mut self, task: &mut TaskContext<'_>) -> Poll<()> {
        /// A runtime that was built without timers never gets any.
        static NO_TIMERS: Once = Once::new();
        if let Some(until) = self.until.take().filter(|_| !NO_TIMERS.is_completed()) {
            self.timer = caught(|| Box::pin(sleep_until(until.into())));
            if self.timer.is_none() {
                NO_TIMERS.call_once(report::no_timers);
            }
        }
        self.timer.as_mut().map_or(Poll::Pending, |timer| timer.as_mut().poll(task))
    }
}

/// The next piece of a streamed answer; `None` after the last.
pub(super) async fn next_piece<S, D, E>(invocation: &Arc<Invocation>, stream: &mut S) -> Option<Result<Bytes, Failure>>
where
    S: Stream<Item = Result<D, E>> + Unpin,
    D: Into<Bytes>,
    E: Into<Error>,
{
    let piece = poll_fn(|task| {
        let _inside = scope::enter(Arc::clone(invocation));
        match caught(|| Pin::new(&mut *stream).poll_next(task)) {
            Some(piece) => Poll::Ready(Some(
                ready!(piece).map(|piece| caught(|| piece.map(Into::into).map_err(Into::<Error>::into))),
            )),
            None => Poll::Ready(None),
        }
    });
    match piece.await {
        Some(None) => None,
        Some(Some(Some(Ok(piece)))) => Some(Ok(piece)),
        Some(Some(Some(Err(error)))) => {
            let failure = internal(invocation);
            report::broken_stream::<E>(subject(invocation), &failure, Text::Error(&*error));
            Some(Err(failure))
        }
        Some(Some(None)) | None => Some(Err(panicked(invocation))),
    }
}

/// Drops what is left of a streamed answer, whatever its `Drop` does.
pub(super) fn drop_stream<S>(invocation: &Arc<Invocation>, stream: S) {
    let _inside = scope::enter(Arc::clone(invocation));
    caught(move || drop(stream));
}
