//! Everything that a handler of HTTP requests may be.
#![forbid(unsafe_code)]
#![deny(warnings, rust_2018_idioms, elided_lifetimes_in_paths)]

use std::sync::Arc;

use secure_runtime::{
    http::{Body, Request, Response, StatusCode},
    prelude::*,
};
use serde_json::{Value, json};

#[secure_event]
#[derive(Debug)]
struct Login<'inv> {
    #[public]
    user: String,
    password: Secret<'inv, String>,
}

#[derive(Debug, OpaqueError)]
#[opaque(code = "refused", status = 401, message = "No.")]
struct Refused;

trait Db: Sync {
    fn knows(&self, user: &str) -> bool;
}

impl Db for [&str] {
    fn knows(&self, user: &str) -> bool {
        self.contains(&user)
    }
}

#[secure_handler(http)]
async fn login(request: HttpRequest<Login<'_>>, db: &[&str]) -> Result<impl IntoResponse, Refused> {
    let Login { user, password } = request.body;
    if !db.knows(&user) || !password.expose(|password| password == "hunter2") {
        return Err(Refused);
    }
    Ok((StatusCode::CREATED, json!({"welcome": user})))
}

#[secure_handler(http)]
async fn destructured<'inv>(
    db: Arc<Vec<String>>,
    HttpRequest { body: Login { user, .. }, .. }: HttpRequest<Login<'inv>>,
) -> Result<String, Error> {
    Ok(if db.contains(&user) { "known".to_owned() } else { "unknown".to_owned() })
}

#[secure_handler(http)]
async fn nothing(_: HttpRequest<()>) -> Result<Response<Body>, Error> {
    Ok(Response::new(Body::Empty))
}

#[secure_handler(http)]
async fn secret_alone(request: HttpRequest<Secret<'_, String>>) -> Result<String, std::convert::Infallible> {
    Ok(request.body.expose(String::is_empty).to_string())
}

#[secure_handler(http)]
async fn generic<D: Db + ?Sized>(request: HttpRequest<PublicEvent<Value>>, db: &D) -> Result<Value, Error> {
    #[secret]
    let key = "made".to_owned();
    let known = db.knows(request.body["user"].as_str().unwrap_or_default());
    Ok(json!({"known": known, "key": key.expose(|key| !key.is_empty())}))
}

type Ev<'inv> = HttpRequest<Login<'inv>>;

#[secure_handler(http)]
async fn alias(ev: Ev<'_>) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    Ok(ev.path().as_bytes().to_vec())
}

fn post(body: &str) -> Request {
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = secure_runtime::http::Method::POST;
    request
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[secure_runtime::main]
async fn main() {
    let body = r#"{"user": "ada", "password": "hunter2"}"#;
    let response = is_send(login(post(body), &["ada"])).await.unwrap();
    assert_eq!((response.status(), &**response.body()), (StatusCode::CREATED, &br#"{"welcome":"ada"}"#[..]));
    assert_eq!(login(post(body), &[]).await.unwrap().status(), 401);
    assert_eq!(login(post("{}"), &[]).await.unwrap().status(), 400);
    let known = Arc::new(vec!["ada".to_owned()]);
    assert_eq!(**destructured(known, post(body)).await.unwrap().body(), *b"known");
    assert_eq!(nothing(post("anything")).await.unwrap().status(), 200);
    assert_eq!(**secret_alone(post("\"x\"")).await.unwrap().body(), *b"false");
    assert_eq!(**generic(post(body), &["ada"][..]).await.unwrap().body(), *br#"{"key":true,"known":true}"#);
    assert_eq!(alias(post(body)).await.unwrap().headers()["content-type"], "application/octet-stream");
    // It is a service for lambda_http's loop, and for ours.
    drop(secure_runtime::http::run_concurrent(service_fn(nothing)));
    drop(secure_runtime::http::run(service_fn(|request| login(request, &["ada"]))));
}
