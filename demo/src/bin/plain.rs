//! The login function as it is written without us: the same database, password check and ticket as `examples/login`, and
//! `lambda_runtime` as its own examples show it.

use std::time::SystemTime;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use login::{db::Db, password, ticket};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize)]
struct Login {
    user: String,
    password: String,
}

#[derive(Debug, Serialize)]
struct Session {
    ticket: String,
}

async fn handler(event: LambdaEvent<Login>, db: &Db) -> Result<Session, Error> {
    let Login { user, password } = event.payload;
    let Some(row) = db.find(&user).await? else { return Err(format!("no user {user} with this password").into()) };
    if !password::verify(&password, &row.hash)? {
        return Err(format!("no user {user} with this password").into());
    }
    let signing_key = db.signing_key().await?;
    Ok(Session { ticket: ticket::issue(&signing_key, &user, SystemTime::now()) })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let db = Db::connect()?;
    lambda_runtime::run(service_fn(|event| handler(event, &db))).await
}
