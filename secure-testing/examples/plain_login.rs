//! A login as it is written without a second thought. Its twin is `secured_login.rs`; `docs/proving-it.md` shows what a probe says of both.

use std::{collections::HashMap, hint::black_box, sync::Mutex};

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
    let hash = tokio::task::spawn_blocking(move || slow_hash(&stored.password)).await?;
    let cards: Vec<String> = login.cards.iter().map(|card| card.number.clone()).collect();
    let answer = json!({"user": login.user, "hash": hash, "cards": cards});
    KNOWN.lock().expect("nobody panics").get_or_insert_default().insert(login.user.clone(), login);
    Ok(answer)
}

/// Stands for a hash: it copies the password into a block, as a hash does, and works on that.
fn slow_hash(password: &str) -> u32 {
    let mut block = [0; 4096];
    let salted = format!("salt{password}");
    for (to, from) in block.iter_mut().zip(salted.bytes()) {
        *to = from;
    }
    black_box(&block).iter().fold(0, |hash: u32, byte| hash.rotate_left(5) ^ u32::from(*byte))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(login)).await
}
