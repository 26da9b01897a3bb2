//! A login as it is written without a second thought. Its twin is `secured_login.rs`; `docs/proving-it.md` shows what a probe says of both.

use std::{collections::HashMap, sync::Mutex};

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Clone, Debug, Deserialize)]
struct Login {
    user: String,
    password: String,
    cards: Vec<Card>,
}

#[derive(Clone, Debug, Deserialize)]
struct Card {
    number: String,
}

/// Who has logged in before.
static KNOWN: Mutex<Option<HashMap<String, Login>>> = Mutex::new(None);

async fn login(event: LambdaEvent<Login>) -> Result<Value, Error> {
    let login = event.payload;
    println!("login: {login:?}");
    let stored = login.clone();
    let length = tokio::task::spawn_blocking(move || slow_hash(&stored.password)).await?;
    let cards: Vec<String> = login.cards.iter().map(|card| card.number.clone()).collect();
    let answer = json!({"user": login.user, "length": length, "cards": cards});
    KNOWN.lock().expect("nobody panics").get_or_insert_default().insert(login.user.clone(), login);
    Ok(answer)
}

fn slow_hash(password: &str) -> usize {
    format!("salt{password}").len()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(login)).await
}
