//! From the Runtime API's event to a request, and from an answer to what the front end takes: API Gateway's REST API (payload format 1),
//! its HTTP API and function URLs (2), and load balancers. Both shapes are lambda_http's.
//!
//! It stands where lambda_http's own adapter does, for three things that one can't do: say which front end it is before anything
//! can fail, so that all that fails from then on is answered as HTTP; refuse a body that isn't Base64 (it panics); and take an event that
//! isn't UTF-8.

use std::{
    convert::Infallible,
    fmt,
    future::ready,
    mem,
    pin::Pin,
    task::{Context as TaskContext, Poll, Waker, ready},
};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use lambda_http::{
    Body, IntoResponse, RequestExt as _, TransformResponse,
    http::{HeaderName, HeaderValue, Response},
    request::{LambdaRequest, RequestOrigin},
};
use lambda_runtime::{Context, Diagnostic, Error, LambdaEvent, Service};
use serde::{Deserialize, de::IgnoredAny};

use super::problem;
use crate::{
    __v1::{Opaque, Outcome, ParseError},
    Failure, RawPayload,
    error::report,
    lambda,
    panic::caught,
    scope,
};

/// Runs a handler of HTTP requests on the Lambda Runtime API: `lambda_http::run`, with every failure a problem document.
///
/// It takes the same services. Whatever fails once a request is known to be one (an `Err`, a panic, a body or a header that
/// doesn't parse, the deadline, an answer that is longer than Lambda takes) is answered with
/// `application/problem+json`, in the shape that the front end takes. An event of something else (a queue, a timer, somebody's console)
/// is the function error `invalid_input`. For deadlines and limits see [`run`](crate::run()).
///
/// Lambda's metric `Errors` counts function errors: of a handler of HTTP requests, the front end's counts of 5xx answers are the
/// ones to watch.
///
/// ```no_run
/// use secure_runtime::prelude::*;
///
/// #[secure_handler(http)]
/// async fn hello(request: HttpRequest<()>, greeting: &str) -> Result<String, Error> {
///     Ok(format!("{greeting}, {}", request.query("name").unwrap_or("you")))
/// }
///
/// #[secure_runtime::main]
/// async fn main() -> Result<(), secure_runtime::Error> {
///     let greeting = String::from("hello");
///     secure_runtime::http::run(service_fn(|request| hello(request, &greeting))).await
/// }
/// ```
///
/// # Errors
/// As [`run`](crate::run()).
///
/// # Panics
/// As [`run`](crate::run()).
///
/// Sources: [API Gateway](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html),
/// [function URLs](https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html),
/// [load balancers](https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html).
pub async fn run<S, R, E>(handler: S) -> Result<(), Error>
where
    S: Service<lambda_http::Request, Response = R, Error = E>,
    R: IntoResponse,
    E: Into<Diagnostic> + fmt::Debug,
{
    lambda::run(Front(handler)).await
}

/// [`run`] for environments that handle several invocations at once (Lambda Managed Instances).
///
/// `AWS_LAMBDA_MAX_CONCURRENCY` says how many; unset or 1, it is the same as [`run`].
///
/// ```no_run
/// use secure_runtime::prelude::*;
///
/// #[secure_handler(http)]
/// async fn ping(_: HttpRequest<()>) -> Result<&'static str, Error> {
///     Ok("pong")
/// }
///
/// #[secure_runtime::main(flavor = "multi_thread")]
/// async fn main() -> Result<(), secure_runtime::Error> {
///     secure_runtime::http::run_concurrent(service_fn(ping)).await
/// }
/// ```
///
/// # Errors
/// As [`run_concurrent`](crate::run_concurrent).
///
/// # Panics
/// As [`run_concurrent`](crate::run_concurrent).
pub async fn run_concurrent<S, R, E>(handler: S) -> Result<(), Error>
where
    S: Service<lambda_http::Request, Response = R, Error = E> + Clone + Send + 'static,
    S::Future: Send + 'static,
    R: IntoResponse + Send + 'static,
    E: Into<Diagnostic> + fmt::Debug + Send + 'static,
{
    lambda::run_concurrent(Front(handler)).await
}

/// A service of requests as one of events.
#[derive(Clone)]
struct Front<S>(S);

/// What a front end takes for an answer. lambda_http doesn't name it.
type Transformed = TransformResponse<'static, Response<Body>, Infallible>;
type Shaped = <<Transformed as Future>::Output as Outcome>::Ok;

impl<S> Service<LambdaEvent<RawPayload>> for Front<S>
where
    S: Service<lambda_http::Request>,
    S::Response: IntoResponse,
{
    type Response = Shaped;
    type Error = Unanswered<S::Error>;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, task: &mut TaskContext<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(task).map_err(Unanswered::ByService)
    }

    fn call(&mut self, event: LambdaEvent<RawPayload>) -> Self::Future {
        let (payload, context) = event.into_parts();
        match arrive(payload.json(), &context) {
            Ok((origin, request)) => {
                drop(payload);
                let future = Box::pin(self.0.call(request.with_lambda_context(context)));
                Answering { origin: Some(origin), step: Step::Handling(future) }
            }
            Err(kind) => Answering { origin: None, step: Step::Refused(refuse(&context, kind)) },
        }
    }
}

