//! A function behind every front end. `RUN` says under which loop it runs, the path which handler it is, the order's `mode` how that
//! one ends.

use std::{convert::Infallible, env, sync::Mutex, time::Duration};

use secure_runtime::{
    Invalid, Validate,
    http::{Body, Request, Response, StatusCode},
    prelude::*,
};
use serde_json::{Value, json};

#[secure_event]
struct Order<'inv> {
    #[public]
    mode: String,
    word: Secret<'inv, String>,
    #[public]
    #[serde(default)]
    count: u32,
}

#[derive(Debug, thiserror::Error, OpaqueError)]
enum OrderError {
    #[error("sold out of {0}")]
    #[opaque(code = "sold_out", status = 409, message = "There is none left.")]
    SoldOut(String),
    #[error(transparent)]
    Other(Error),
}

/// Knows what it has to be.
#[secure_event(validate)]
struct Checked {
    #[public]
    count: u32,
}

impl Validate for Checked {
    fn validate(&self) -> Result<(), Invalid> {
        if self.count < 10 { Ok(()) } else { Err(Invalid::field("count")) }
    }
}

#[secure_handler(http)]
async fn checked(request: HttpRequest<Option<Checked>>) -> Result<String, Error> {
    Ok(request.body.map_or(0, |body| body.count).to_string())
}

/// Panics when it is dropped.
struct Bomb(String);

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "dropped {}", self.0);
    }
}

#[secure_handler(http)]
async fn order(request: HttpRequest<Order<'_>>) -> Result<Response<Body>, OrderError> {
    let (Order { mode, word, count }, request) = request.into_parts();
    let word = || word.declassify("errors are what is tested", Clone::clone);
    let response = Response::builder();
    let response = match mode.as_str() {
        "answer" => response.header("content-type", "application/json").body(Body::from(
            json!({"count": count, "method": request.method().as_str(), "path": request.path(), "q": request.query("q"), "accept": request.header("accept")})
                .to_string(),
        )),
        "own" => response
            .status(StatusCode::CREATED)
            .header("location", "/orders/7")
            .header("cache-control", "max-age=60")
            .header("set-cookie", "a=1")
            .header("set-cookie", "b=2")
            .body(Body::Empty),
        "latin" => response.header("content-type", "text/plain; charset=iso-8859-1").body(Body::from(vec![0xe9])),
        "odd header" => response.header("x-odd", &b"\xe9"[..]).body(Body::Empty),
        "sold out" => return Err(OrderError::SoldOut(word())),
        "undeclared" => return Err(OrderError::Other(format!("the database said {}", word()).into())),
        "panic" => panic!("panicked with {}", word()),
        "drop" => {
            let _bomb = Bomb(word());
            response.body(Body::Empty)
        }
        "wait" => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            response.body(Body::Empty)
        }
        "long" => response.body(Body::from("x".repeat(7 << 20))),
        _ => response.status(StatusCode::NOT_FOUND).body(Body::Empty),
    };
    response.map_err(|error| OrderError::Other(error.into()))
}

/// Takes whatever comes, and says what it knows of it.
#[secure_handler(http)]
async fn anything(request: HttpRequest<()>) -> Result<(StatusCode, Value), Error> {
    if request.method() == secure_runtime::http::Method::PATCH {
        return Ok((StatusCode::METHOD_NOT_ALLOWED, json!({"allow": "not PATCH"})));
    }
    let length =
        |name| request.secret_header(name).map(|value| value.declassify("its length says enough", String::len));
    let kept = ["authorization", "cookie", "x-api-key"].map(|name| request.header(name));
    Ok((StatusCode::OK, json!({"kept": kept, "authorization": length("authorization"), "cookie": length("cookie")})))
}

/// Takes an order or none.
#[secure_handler(http)]
async fn optional(request: HttpRequest<Option<Order<'_>>>) -> Result<&'static str, Error> {
    Ok(if request.body.is_some() { "some" } else { "none" })
}

#[secure_handler(http)]
async fn bytes(_: HttpRequest<()>) -> Result<Vec<u8>, Error> {
    Ok(vec![0xff, 0x00])
}

#[secure_handler(http)]
async fn fails_with_credentials(request: HttpRequest<()>) -> Result<String, Error> {
    let secrets = ["authorization", "cookie"].map(|name| request.secret_header(name));
    let words = secrets.map(|secret| secret.map(|secret| secret.declassify("errors are what is tested", Clone::clone)));
    Err(format!("failed with {words:?}").into())
}

/// What an unsecured function does: it keeps what it was sent, and remembers it.
fn keep(request: &Request) -> Response<Body> {
    static KEPT: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let text = format!("{:?} {:?}", request.headers(), request.body());
    KEPT.lock().unwrap().push(text);
    Response::new(Body::from("kept"))
}

async fn route(request: Request) -> Result<Response<Body>, Infallible> {
    match request.uri().path().rsplit('/').next().unwrap_or_default() {
        "anything" => anything(request).await,
        "credentials" => fails_with_credentials(request).await,
        "checked" => checked(request).await,
        "optional" => optional(request).await,
        "bytes" => bytes(request).await,
        "keep" => Ok(keep(&request)),
        _ => order(request).await,
    }
}

/// A service that is not secured, whose errors the loop makes opaque.
async fn unsecured(request: Request) -> Result<String, Error> {
    Err(format!("failed with {:?}", request.body()).into())
}

#[secure_runtime::main(flavor = "multi_thread")]
async fn main() -> Result<(), Error> {
    secure_runtime::log::init();
    match env::var("RUN")?.as_str() {
        "secure" => secure_runtime::http::run(service_fn(route)).await,
        "concurrent" => secure_runtime::http::run_concurrent(service_fn(route)).await,
        "plain" => lambda_http::run(service_fn(route)).await,
        "unsecured" => secure_runtime::http::run(service_fn(unsecured)).await,
        other => Err(format!("no loop {other}").into()),
    }
}
