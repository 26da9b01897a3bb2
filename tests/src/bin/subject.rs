//! A function that ends in every way there is. `RUN` says under which loop it runs, the event's `mode` how it ends.

use std::{
    env, fmt,
    pin::Pin,
    task::{Context as TaskContext, Poll},
    time::Duration,
};

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use futures_core::Stream;
use lambda_runtime::StreamResponse;
use secure_runtime::{Invalid, Validate, prelude::*};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error as _};
use serde_json::Value;

#[secure_event(validate)]
#[derive(Debug)]
struct Event<'inv> {
    #[public]
    mode: String,
    word: Secret<'inv, String>,
    /// A card number, or what else is a number.
    #[serde(default)]
    number: Option<Secret<'inv, u64>>,
    /// A JSON text in a text, as API Gateway and SQS send it.
    #[public]
    #[serde(default)]
    body: String,
    #[public]
    #[serde(default)]
    odd: Odd,
    #[nested]
    #[serde(default)]
    items: Vec<Item<'inv>>,
}

impl Validate for Event<'_> {
    fn validate(&self) -> Result<(), Invalid> {
        let word = || self.word.declassify("to be quoted in a panic", String::clone);
        match self.mode.as_str() {
            "invalid word" => Err(Invalid::field("word")),
            "invalid" => Err(Invalid::value()),
            "panic in validate" => panic!("validating {}", word()),
            _ => Ok(()),
        }
    }
}

/// What is nested, and validated by itself.
#[secure_event(validate)]
#[derive(Debug)]
struct Item<'inv> {
    pin: Secret<'inv, String>,
}

impl Validate for Item<'_> {
    fn validate(&self) -> Result<(), Invalid> {
        if self.pin.expose(|pin| pin.len() == 4) { Ok(()) } else { Err(Invalid::field("pin")) }
    }
}

/// What a type makes of its input is its own.
#[derive(Debug, Default)]
struct Odd;

impl<'de> Deserialize<'de> for Odd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        assert!(text.is_empty(), "deserialised {text}");
        Ok(Self)
    }
}

/// What is in a `body`.
#[derive(Deserialize)]
struct Body {
    pin: String,
}

#[derive(Debug, thiserror::Error, OpaqueError)]
enum Failed {
    #[error("declared with {0}")]
    #[opaque(code = "declared", status = 418, message = "As declared.", retry)]
    Declared(String),
    #[error("ours with {0}")]
    #[opaque(code = "unavailable", status = 503, message = "Try again later.")]
    Ours(String),
    #[error("opening the till: {0}")]
    #[opaque(code = "till", status = 500, message = "The till is shut.")]
    Sourced(String, #[source] Middle),
    #[error(transparent)]
    Transparent(#[from] Middle),
    #[error(transparent)]
    #[opaque(delegate)]
    Delegated(#[from] Inner),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("parsing the body")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Boxed(Error),
    #[error("{0}")]
    Odd(Loud),
}

#[derive(Debug, thiserror::Error)]
#[error("middle of {0}")]
struct Middle(String, #[source] std::io::Error);

#[derive(Debug, thiserror::Error, OpaqueError)]
#[error("inner with {0}")]
#[opaque(code = "inner", status = 409, message = "As the inner error says.")]
struct Inner(String);

/// An error's text that can't be had, or an error that can't even be dropped.
#[derive(Debug)]
struct Loud {
    word: String,
    in_drop: bool,
}

impl fmt::Display for Loud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        assert!(self.in_drop, "displayed {}", self.word);
        f.write_str("loud")
    }
}

impl Drop for Loud {
    fn drop(&mut self) {
        assert!(!self.in_drop || std::thread::panicking(), "an error dropped with {}", self.word);
    }
}

/// An answer that may not serialise.
#[derive(Default)]
struct Answer {
    text: String,
    fault: Fault,
}

#[derive(Default)]
enum Fault {
    #[default]
    None,
    Refuses,
    Panics,
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.fault {
            Fault::None => serializer.serialize_str(&self.text),
            Fault::Refuses => Err(S::Error::custom(format!("can't serialise {}", self.text))),
            Fault::Panics => panic!("serialising {}", self.text),
        }
    }
}

/// Panics when it is dropped, and catches that itself where it must.
struct Bomb {
    word: String,
    caught: bool,
}

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.caught {
            let _ = std::panic::catch_unwind(|| panic!("dropped {}", self.word));
        } else {
            panic!("dropped {}", self.word);
        }
    }
}