/// Makes a request of an event, or says of what kind the mistake is in it. As soon as the front end is known, failures are
/// answered in its shape.
fn arrive(json: &[u8], context: &Context) -> Result<(RequestOrigin, lambda_http::Request), &'static str> {
    let Ok(mut event) = serde_json::from_slice::<LambdaRequest>(json) else {
        if let Some(origin) = origin_of_malformed(json) {
            answer_as(origin);
            return Err("request");
        }
        return Err("no request");
    };
    let origin = event.request_origin();
    answer_as(origin.clone());
    let body = body(&mut event)?;
    // A host or a path that makes no URI panics.
    let mut request = caught(|| lambda_http::Request::from(event)).ok_or("uri")?;
    *request.body_mut() = body;
    if let Some(id) = context.xray_trace_id.as_deref().and_then(|id| HeaderValue::from_str(id).ok()) {
        request.headers_mut().insert(HeaderName::from_static("x-amzn-trace-id"), id);
    }
    Ok((origin, request))
}

/// Takes the body out of an event: lambda_http would copy it, and panic where it is not the Base64 that it is said to be.
fn body(event: &mut LambdaRequest) -> Result<Body, &'static str> {
    let (body, is_base64) = match event {
        LambdaRequest::ApiGatewayV1(event) => (event.body.take(), mem::take(&mut event.is_base64_encoded)),
        LambdaRequest::ApiGatewayV2(event) => (event.body.take(), mem::take(&mut event.is_base64_encoded)),
        LambdaRequest::Alb(event) => (event.body.take(), mem::take(&mut event.is_base64_encoded)),
        // What other crates of the program have switched on.
        #[allow(unreachable_patterns, reason = "by their features")]
        _ => return Err("front end"),
    };
    match body {
        None => Ok(Body::Empty),
        Some(body) if is_base64 => BASE64_STANDARD.decode(body).map(Body::Binary).map_err(|_| "base64"),
        Some(body) => Ok(Body::Text(body)),
    }
}

/// From here on, failures of the current invocation are answers in the shape of a front end.
fn answer_as(origin: RequestOrigin) {
    if let Some(invocation) = scope::current() {
        invocation.render_failures(Box::new(move |failure: &Failure| {
            let shaped = shape(origin.clone(), problem::document(failure));
            serde_json::to_vec(&shaped).expect("headers and a body of ours serialise")
        }));
    }
}

/// An answer as a front end takes it.
fn shape(origin: RequestOrigin, response: Response<Body>) -> Shaped {
    let mut transformed = Transformed::Response(origin, Box::pin(ready(response)));
    match Pin::new(&mut transformed).poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(Ok(shaped)) => shaped,
        Poll::Ready(Err(never)) => match never {},
        Poll::Pending => unreachable!("the response is there"),
    }
}

/// Which front end has sent what lambda_http doesn't take: a method or a header that is none, or a text that is no UTF-8.
fn origin_of_malformed(json: &[u8]) -> Option<RequestOrigin> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Event {
        http_method: Option<IgnoredAny>,
        request_context: RequestContext,
    }

    #[derive(Deserialize)]
    struct RequestContext {
        elb: Option<IgnoredAny>,
        http: Option<IgnoredAny>,
    }

    let Event { http_method, request_context } = serde_json::from_slice(json).ok()?;
    match (request_context, http_method) {
        (RequestContext { elb: Some(_), .. }, _) => Some(RequestOrigin::Alb),
        (RequestContext { http: Some(_), .. }, _) => Some(RequestOrigin::ApiGatewayV2),
        (_, Some(_)) => Some(RequestOrigin::ApiGatewayV1),
        _ => None,
    }
}

fn refuse(context: &Context, kind: &'static str) -> Failure {
    let failure = Failure::new(Opaque::INVALID_INPUT, &context.request_id);
    if let Some(invocation) = scope::current() {
        report::unparsed(lambda::subject(&invocation), &failure, &ParseError::of_kind(kind));
    }
    failure
}

/// A request on its way through a service, and the answer on its way to the front end.
struct Answering<F> {
    /// `None`: it has been refused.
    origin: Option<RequestOrigin>,
    step: Step<F>,
}

enum Step<F> {
    Handling(Pin<Box<F>>),
    Converting(Pin<Box<dyn Future<Output = Response<Body>> + Send>>),
    Refused(Failure),
}

impl<F, R, E> Future for Answering<F>
where
    F: Future<Output = Result<R, E>>,
    R: IntoResponse,
{
    type Output = Result<Shaped, Unanswered<E>>;

    fn poll(mut self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Self::Output> {
        loop {
            match &mut self.step {
                Step::Handling(future) => match ready!(future.as_mut().poll(task)) {
                    Ok(answer) => self.step = Step::Converting(answer.into_response()),
                    Err(error) => return Poll::Ready(Err(Unanswered::ByService(error))),
                },
                Step::Converting(response) => {
                    let response = ready!(response.as_mut().poll(task));
                    let origin = self.origin.take().expect("a future is not polled once it is ready");
                    return Poll::Ready(Ok(shape(origin, response)));
                }
                Step::Refused(failure) => return Poll::Ready(Err(Unanswered::Refused(failure.clone()))),
            }
        }
    }
}

/// Why there is no answer.
#[derive(Debug)]
enum Unanswered<E> {
    ByService(E),
    Refused(Failure),
}

impl<E: Into<Diagnostic>> From<Unanswered<E>> for Diagnostic {
    fn from(unanswered: Unanswered<E>) -> Self {
        match unanswered {
            Unanswered::ByService(error) => error.into(),
            Unanswered::Refused(failure) => failure.into(),
        }
    }
}
