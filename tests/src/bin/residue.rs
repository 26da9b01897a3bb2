//! A secured function that does with its event's text what the event's `mode` says. `RUN` says under which loop and runtime.

use std::{env, hint::black_box};

use secure_runtime::prelude::*;
use secure_tests::residue::{self, Answer, Block, blocking, done};
use tokio::task::yield_now;

#[secure_event]
struct Event<'inv> {
    #[public]
    mode: String,
    text: Secret<'inv, String>,
}

#[secure_handler]
async fn secured(event: LambdaEvent<Event<'_>>) -> Result<Answer, Error> {
    let Event { mode, text } = event.payload;
    match mode.as_str() {
        "secret" => {
            #[secret]
            let reversed =
                text.declassify("made a secret again at once", |text| text.chars().rev().collect::<String>());
            yield_now().await;
            let both = text.map(|text| text.split(' ').map(str::to_owned).collect::<Vec<_>>()).zip(reversed);
            yield_now().await;
            let as_expected = both.expose_async(async |(words, reversed)| {
                let block = Block::of(reversed);
                yield_now().await;
                black_box(block);
                words.len() < reversed.len()
            });
            assert!(as_expected.await);
            Ok(done())
        }
        "expose_blocking" => {
            assert!(text.expose_blocking(|text| black_box(blocking(text)) != [0; 32]).await);
            Ok(done())
        }
        "keeps" => {
            let copy = text.declassify("to see whether it is found", |text| Box::new(Block::of(text)));
            keep(copy);
            Ok(done())
        }
        mode => {
            let text = text.declassify("a careless handler", String::clone);
            residue::run(mode, text).await
        }
    }
}

/// What no runtime can help against.
fn keep(copy: Box<Block>) {
    black_box(Box::leak(copy));
}

fn main() -> Result<(), Error> {
    match env::var("RUN")?.as_str() {
        "one thread" => on_one_thread(),
        "workers" | "concurrent" => on_workers(),
        other => Err(format!("no way to run called {other}").into()),
    }
}

#[secure_runtime::main]
async fn on_one_thread() -> Result<(), Error> {
    secure_runtime::log::init();
    secure_runtime::run(service_fn(secured)).await
}

#[secure_runtime::main(flavor = "multi_thread", worker_threads = 2, allocator = none)]
async fn on_workers() -> Result<(), Error> {
    secure_runtime::log::init();
    if env::var("RUN")? == "concurrent" {
        return secure_runtime::run_concurrent(service_fn(secured)).await;
    }
    secure_runtime::run(service_fn(secured)).await
}
