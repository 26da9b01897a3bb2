//! One service under either loop, so that what arrives at the Runtime API can be compared.
//!
//! `LOOP` says which loop runs it (`ours` or `theirs`), `SERVICE` which service it is, the event's `mode` what it does.
//! With `SUBSCRIBER` a subscriber of the program's own prints events with their spans; with `SHUTDOWN` lambda_runtime's
//! graceful shutdown is set up.

use std::{
    collections::VecDeque,
    env,
    pin::Pin,
    sync::{LazyLock, Mutex},
    task::{Context as TaskContext, Poll, ready},
};

use futures_core::Stream;
use lambda_http::IntoResponse;
use lambda_runtime::{
    BoxFuture, Error, FunctionResponse, LambdaEvent, MetadataPrelude, StreamResponse, service_fn, streaming,
    tower::ServiceBuilder,
};
use secure_runtime::prelude::{Secret, secure_event, secure_handler};
use serde::{Deserialize, Serialize, Serializer, ser::Error as _};
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt, net::TcpStream, sync::Barrier};

/// What [`plain`] is asked to do.
#[derive(Deserialize)]
struct Order {
    mode: String,
    #[serde(default)]
    answer: Value,
    #[serde(default)]
    gate: String,
}

/// An answer that may not serialise.
enum Answer {
    Json(Value),
    Broken,
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Json(value) => value.serialize(serializer),
            Self::Broken => Err(S::Error::custom("no JSON")),
        }
    }
}

/// What `error` says; nobody outside may read it.
const PLAIN: &str = "the plain text of an error";

/// What `keep` leaves behind, for the search of memory that has to find something.
static KEPT: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// Four invocations that are only answered when all are there.
static MEETING: LazyLock<Barrier> = LazyLock::new(|| Barrier::new(4));

/// A service as people write it, without a macro of ours.
async fn plain(event: LambdaEvent<Order>) -> Result<Answer, Error> {
    let (order, context) = event.into_parts();
    match order.mode.as_str() {
        "answer" => Ok(Answer::Json(order.answer)),
        "context" => Ok(Answer::Json(serde_json::to_value(context)?)),
        "trace" => Ok(Answer::Json(json!(env::var("_X_AMZN_TRACE_ID").ok()))),
        "unserialisable" => Ok(Answer::Broken),
        "error" => Err(PLAIN.into()),
        "panic" => panic!("the plain text of a panic"),
        "length" => Ok(Answer::Json(json!(order.answer.as_str().map(str::len)))),
        "long" => Ok(Answer::Json(json!("x".repeat(usize::try_from(order.answer.as_u64().unwrap_or(0))?)))),
        "reversed" => Ok(Answer::Json(reversed(order.answer))),
        "keep" => {
            KEPT.lock().unwrap().push(order.answer["word"].to_string());
            Ok(Answer::Json(Value::Null))
        }
        "announce" => {
            println!("the handler was called");
            Ok(Answer::Json(json!("announced")))
        }
        "log" => {
            tokio::task::yield_now().await;
            tracing::info!(answer = 42, "inside the handler");
            Ok(Answer::Json(json!("logged")))
        }
        "gate" => {
            wait_at(&order.gate).await?;
            Ok(Answer::Json(order.answer))
        }
        "meet" => {
            MEETING.wait().await;
            Ok(Answer::Json(json!({"id": context.request_id, "order": order.answer})))
        }
        other => Err(format!("no mode {other}").into()),
    }
}

/// Turns a string around, so that the answer holds bytes that the event doesn't.
fn reversed(mut value: Value) -> Value {
    let word = value["word"].take();
    value["word"] = word.as_str().map(|word| word.chars().rev().collect::<String>()).into();
    value
}

/// Waits until the test lets this invocation on.
async fn wait_at(gate: &str) -> Result<(), Error> {
    let mut stream = TcpStream::connect(gate).await?;
    stream.read_u8().await?;
    Ok(())
}

#[secure_event]
struct Login<'inv> {
    #[public]
    user: String,
    word: Secret<'inv, String>,
}

/// A handler of ours: its event borrows from what the loop has read.
#[secure_handler]
async fn secured(event: LambdaEvent<Login<'_>>) -> Result<Value, Error> {
    let Login { user, word } = event.payload;
    tokio::task::yield_now().await;
    Ok(json!({"user": user, "matches": word.expose(|word| word.chars().eq(user.chars().rev()))}))
}

