//! The service around the user's: whatever fails in there is a [`Failure`] out here.

use std::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use lambda_runtime::{Diagnostic, Error, FunctionResponse, IntoFunctionResponse, LambdaEvent, Service, StreamResponse};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::handover::Arrived;
use crate::{
    Failure,
    error::{self, report},
    panic::{self, Cover, caught},
    scope::{self, Invocation},
};

/// The name that the log gives to what is not a handler of ours.
const SERVICE: &str = "service";

/// Makes a service's failures opaque. `A` is its event, `B` and `S` are its answer, buffered or streamed.
pub(super) struct Opaque<F, A, B, S> {
    inner: F,
    types: Types<A, B, S>,
}

/// An event that is taken, and answers that are made.
type Types<A, B, S> = PhantomData<fn(A) -> (B, S)>;

impl<F, A, B, S> Opaque<F, A, B, S> {
    pub(super) fn new(inner: F) -> Self {
        panic::install_hook(Cover::Invocations);
        Self { inner, types: PhantomData }
    }
}

impl<F: Clone, A, B, S> Clone for Opaque<F, A, B, S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), types: self.types }
    }
}

impl<F, A, R, B, S, D, E> Service<LambdaEvent<Arrived<A>>> for Opaque<F, A, B, S>
where
    F: Service<LambdaEvent<A>, Response = R>,
    F::Error: Into<Diagnostic> + fmt::Debug,
    R: IntoFunctionResponse<B, S>,
    B: Serialize,
    S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
    D: Into<Bytes> + Send,
    E: Into<Error> + Send + fmt::Debug,
    A: for<'de> Deserialize<'de>,
{
    type Response = FunctionResponse<Box<RawValue>, OpaqueStream<S>>;
    type Error = Failure;
    type Future = Answer<F::Future, B, S>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let ready = ready!(self.inner.poll_ready(context));
        Poll::Ready(ready.map_err(|_| {
            let failure = Failure::new(error::Opaque::INTERNAL, "none");
            report::failed::<F::Error>(SERVICE, &failure);
            failure
        }))
    }

    fn call(&mut self, event: LambdaEvent<Arrived<A>>) -> Self::Future {
        let (arrived, context) = event.into_parts();
        let invocation = Invocation::new(&context.request_id);
        let started = match arrived.event {
            Some(Ok(payload)) => {
                let _inside = scope::enter(Arc::clone(&invocation));
                caught(|| self.inner.call(LambdaEvent::new(payload, context)))
            }
            Some(Err(error)) => {
                let failure = Failure::new(error::Opaque::INVALID_INPUT, &invocation.request_id);
                report::unparsed(SERVICE, &failure, &error);
                return Answer::new(State::Failed(failure), invocation);
            }
            None => None,
        };
        let state = match started {
            Some(future) => State::Running(Box::pin(future)),
            None => State::Failed(panicked(&invocation)),
        };
        Answer::new(state, invocation)
    }
}

/// The answer to one invocation.
pub(super) struct Answer<Fut, B, S> {
    state: State<Fut>,
    invocation: Arc<Invocation>,
    types: PhantomData<fn() -> (B, S)>,
}

enum State<Fut> {
    Running(Pin<Box<Fut>>),
    Failed(Failure),
    Done,
}

impl<Fut, B, S> Answer<Fut, B, S> {
    fn new(state: State<Fut>, invocation: Arc<Invocation>) -> Self {
        Self { state, invocation, types: PhantomData }
    }
}

