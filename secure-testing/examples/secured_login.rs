//! A login that keeps no secrets. Its twin is `plain_login.rs`.

use secure_runtime::prelude::*;
use serde::Serialize;

#[secure_event]
struct Login<'inv> {
    #[public]
    user: String,
    password: Secret<'inv, String>,
    #[nested]
    cards: Vec<Card<'inv>>,
}

#[secure_event]
struct Card<'inv> {
    number: Secret<'inv, String>,
}

#[derive(Serialize)]
struct Session {
    user: String,
    length: usize,
    cards: usize,
}

#[derive(Debug, thiserror::Error, OpaqueError)]
enum LoginError {
    #[error("{0} has no password")]
    #[opaque(code = "invalid_login", status = 401, message = "User or password is wrong.")]
    Refused(String),
}

#[secure_handler]
async fn login(event: LambdaEvent<Login<'_>>) -> Result<Session, LoginError> {
    let Login { user, password, cards } = event.payload;
    tracing::info!(user = %user, password = ?password, "login");
    let cards = cards.into_iter().filter(|card| !card.number.expose(String::is_empty)).count();
    let length = password.declassify("a length is all the caller gets", String::len);
    if length == 0 {
        return Err(LoginError::Refused(user));
    }
    Ok(Session { user, length, cards })
}

#[secure_runtime::main]
async fn main() -> Result<(), secure_runtime::Error> {
    secure_runtime::log::init();
    secure_runtime::run(service_fn(login)).await
}
