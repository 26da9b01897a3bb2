//! A function that ends in every way there is. `RUN` says under which loop it runs, the event's `mode` how it ends.

use std::{
    pin::Pin,
    task::{Context as TaskContext, Poll},
};

use futures_core::Stream;
use lambda_runtime::StreamResponse;
use secure_runtime::prelude::*;
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::Value;

#[secure_event]
#[derive(Debug)]
struct Event<'inv> {
    #[public]
    mode: String,
    word: Secret<'inv, String>,
}

#[derive(Debug, thiserror::Error, OpaqueError)]
enum Declared {
    #[error("declared with {0}")]
    #[opaque(code = "declared", status = 418, message = "As declared.", retry)]
    Declared(String),
}

/// An answer that may not serialise.
struct Answer {
    text: String,
    broken: bool,
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.broken {
            return Err(S::Error::custom(format!("can't serialise {}", self.text)));
        }
        serializer.serialize_str(&self.text)
    }
}

#[secure_handler]
async fn secured(event: LambdaEvent<Event<'_>>) -> Result<Answer, Error> {
    let Event { mode, word } = event.payload;
    let leak = || word.declassify("the test looks for it outside", String::clone);
    match mode.as_str() {
        "answer" => Ok(Answer { text: leak(), broken: false }),
        "length" => {
            Ok(Answer { text: word.declassify("lengths are public here", String::len).to_string(), broken: false })
        }
        "unserialisable" => Ok(Answer { text: leak(), broken: true }),
        "boxed" => Err(leak().into()),
        "declared" => Err(Declared::Declared(leak()).into()),
        "panic" => panic!("panicked with {}", leak()),
        "panic_any" => std::panic::panic_any(leak().into_bytes()),
        "panic_exposed" => {
            word.expose(|word| assert!(word.is_empty(), "exposed {word}"));
            unreachable!()
        }
        "panic_after_await" => {
            tokio::task::yield_now().await;
            panic!("later with {}", leak())
        }
        "panic_blocking" => {
            word.expose_blocking(|word| assert!(word.is_empty(), "blocking {word}")).await;
            unreachable!()
        }
        "panic_in_drop" => {
            struct Bomb(String);
            impl Drop for Bomb {
                fn drop(&mut self) {
                    panic!("dropped {}", self.0);
                }
            }
            let _bomb = Bomb(leak());
            Ok(Answer { text: String::new(), broken: false })
        }
        "slow" => {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            Ok(Answer { text: leak(), broken: false })
        }
        other => Err(format!("no mode {other}").into()),
    }
}

#[secure_handler]
async fn declared(event: LambdaEvent<Event<'_>>) -> Result<(), Declared> {
    Err(Declared::Declared(event.payload.word.declassify("to be quoted in an error", String::clone)))
}

/// A service that is no handler of ours.
async fn unsecured(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let mode = event.payload["mode"].as_str().unwrap_or_default();
    match mode {
        "answer" => Ok(event.payload["word"].clone()),
        "panic" => panic!("panicked with {}", event.payload),
        _ => Err(format!("unsecured {}", event.payload).into()),
    }
}

/// A streamed answer that breaks off.
struct Chunks {
    left: u32,
    breaks_with: Option<String>,
}

impl Stream for Chunks {
    type Item = Result<Vec<u8>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        if self.left > 0 {
            self.left -= 1;
            return Poll::Ready(Some(Ok(b"chunk ".to_vec())));
        }
        Poll::Ready(self.breaks_with.take().map(|word| Err(format!("broke with {word}").into())))
    }
}

#[secure_handler]
async fn streamed(event: LambdaEvent<Event<'_>>) -> Result<StreamResponse<Chunks>, Error> {
    let Event { mode, word } = event.payload;
    let breaks_with = (mode == "broken").then(|| word.declassify("to be quoted in an error", String::clone));
    Ok(StreamResponse {
        metadata_prelude: lambda_runtime::MetadataPrelude::default(),
        stream: Chunks { left: 3, breaks_with },
    })
}

async fn boxed_again(event: LambdaEvent<RawPayload>) -> Result<(), Error> {
    Ok(declared(event).await?)
}

#[secure_runtime::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), secure_runtime::Error> {
    secure_runtime::log::init();
    match std::env::var("RUN")?.as_str() {
        "secure" => secure_runtime::run(service_fn(secured)).await,
        "declared" => secure_runtime::run(service_fn(declared)).await,
        "boxed_again" => secure_runtime::run(service_fn(boxed_again)).await,
        "concurrent" => secure_runtime::run_concurrent(service_fn(secured)).await,
        "unsecured" => secure_runtime::run(service_fn(unsecured)).await,
        "streamed" => secure_runtime::run(service_fn(streamed)).await,
        "plain" => lambda_runtime::run(service_fn(secured)).await,
        "plain_declared" => lambda_runtime::run(service_fn(declared)).await,
        other => Err(format!("no loop {other}").into()),
    }
}