/// A streamed answer, step by step as the event says.
#[derive(Deserialize)]
struct Streamed {
    #[serde(default)]
    prelude: MetadataPrelude,
    steps: VecDeque<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Chunk(String),
    Error,
    Panic,
    /// Waits until the test lets the stream on.
    Gate(String),
}

/// Chunks, each of them pending once.
struct Chunks {
    steps: VecDeque<Step>,
    pending: bool,
    waiting: Option<BoxFuture<'static, Result<(), Error>>>,
}

impl Stream for Chunks {
    type Item = Result<Vec<u8>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                ready!(waiting.as_mut().poll(context))?;
                self.waiting = None;
            }
            self.pending = !self.pending;
            if self.pending {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            return Poll::Ready(match self.steps.pop_front() {
                Some(Step::Chunk(chunk)) => Some(Ok(chunk.into_bytes())),
                Some(Step::Error) => Some(Err("the plain text of a stream's error".into())),
                Some(Step::Panic) => panic!("the plain text of a stream's panic"),
                Some(Step::Gate(gate)) => {
                    self.waiting = Some(Box::pin(async move { wait_at(&gate).await }));
                    continue;
                }
                None => None,
            });
        }
    }
}

async fn streamed(event: LambdaEvent<Streamed>) -> Result<StreamResponse<Chunks>, Error> {
    let Streamed { prelude, steps } = event.payload;
    Ok(StreamResponse { metadata_prelude: prelude, stream: Chunks { steps, pending: false, waiting: None } })
}

/// An answer that is streamed or not, through lambda_runtime's own channel.
async fn either(event: LambdaEvent<Vec<String>>) -> Result<FunctionResponse<Value, streaming::Body>, Error> {
    let chunks = event.payload;
    if chunks.is_empty() {
        return Ok(FunctionResponse::BufferedResponse(json!("nothing to stream")));
    }
    let (mut sender, body) = streaming::channel();
    tokio::spawn(async move {
        for chunk in chunks {
            sender.send_data(chunk.into()).await.expect("somebody listens");
        }
    });
    Ok(FunctionResponse::StreamingResponse(body.into()))
}

/// One of a program's own layers: it changes what the service gets.
fn renamed(mut event: LambdaEvent<Order>) -> LambdaEvent<Order> {
    event.payload.answer = json!([event.payload.answer, event.context.request_id]);
    event
}

/// And one that changes what the service gave.
fn softened(result: Result<Answer, Error>) -> Result<Answer, Error> {
    match result {
        Err(error) if error.to_string() == PLAIN => Ok(Answer::Json(json!("softened"))),
        result => result,
    }
}

/// What lambda_http makes of an API Gateway event.
async fn http(request: lambda_http::Request) -> Result<impl IntoResponse, Error> {
    let trace = request.headers().get("x-amzn-trace-id").and_then(|value| value.to_str().ok()).unwrap_or("none");
    let body = json!({"path": request.uri().path(), "method": request.method().as_str(), "trace": trace});
    Ok(lambda_http::Response::builder()
        .status(418)
        .header("x-pot", "tea")
        .header("set-cookie", "a=b")
        .body(body.to_string())?)
}

/// Runs a service under the loop that the environment names.
macro_rules! run {
    ($run:ident, $service:expr) => {
        match env::var("LOOP")?.as_str() {
            "ours" => secure_runtime::$run($service).await,
            "theirs" => lambda_runtime::$run($service).await,
            other => Err(format!("no loop {other}").into()),
        }
    };
}

#[secure_runtime::main]
async fn main() -> Result<(), Error> {
    if env::var_os("SUBSCRIBER").is_some() {
        tracing_subscriber::fmt()
            .json()
            .with_current_span(true)
            .with_span_list(true)
            .with_writer(std::io::stdout)
            .init();
    }
    if env::var_os("SHUTDOWN").is_some() {
        lambda_runtime::spawn_graceful_shutdown_handler(async || println!("cleaned up")).await;
    }
    match env::var("SERVICE")?.as_str() {
        "plain" => run!(run, service_fn(plain)),
        "concurrent" => run!(run_concurrent, service_fn(plain)),
        "secured" => run!(run, service_fn(secured)),
        "streamed" => run!(run, service_fn(streamed)),
        "either" => run!(run, service_fn(either)),
        "tower" => {
            let layers = || ServiceBuilder::new().map_request(renamed).map_result(softened);
            run!(run, layers().service(service_fn(plain)))
        }
        "http" => run!(run, lambda_http::Adapter::from(service_fn(http))),
        other => Err(format!("no service {other}").into()),
    }
}
