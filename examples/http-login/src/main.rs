//! The function's process.

use std::env;

use http_login::{handler::login, users::Users};
use secure_runtime::prelude::*;

#[secure_runtime::main]
async fn main() -> Result<(), secure_runtime::Error> {
    secure_runtime::log::init();
    let users = Users::connect(&env::var("DATABASE_SECRET")?);
    secure_runtime::http::run(service_fn(|request| login(request, &users))).await
}
