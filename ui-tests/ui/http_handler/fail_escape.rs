//! What belongs to a request doesn't get out of its handler.

use std::cell::RefCell;

use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler(http)]
async fn body_in_state(
    request: HttpRequest<Login<'_>>,
    state: &RefCell<Vec<Secret<'static, String>>>,
) -> Result<String, Error> {
    state.borrow_mut().push(request.body.password);
    Ok(String::new())
}

#[secure_handler(http)]
async fn spawned(request: HttpRequest<Login<'_>>) -> Result<String, Error> {
    tokio::spawn(async move { drop(request.body.password) });
    Ok(String::new())
}

#[secure_handler(http)]
async fn header_out(request: HttpRequest<()>) -> Result<String, Error> {
    let key: Option<Secret<'static, String>> = request.secret_header("x-api-key");
    Ok(key.is_some().to_string())
}

fn main() {}
