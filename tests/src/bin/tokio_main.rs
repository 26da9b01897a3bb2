//! Handlers in a process that is not ours: `#[tokio::main]`, and nobody's subscriber but where `SUBSCRIBER` says so. `RUN` says
//! under which loop.

use std::{env, io};

use secure_runtime::prelude::*;
use serde_json::Value;

#[secure_event]
struct Event<'inv> {
    #[public]
    mode: String,
    word: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Event<'_>>) -> Result<String, Error> {
    let Event { mode, word } = event.payload;
    let leak = || word.declassify("the test looks for it outside", String::clone);
    match mode.as_str() {
        "answer" => Ok(leak()),
        "error" => Err(format!("failed with {}", leak()).into()),
        "error that can't be displayed" => Err(Box::new(Mute(leak()))),
        "spawned" => {
            let word = leak();
            Ok(tokio::spawn(async move { panic!("spawned with {word}") }).await?)
        }
        _ => {
            word.expose(|word| assert!(word.is_empty(), "panicked with {word}"));
            Ok(String::new())
        }
    }
}

#[derive(Debug)]
struct Mute(String);

impl std::fmt::Display for Mute {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("displayed {}", self.0)
    }
}

impl std::error::Error for Mute {}

/// The handler as it would be without us.
async fn plain(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let word = event.payload["word"].as_str().unwrap_or_default().to_owned();
    match event.payload["mode"].as_str().unwrap_or_default() {
        "answer" => Ok(word.into()),
        "error" => {
            tracing::error!(word, "the handler fails");
            Err(format!("failed with {word}").into())
        }
        _ => panic!("panicked with {word}"),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if env::var("HOOK").is_ok() {
        std::panic::set_hook(Box::new(|_| eprintln!("the program's own hook")));
    }
    if env::var("SUBSCRIBER").is_ok() {
        tracing_subscriber::fmt().with_writer(io::stderr).init();
    }
    match env::var("RUN")?.as_str() {
        "secure" => secure_runtime::run(service_fn(handler)).await,
        "plain" => lambda_runtime::run(service_fn(handler)).await,
        "unprotected" => lambda_runtime::run(service_fn(plain)).await,
        other => Err(format!("no loop {other}").into()),
    }
}