/// Logs that it is dropped, with the word.
struct Told(String);

impl Drop for Told {
    fn drop(&mut self) {
        tracing::info!(held = self.0, "the handler was dropped");
    }
}

#[secure_handler]
async fn secured(event: LambdaEvent<Event<'_>>) -> Result<Answer, Failed> {
    let Event { mode, word, number, body, odd: Odd, items } = event.payload;
    let leak = || word.declassify("the test looks for it outside", String::clone);
    let answer = |text| Ok(Answer { text, fault: Fault::None });
    match mode.as_str() {
        "answer" => answer(leak()),
        "items" => answer(items.len().to_string()),
        "length" => answer(word.declassify("lengths are public here", String::len).to_string()),
        "slow" => {
            tokio::time::sleep(Duration::from_millis(20)).await;
            answer(leak())
        }
        "log" => {
            tracing::info!(quoted = leak(), "a line of the program's own: {}", leak());
            tracing::debug!("a line for those who look closely");
            answer(String::new())
        }

        "declared" => Err(Failed::Declared(leak())),
        "ours" => Err(Failed::Ours(leak())),
        "sourced" => {
            let root = std::io::Error::other(format!("rooted in {}", leak()));
            Err(Failed::Sourced(leak(), Middle(leak(), root)))
        }
        "transparent" => Err(Middle(leak(), std::io::Error::other(leak())))?,
        "delegated" => Err(Inner(leak()))?,
        "io" => Err(std::io::Error::other(format!("reading {}", leak())))?,
        "json" => Err(serde_json::from_str::<u8>(&format!("\"{}\"", leak())).unwrap_err())?,
        "boxed" => Err(Failed::Boxed(format!("boxed {}", leak()).into())),
        "encoded" => Err(Failed::Ours(encoded(&leak()))),
        "error that can't be displayed" => Err(Failed::Odd(Loud { word: leak(), in_drop: false })),
        "error that can't be dropped" => Err(Failed::Odd(Loud { word: leak(), in_drop: true })),

        "unserialisable" => Ok(Answer { text: leak(), fault: Fault::Refuses }),
        "panic in serialize" => Ok(Answer { text: leak(), fault: Fault::Panics }),
        "too long" => answer(leak().repeat((6 << 20) / 32 + 4)),
        "as long as it may be" => answer("x".repeat((6 << 20) + 100 - 2)),

        "join error" => {
            let word = leak();
            let joined = tokio::spawn(async move { panic!("spawned with {word}") }).await;
            joined.map_err(|error| Failed::Boxed(error.into()))?;
            unreachable!()
        }
        "number" => {
            let number = number.map(|number| number.declassify("to be quoted in an error", u64::clone));
            Err(Failed::Ours(format!("number {number:?}")))
        }
        "panic with a number" => {
            let quoted = number.as_ref().map(|number| number.declassify("to be quoted in a panic", u64::clone));
            panic!("number {quoted:?}")
        }
        "nested" => {
            let parsed: Body = serde_json::from_str(&body)?;
            #[secret]
            let pin = parsed.pin;
            Err(Failed::Ours(format!("pin {}", pin.declassify("to be quoted in an error", String::clone))))
        }
        "secret let" => {
            #[secret]
            let key = env::var("KEY").unwrap_or_default();
            let quoted = key.declassify("to be quoted in a panic", String::clone);
            panic!("signing with {quoted}")
        }
        "secret let that is gone" => {
            #[secret]
            let key = env::var("KEY").unwrap_or_default();
            Err(Failed::Ours(key.declassify("to be quoted in an error", String::clone)))
        }
        "busy" => {
            let _told = Told(leak());
            std::future::pending::<()>().await;
            unreachable!()
        }
        mode => panicking(mode, &word).await,
    }
}

