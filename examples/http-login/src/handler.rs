//! The function itself.

use secure_runtime::{audit, prelude::*};
use serde_json::{Value, json};

use crate::{error::LoginError, password, request::Login, session, users::Users};

/// Answers a request: `POST /login`, `GET /health`.
#[secure_handler(http)]
pub async fn login(request: HttpRequest<Option<Login<'_>>>, users: &Users) -> Result<Value, LoginError> {
    match (request.method().as_str(), request.path()) {
        ("POST", "/login") => {}
        ("GET", "/health") => return Ok(json!({"status": "ok"})),
        (_, "/login" | "/health") => return Err(LoginError::NoSuchMethod),
        _ => return Err(LoginError::NoSuchPath),
    }
    let Some(Login { user, password }) = request.body else { return Err(LoginError::NoBody) };
    if users.is_locked(&user).await? {
        audit!("login_failed", user = %user, reason = "locked");
        return Err(LoginError::Locked(user));
    }
    let hash = users.hash(&user).await?;
    let known = hash.is_some();
    let hash = hash.unwrap_or_else(|| password::NOBODY.to_owned());
    // On the blocking pool, with a copy of the password that is wiped there: a hash takes the processor for long.
    let right = password.expose_blocking(move |password| password::verify(password, &hash)).await?;
    if !(known && right) {
        audit!("login_failed", user = %user, reason = if known { "wrong_password" } else { "unknown_user" });
        return Err(LoginError::Refused(user));
    }
    Ok(json!({"session": session::open()?}))
}