impl<Fut, R, X, B, S, D, E> Future for Answer<Fut, B, S>
where
    Fut: Future<Output = Result<R, X>>,
    X: Into<Diagnostic> + fmt::Debug,
    R: IntoFunctionResponse<B, S>,
    B: Serialize,
    S: Stream<Item = Result<D, E>> + Unpin,
    E: fmt::Debug,
{
    type Output = Result<FunctionResponse<Box<RawValue>, OpaqueStream<S>>, Failure>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let _inside = scope::enter(Arc::clone(&this.invocation));
        let outcome = match &mut this.state {
            State::Running(future) => match caught(|| future.as_mut().poll(context)) {
                Some(poll) => Some(ready!(poll)),
                None => None,
            },
            State::Failed(_) => {
                let State::Failed(failure) = std::mem::replace(&mut this.state, State::Done) else { unreachable!() };
                return Poll::Ready(Err(failure));
            }
            State::Done => panic!("polled after completion"),
        };
        let finished = std::mem::replace(&mut this.state, State::Done);
        let dropped = caught(move || drop(finished));
        Poll::Ready(match (outcome, dropped) {
            (Some(Ok(answer)), Some(())) => this.serialised(answer),
            (Some(Err(error)), Some(())) => Err(this.failed(error)),
            (None, _) | (_, None) => Err(panicked(&this.invocation)),
        })
    }
}

impl<Fut, B, S> Answer<Fut, B, S> {
    /// Serialised here, because lambda_runtime ends the process over an answer that does not serialise.
    fn serialised<R, D, E>(&self, answer: R) -> Result<FunctionResponse<Box<RawValue>, OpaqueStream<S>>, Failure>
    where
        R: IntoFunctionResponse<B, S>,
        B: Serialize,
        S: Stream<Item = Result<D, E>> + Unpin,
    {
        let serialised = caught(|| match answer.into_response() {
            FunctionResponse::BufferedResponse(body) => to_raw_value(&body).map(FunctionResponse::BufferedResponse),
            FunctionResponse::StreamingResponse(StreamResponse { metadata_prelude, stream }) => {
                let stream = OpaqueStream { inner: stream, invocation: Arc::clone(&self.invocation) };
                Ok(FunctionResponse::StreamingResponse(StreamResponse { metadata_prelude, stream }))
            }
        });
        match serialised {
            Some(Ok(response)) => Ok(response),
            Some(Err(_)) => {
                let failure = Failure::new(error::Opaque::INTERNAL, &self.invocation.request_id);
                report::unserialised(SERVICE, &failure);
                Err(failure)
            }
            None => Err(panicked(&self.invocation)),
        }
    }

    /// A secured handler's failure passes through, also when it has been boxed on its way; all else is internal.
    fn failed<X: Into<Diagnostic>>(&self, error: X) -> Failure {
        let ours = self.invocation.take_failure();
        let diagnostic = caught(|| -> Diagnostic { error.into() });
        if let (Some(failure), Some(diagnostic)) = (ours, diagnostic)
            && diagnostic.error_message == failure.to_string()
        {
            return failure;
        }
        let failure = Failure::new(error::Opaque::INTERNAL, &self.invocation.request_id);
        report::failed::<X>(SERVICE, &failure);
        failure
    }
}

fn panicked(invocation: &Invocation) -> Failure {
    let failure = Failure::new(error::Opaque::INTERNAL, &invocation.request_id);
    report::panicked(SERVICE, &failure);
    failure
}

/// A streamed answer whose errors say nothing.
pub(super) struct OpaqueStream<S> {
    inner: S,
    invocation: Arc<Invocation>,
}

impl<S, D, E> Stream for OpaqueStream<S>
where
    S: Stream<Item = Result<D, E>> + Unpin,
{
    type Item = Result<D, Failure>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let _inside = scope::enter(Arc::clone(&this.invocation));
        let item = match caught(|| Pin::new(&mut this.inner).poll_next(context)) {
            Some(poll) => ready!(poll),
            None => return Poll::Ready(Some(Err(panicked(&this.invocation)))),
        };
        Poll::Ready(item.map(|chunk| {
            chunk.map_err(|_| {
                let failure = Failure::new(error::Opaque::INTERNAL, &this.invocation.request_id);
                report::broken_stream::<E>(SERVICE, &failure);
                failure
            })
        }))
    }
}