/// A text in the encodings that errors have been seen to quote in.
fn encoded(text: &str) -> String {
    let bytes = |byte: fn(&u8) -> String| text.as_bytes().iter().map(byte).collect::<Vec<_>>().concat();
    let hex = bytes(|byte| format!("{byte:02x}"));
    let percent = bytes(|byte| format!("%{byte:02X}"));
    let base64 = ["", "x", "xy"].map(|before| BASE64_STANDARD.encode(format!("{before}{text}")));
    let url_safe = BASE64_URL_SAFE_NO_PAD.encode(text);
    let (upper, lower) = (text.to_uppercase(), text.to_lowercase());
    format!("{hex} and {percent} and {base64:?} and {url_safe} and {upper} and {lower} and {text:?}")
}

/// Every way to panic in a body.
#[secure_fn]
async fn panicking(mode: &str, word: &Secret<'_, String>) -> Result<Answer, Failed> {
    let leak = || word.declassify("the test looks for it outside", String::clone);
    match mode {
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
            let _bomb = Bomb { word: leak(), caught: false };
            Ok(Answer::default())
        }
        "panic_while_unwinding" => {
            let _bomb = Bomb { word: leak(), caught: true };
            panic!("first with {}", leak())
        }
        other => Err(Failed::Boxed(format!("no mode {other}").into())),
    }
}

#[secure_handler]
async fn texts(event: LambdaEvent<Event<'_>>) -> Result<(), String> {
    Err(format!("text with {}", event.payload.word.declassify("to be quoted in an error", String::clone)))
}

#[secure_handler]
async fn boxes(event: LambdaEvent<Event<'_>>) -> Result<(), Error> {
    let word = event.payload.word.declassify("to be quoted in an error", String::clone);
    Err(Middle(word, std::io::Error::other("the root")).into())
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
    let Event { mode, word, .. } = event.payload;
    let breaks_with = (mode == "broken").then(|| word.declassify("to be quoted in an error", String::clone));
    Ok(StreamResponse {
        metadata_prelude: lambda_runtime::MetadataPrelude::default(),
        stream: Chunks { left: 3, breaks_with },
    })
}

async fn boxed_again(event: LambdaEvent<RawPayload>) -> Result<Answer, Error> {
    Ok(secured(event).await?)
}

/// What writes the log, and who has a hook of his own.
fn set_up() {
    let told = |kind: &str| println!("{{\"hook\":\"{kind}\"}}");
    let label = String::from("captures");
    match env::var("HOOK").as_deref() {
        Ok("captures") => std::panic::set_hook(Box::new(move |_| told(&label))),
        Ok("captures nothing") => std::panic::set_hook(Box::new(|_| println!("{{\"hook\":\"captures nothing\"}}"))),
        Ok("chained") => {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                before(info);
                told(&label);
            }));
        }
        _ => {}
    }
    match env::var("SUBSCRIBER").as_deref() {
        Ok("own") => tracing_subscriber::fmt().json().flatten_event(true).init(),
        _ => secure_runtime::log::init(),
    }
}

#[secure_runtime::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), secure_runtime::Error> {
    set_up();
    match env::var("RUN")?.as_str() {
        "secure" => secure_runtime::run(service_fn(secured)).await,
        "texts" => secure_runtime::run(service_fn(texts)).await,
        "boxes" => secure_runtime::run(service_fn(boxes)).await,
        "boxed_again" => secure_runtime::run(service_fn(boxed_again)).await,
        "concurrent" => secure_runtime::run_concurrent(service_fn(secured)).await,
        "unsecured" => secure_runtime::run(service_fn(unsecured)).await,
        "streamed" => secure_runtime::run(service_fn(streamed)).await,
        "plain" => lambda_runtime::run(service_fn(secured)).await,
        "plain streamed" => lambda_runtime::run(service_fn(streamed)).await,
        "plain texts" => lambda_runtime::run(service_fn(texts)).await,
        "plain boxes" => lambda_runtime::run(service_fn(boxes)).await,
        other => Err(format!("no loop {other}").into()),
    }
}
