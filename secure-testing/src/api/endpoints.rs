//! The four endpoints of the Runtime API.

use std::{
    convert::Infallible,
    future::ready,
    pin::Pin,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::calls::{Calls, Connection};
use crate::{Outcome, Reply, canary::random_bytes};

const FUNCTION_ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:test-function";

type Answer = Response<Full<Bytes>>;

enum Endpoint {
    Next,
    Post(Post),
    Unknown,
}

enum Post {
    Reply { id: String, outcome: Outcome },
    InitError,
}

impl Endpoint {
    fn of(method: &Method, path: &str) -> Self {
        let path = path.strip_prefix("/2018-06-01/runtime/").unwrap_or_default();
        let segments: Vec<&str> = path.split('/').collect();
        let reply = |id: &str, outcome| Self::Post(Post::Reply { id: id.to_owned(), outcome });
        match (method, segments.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => Self::Next,
            (&Method::POST, ["invocation", id, "response"]) => reply(id, Outcome::Answer),
            (&Method::POST, ["invocation", id, "error"]) => reply(id, Outcome::Error),
            (&Method::POST, ["init", "error"]) => Self::Post(Post::InitError),
            _ => Self::Unknown,
        }
    }
}

/// Serves one request.
///
/// A post is taken in by a task of its own, which outlives the connection: hyper drops its futures as
/// soon as a connection is closed, and a process may well post its answer and end.
pub(super) fn serve(
    connection: &Arc<Connection>,
    request: Request<Incoming>,
) -> Pin<Box<dyn Future<Output = Result<Answer, Infallible>> + Send>> {
    let connection = Arc::clone(connection);
    match Endpoint::of(request.method(), request.uri().path()) {
        Endpoint::Next => Box::pin(async move { Ok(next(&connection.0).await) }),
        Endpoint::Post(post) => {
            let taken = tokio::spawn(take(post, connection, request));
            Box::pin(async { Ok(taken.await.expect("taking a post in doesn't panic")) })
        }
        Endpoint::Unknown => {
            let answer = failed(StatusCode::NOT_FOUND, "NotFound", "no such endpoint");
            Box::pin(ready(Ok(answer)))
        }
    }
}

async fn next(calls: &Calls) -> Answer {
    let (id, payload) = calls.next().await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let trace = calls.trace_id.clone().unwrap_or_else(|| new_trace_id(now.as_secs()));
    Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", id)
        .header("lambda-runtime-deadline-ms", (now + calls.deadline).as_millis().to_string())
        .header("lambda-runtime-invoked-function-arn", FUNCTION_ARN)
        .header("lambda-runtime-trace-id", trace)
        .body(Full::new(payload))
        .expect("all header values are visible ASCII")
}

fn new_trace_id(seconds: u64) -> HeaderValue {
    let random = u128::from_be_bytes(random_bytes());
    let (root, parent) = (random >> 32, random & u128::from(u64::MAX));
    HeaderValue::try_from(format!("Root=1-{seconds:08x}-{root:024x};Parent={parent:016x};Sampled=0"))
        .expect("digits and letters are visible ASCII")
}

async fn take(post: Post, connection: Arc<Connection>, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return failed(StatusCode::BAD_REQUEST, "IncompleteBody", "the connection was closed too early");
    };
    let trailers = body.trailers().cloned().unwrap_or_default();
    let body = body.to_bytes();
    let taken = connection.0.with(|state| match post {
        Post::InitError => {
            state.init_error = Some(body);
            true
        }
        Post::Reply { id, .. } if !state.is_outstanding(&id) => false,
        Post::Reply { id: request_id, mut outcome } => {
            // A stream that fails midway says so in its trailers.
            if trailers.contains_key("lambda-runtime-function-error-type") {
                outcome = Outcome::Error;
            }
            let (headers, log) = (head.headers, Vec::new());
            state.finish(Reply { request_id, outcome, headers, body, trailers, log });
            true
        }
    });
    if taken {
        json_answer(StatusCode::ACCEPTED, &json!({"status": "OK"}))
    } else {
        failed(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
    }
}

fn failed(status: StatusCode, kind: &str, message: &str) -> Answer {
    json_answer(status, &json!({"errorMessage": message, "errorType": kind}))
}

fn json_answer(status: StatusCode, body: &Value) -> Answer {
    let mut answer = Response::new(Full::from(body.to_string()));
    *answer.status_mut() = status;
    answer.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    answer
}
