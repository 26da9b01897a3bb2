//! The loop: an event comes, its answer goes, both are wiped.

use std::{convert::Infallible, fmt, sync::Arc};

use base64::prelude::{BASE64_STANDARD, Engine};
use bytes::Bytes;
use futures_core::Stream;
use lambda_runtime::{
    Context, Diagnostic, Error, IntoFunctionResponse, LambdaEvent, MetadataPrelude, Service, StreamResponse,
    layers::trace::request_span,
};
use serde::{Deserialize, Serialize};
use tracing::Instrument;

use super::{
    arrival::{Arrival, Arrivals, Ids},
    connection::{Connection, ExchangeError},
    endpoint::Endpoint,
    invocation::{self, Ended},
    protocol::{self, Field, Message, Post},
};
#[cfg(unix)]
use crate::tmp;
use crate::{
    Failure,
    error::{self, report},
    event::PayloadBytes,
    park,
    scope::{self, Invocation},
    scrub::{Apart, Buffer, set_trace_id},
};

/// What a streamed answer is. Source: [response
/// streaming](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming).
const STREAM_TYPE: &str = "application/vnd.awslambda.http-integration-response";

/// Whether the environment, which all invocations of a process share, tells the trace id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TraceId {
    InEnvironment,
    InContextAlone,
}

/// One event at a time, on one connection, in two buffers.
pub(super) struct Worker {
    endpoint: Arc<Endpoint>,
    arrivals: Arrivals,
    connection: Connection,
    trace_id: TraceId,
    /// The request for the next event.
    next: Vec<u8>,
    /// The event, head and all. Lent to the invocation while it runs.
    inbox: Buffer,
    /// The answer, head and all, and what the API says to it.
    outbox: Buffer,
}

/// An event that has arrived.
struct Event {
    ids: Ids,
    context: Option<Context>,
    bytes: PayloadBytes,
}

impl Worker {
    pub(super) fn new(endpoint: Arc<Endpoint>, arrivals: Arrivals, trace_id: TraceId) -> Self {
        let connection = Connection::new(Arc::clone(&endpoint));
        let next = endpoint.get("/invocation/next");
        let (inbox, outbox) = Default::default();
        Self { endpoint, arrivals, connection, trace_id, next, inbox, outbox }
    }

    /// Runs the service on one event after another.
    pub(super) async fn serve<A, F, R, B, S, D, E>(&mut self, service: &mut F) -> Result<Infallible, Error>
    where
        F: Service<LambdaEvent<A>, Response = R>,
        F::Error: Into<Diagnostic> + fmt::Debug,
        A: for<'de> Deserialize<'de>,
        R: IntoFunctionResponse<B, S>,
        B: Serialize,
        S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
        D: Into<Bytes> + Send,
        E: Into<Error> + Send + fmt::Debug,
    {
        loop {
            let Some(event) = self.take_event().await? else { continue };
            let Event { ids, context, bytes } = event;
            let running = park::Running::begin();
            let invocation = Invocation::arrived(&ids.request, bytes);
            let span = context.as_ref().map_or_else(tracing::Span::none, request_span);
            Apart::new(self.settle(service, &ids, &invocation, context).instrument(span)).await;
            // While the log still knows the event's secrets: files may be called after them.
            #[cfg(unix)]
            tmp::swept::after(scope::is_alone());
            self.wipe(&invocation);
            drop(running);
            // After the answer, so that nobody waits for it, and before the next event is asked for: from then on the
            // environment may be frozen. This function's own frame, which stays, has seen nothing of the event.
            park::wipe(self.trace_id == TraceId::InEnvironment).await?;
        }
    }

    /// Waits for an event. `None`: there is none after all.
    async fn take_event(&mut self) -> Result<Option<Event>, Error> {
        let message = self.connection.get(&self.next, &mut self.inbox).await?;
        let event = self.read_event(&message);
        if event.is_err() {
            self.connection.close();
        }
        event
    }

    fn read_event(&mut self, message: &Message) -> Result<Option<Event>, Error> {
        // cargo-lambda says 408 to a poll that has waited for as long as its `--timeout`.
        if matches!(message.status, 204 | 408) {
            self.inbox.wipe();
            return Ok(None);
        }
        if !message.is_success() {
            return Err(format!("the Runtime API refused to hand out an event: status {}", message.status).into());
        }
        let arrival = self.arrivals.read(self.inbox.content(), &message.fields);
        let Arrival { ids, context } = arrival.map_err(ExchangeError::Protocol)?;
        if self.trace_id == TraceId::InEnvironment {
            set_trace_id(context.as_ref().and_then(|context| context.xray_trace_id.as_deref()));
        }
        let bytes = PayloadBytes::new(std::mem::take(&mut self.inbox), message.body.clone());
        Ok(Some(Event { ids, context, bytes }))
    }

    /// Deals with an event to its end, and looks at what the API says to the answer.
    async fn settle<A, F, R, B, S, D, E>(
        &mut self,
        service: &mut F,
        ids: &Ids,
        invocation: &Arc<Invocation>,
        context: Option<Context>,
    ) where
        F: Service<LambdaEvent<A>, Response = R>,
        F::Error: Into<Diagnostic> + fmt::Debug,
        A: for<'de> Deserialize<'de>,
        R: IntoFunctionResponse<B, S>,
        B: Serialize,
        S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
        D: Into<Bytes> + Send,
        E: Into<Error> + Send + fmt::Debug,
    {
        match self.answer(service, ids, invocation, context).await {
            Ok(message) if message.is_success() => {}
            Ok(Message { status, .. }) => {
                let status = http::StatusCode::from_u16(status).map_or_else(|_| status.to_string(), |s| s.to_string());
                report::refused(&ids.request, &status);
            }
            Err(error) => report::unsent(&ids.request, &error),
        }
    }

