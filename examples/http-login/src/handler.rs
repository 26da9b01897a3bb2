//! The function itself.

use secure_runtime::{audit, prelude::*};
use serde_json::{Value, json};

use crate::{error::LoginError, password, request::Login, session, users::Users};

/// Answers a request: `POST /login`, `GET /health`.
#[secure_handler(http)]
pub async fn login(request: HttpRequest<Login<'_>>, users: &Users) -> Result<Value, LoginError> {
    match (request.method().as_str(), request.path()) {
        ("POST", "/login") => {}
        ("GET", "/health") => return Ok(json!({"status": "ok"})),
        (_, "/login" | "/health") => return Err(LoginError::NoSuchMethod),
        _ => return Err(LoginError::NoSuchPath),
    }
    let Login { user: Some(user), password: Some(password) } = request.body else { return Err(LoginError::Incomplete) };
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

#[cfg(test)]
mod tests {
    use secure_runtime::http::{Body, Method, Request};

    use super::*;
    use crate::users::tests::{ADA, PASSWORD, users};

    /// The status of an answer, and its body.
    async fn ask(request: Request) -> (u16, Value) {
        let response = login(request, &users()).await.unwrap();
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
    }

    fn request(method: Method, path: &str, body: &str) -> Request {
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap();
        request
    }

    fn json(user: &str, password: &str) -> Request {
        request(Method::POST, "/login", &json!({"user": user, "password": password}).to_string())
    }

    fn form(body: &str) -> Request {
        let mut request = request(Method::POST, "/login", body);
        request.headers_mut().insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
        request
    }

    fn is_session(answer: &(u16, Value)) -> bool {
        answer.0 == 200 && answer.1["session"].as_str().is_some_and(|session| session.len() == 43)
    }

    #[tokio::test]
    async fn the_right_password_opens_a_session() {
        assert!(is_session(&ask(json(ADA, PASSWORD)).await));
        assert!(is_session(&ask(form(&format!("user=ada%40example.com&password={PASSWORD}"))).await));
    }

    #[tokio::test]
    async fn a_wrong_password_and_an_unknown_user_are_the_same_to_the_caller() {
        let wrong = ask(json(ADA, "guess")).await;
        assert_eq!((wrong.0, &wrong.1["code"]), (401, &json!("invalid_login")));
        assert_eq!(wrong, ask(json("eve@example.com", PASSWORD)).await);
    }

    #[tokio::test]
    async fn what_fails_is_told_by_its_status_and_its_code() {
        let cases = [
            (request(Method::POST, "/login", r#"{"user": 7}"#), 400, "invalid_input"),
            (form("user=ada%40example.com"), 400, "incomplete_login"),
            (request(Method::GET, "/login", ""), 405, "method_not_allowed"),
            (request(Method::DELETE, "/health", ""), 405, "method_not_allowed"),
            (request(Method::GET, "/admin", ""), 404, "not_found"),
            (json("mallory@example.com", PASSWORD), 429, "too_many_attempts"),
            (json("bob@example.org", PASSWORD), 500, "internal_error"),
        ];
        for (request, status, code) in cases {
            let asked = format!("{} {}", request.method(), request.uri());
            let answer = ask(request).await;
            assert_eq!((answer.0, &answer.1["code"]), (status, &json!(code)), "{asked}");
            assert!(!answer.1.to_string().contains(PASSWORD) && !answer.1.to_string().contains("bob"), "{asked}");
        }
    }

    #[tokio::test]
    async fn health_is_asked_without_a_body() {
        assert_eq!(ask(request(Method::GET, "/health", "")).await, (200, json!({"status": "ok"})));
    }
}