    /// Runs the service and sends what comes of it.
    async fn answer<A, F, R, B, S, D, E>(
        &mut self,
        service: &mut F,
        ids: &Ids,
        invocation: &Arc<Invocation>,
        context: Option<Context>,
    ) -> Result<Message, ExchangeError>
    where
        F: Service<LambdaEvent<A>, Response = R>,
        F::Error: Into<Diagnostic> + fmt::Debug,
        A: for<'de> Deserialize<'de>,
        R: IntoFunctionResponse<B, S>,
        B: Serialize,
        S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
        D: Into<Bytes> + Send,
        E: Into<Error> + Send + fmt::Debug,
    {
        let post = self.begin_post(ids, "/response", None);
        match invocation::run(service, invocation, context, &mut self.outbox).await {
            Ended::Answered => post.finish(&mut self.outbox),
            Ended::Failed(failure) => self.put_failure(ids, invocation, &failure),
            Ended::Streams(StreamResponse { metadata_prelude, mut stream }) => {
                match prelude(metadata_prelude) {
                    Ok(prelude) => {
                        let sent = self.stream(ids, invocation, &prelude, &mut stream).await;
                        invocation::drop_stream(invocation, stream);
                        return sent;
                    }
                    Err(error) => {
                        let failure = Failure::new(error::Opaque::INTERNAL, &ids.request);
                        report::unserialised(invocation::subject(invocation), &failure, &error);
                        self.put_failure(ids, invocation, &failure);
                    }
                }
                invocation::drop_stream(invocation, stream);
            }
        }
        self.connection.post(&mut self.outbox).await
    }

    /// Begins the outbox anew with the head of a POST about an invocation.
    fn begin_post(&mut self, ids: &Ids, path: &str, header: Option<(&str, &str)>) -> Post {
        self.outbox.truncate(0);
        let target = [self.endpoint.base(), "/invocation/", &ids.request, path];
        Post::begin(&mut self.outbox, &target, self.endpoint.lines(), header.into_iter().chain(ids.header()))
    }

    /// A failure is a function error, or an answer where whoever has sent the event takes it for one.
    fn put_failure(&mut self, ids: &Ids, invocation: &Invocation, failure: &Failure) {
        if let Some(answer) = invocation.rendered(failure) {
            let post = self.begin_post(ids, "/response", None);
            self.outbox.push(&answer);
            return post.finish(&mut self.outbox);
        }
        let post = self.begin_post(ids, "/error", Some(("lambda-runtime-function-error-type", "unhandled")));
        self.outbox.push(&diagnostic(failure));
        post.finish(&mut self.outbox);
    }

    /// Sends a streamed answer piece by piece.
    async fn stream<S, D, E>(
        &mut self,
        ids: &Ids,
        invocation: &Arc<Invocation>,
        prelude: &[u8],
        stream: &mut S,
    ) -> Result<Message, ExchangeError>
    where
        S: Stream<Item = Result<D, E>> + Unpin,
        D: Into<Bytes>,
        E: Into<Error>,
    {
        const TYPE: &str = "Lambda-Runtime-Function-Error-Type";
        const BODY: &str = "Lambda-Runtime-Function-Error-Body";
        self.outbox.truncate(0);
        let headers = [
            ("lambda-runtime-function-response-mode", "streaming"),
            ("trailer", TYPE),
            ("trailer", BODY),
            ("content-type", STREAM_TYPE),
        ];
        let target = [self.endpoint.base(), "/invocation/", &ids.request, "/response"];
        let headers = headers.into_iter().chain(ids.header());
        protocol::begin_chunks(&mut self.outbox, &target, self.endpoint.lines(), headers);
        protocol::chunk(&mut self.outbox, &[prelude, &[0; 8]]);
        let mut sending = self.connection.begin(&self.outbox).await?;
        self.outbox.truncate(0);
        loop {
            match invocation::next_piece(invocation, stream).await {
                Some(Ok(piece)) => protocol::chunk(&mut self.outbox, &[&piece]),
                Some(Err(failure)) => {
                    let body = BASE64_STANDARD.encode(diagnostic(&failure));
                    protocol::end_chunks(&mut self.outbox, &[(TYPE, failure.code()), (BODY, &body)]);
                    break;
                }
                None => {
                    protocol::end_chunks(&mut self.outbox, &[]);
                    break;
                }
            }
            sending.send(&self.outbox).await;
            self.outbox.truncate(0);
            if !sending.is_open() {
                break;
            }
        }
        self.connection.end(sending, &mut self.outbox).await
    }

    /// Wipes the event and its answer, and the keys of its temporary files.
    fn wipe(&mut self, invocation: &Invocation) {
        #[cfg(unix)]
        invocation.keys().destroy();
        self.outbox.wipe();
        invocation.forget_texts();
        if let Some(bytes) = invocation.take_bytes() {
            self.inbox = bytes.into_buffer();
        }
        self.inbox.wipe();
    }
}

impl Ids {
    /// What an answer has to say beside its path.
    fn header(&self) -> Option<(&str, &str)> {
        self.invocation.as_deref().map(|id| (Field::InvocationId.name(), id))
    }
}

/// The body of an error. Source: [the Runtime API](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
fn diagnostic(failure: &Failure) -> Vec<u8> {
    serde_json::to_vec(&Diagnostic::from(failure.clone())).expect("two strings serialise")
}

/// The part of a streamed answer that says what kind of answer it is.
fn prelude(mut prelude: MetadataPrelude) -> Result<Vec<u8>, serde_json::Error> {
    let default = http::HeaderValue::from_static("application/octet-stream");
    prelude.headers.entry(http::header::CONTENT_TYPE).or_insert(default);
    serde_json::to_vec(&prelude)
}
