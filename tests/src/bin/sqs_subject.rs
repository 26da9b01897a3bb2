//! A queue's function whose records end in every way there is, as each record's `mode` says. `RUN` says which handler it is, `SINK` what
//! becomes of its dead letters.

use std::{env, fmt::Write as _, path::Path, time::Duration};

use secure_runtime::{
    Invalid, Validate,
    dead_letter::{DeadLetter, DeadLetterSink},
    prelude::*,
};
use sha2::{Digest as _, Sha256};
use tokio::time::sleep;

#[secure_event(validate)]
#[derive(Debug)]
struct Order<'inv> {
    #[public]
    mode: String,
    word: Secret<'inv, String>,
}

impl Validate for Order<'_> {
    fn validate(&self) -> Result<(), Invalid> {
        if self.mode == "not valid" { Err(Invalid::field("mode")) } else { Ok(()) }
    }
}

#[derive(Debug, thiserror::Error, OpaqueError)]
enum Failed {
    #[error("passing with {0}")]
    #[opaque(code = "passing", status = 503, message = "Try again later.", retry)]
    Passing(String),
    #[error("poisoned with {0}")]
    #[opaque(code = "poisoned", status = 422, message = "It will never succeed.", poison)]
    Poisoned(String),
    #[error("internal with {0}")]
    Internal(String),
}

/// Logs what it gets of a letter, and of its body a digest.
struct Digests {
    /// What it does instead.
    ends: String,
}

impl DeadLetterSink for Digests {
    async fn put(&self, letter: DeadLetter<'_>) -> Result<(), Error> {
        let body = letter.body().declassify("a digest of it", |bytes| {
            Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
                write!(text, "{byte:02x}").expect("a String takes all");
                text
            })
        });
        match self.ends.as_str() {
            "fails" => return Err(format!("no letter of {}", text_of(letter)))?,
            "fails with a part" => {
                let text = text_of(letter);
                return Err(format!(
                    "no letter of {}",
                    text.split('"').max_by_key(|part| part.len()).unwrap_or_default()
                ))?;
            }
            "panics" => panic!("no letter of {}", text_of(letter)),
            "panics later" => {
                sleep(Duration::from_millis(1)).await;
                panic!("no letter of {}", text_of(letter));
            }
            _ => {}
        }
        tracing::info!(
            letter = letter.message_id(),
            body,
            reason = letter.reason(),
            of_code = letter.code(),
            of_request = letter.request_id(),
            of_handler = letter.handler(),
            of_function = letter.function(),
            receive_count = letter.receive_count(),
            debug = format!("{letter:?} {:?}", letter.body()),
        );
        Ok(())
    }
}

fn text_of(letter: DeadLetter<'_>) -> String {
    letter.body().declassify("a careless sink", |bytes| String::from_utf8_lossy(bytes).into_owned())
}

#[secure_handler(sqs)]
async fn alone(record: Record<Order<'_>>) -> Result<(), Failed> {
    handle(record).await
}

#[secure_handler(sqs, concurrency = 4)]
async fn four(record: Record<Order<'_>>) -> Result<(), Failed> {
    handle(record).await
}

#[secure_handler(sqs, dead_letter = letters)]
async fn lettered(record: Record<Order<'_>>, letters: &Digests) -> Result<(), Failed> {
    assert!(letters.ends.len() < 99);
    handle(record).await
}

async fn handle(record: Record<Order<'_>>) -> Result<(), Failed> {
    tracing::info!(
        ran = record.message_id(),
        receive_count = record.receive_count(),
        group = record.group_id(),
        source = record.attribute("source"),
        debug = format!("{record:?}"),
    );
    let id = record.message_id().to_owned();
    let Order { mode, word } = record.body;
    tokio::task::yield_now().await;
    let quoted = || word.declassify("a careless error", String::clone);
    match mode.as_str() {
        "ok" => {
            tracing::info!(text = quoted(), "a careless line");
            Ok(())
        }
        "fail" => Err(Failed::Passing(quoted())),
        "poison" => Err(Failed::Poisoned(quoted())),
        "internal" => Err(Failed::Internal(quoted())),
        "panic" => panic!("panicked with {}", quoted()),
        "wait" => {
            gate(&id).await;
            Ok(())
        }
        "meet" => {
            // Alone, it would wait for ever.
            arrive();
            while arrived() < 4 {
                sleep(Duration::from_millis(1)).await;
            }
            Ok(())
        }
        "deep" => {
            deep(quoted().as_bytes(), 64);
            Ok(())
        }
        "keep" => {
            std::hint::black_box(Box::leak(quoted().into_boxed_str()));
            Ok(())
        }
        mode => unreachable!("{mode}"),
    }
}

/// Leaves copies far down on the stack.
#[inline(never)]
fn deep(text: &[u8], more: u32) {
    let mut copy = [0_u8; 4096];
    copy[..text.len()].copy_from_slice(text);
    if more > 0 {
        deep(std::hint::black_box(&copy[..text.len()]), more - 1);
    }
    std::hint::black_box(&copy);
}

static ARRIVED: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

fn arrive() {
    ARRIVED.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
}

fn arrived() -> usize {
    ARRIVED.load(std::sync::atomic::Ordering::SeqCst)
}

/// Says that it is here, and waits until it may go on.
async fn gate(id: &str) {
    let gates = env::var("GATES").expect("the test opens it");
    let (here, open) = (Path::new(&gates).join(format!("{id}.here")), Path::new(&gates).join(format!("{id}.open")));
    std::fs::write(here, []).expect("the folder is there");
    while !open.exists() {
        sleep(Duration::from_millis(5)).await;
    }
}

async fn serve(plain: bool) -> Result<(), Error> {
    let letters = Digests { ends: env::var("SINK").unwrap_or_default() };
    let run = env::var("RUN")?;
    match (run.as_str(), plain) {
        ("alone", false) => secure_runtime::run(service_fn(alone)).await,
        ("alone", true) => lambda_runtime::run(service_fn(alone)).await,
        ("four", _) => secure_runtime::run(service_fn(four)).await,
        ("letters", false) => secure_runtime::run(service_fn(|event| lettered(event, &letters))).await,
        ("letters", true) => lambda_runtime::run(service_fn(|event| lettered(event, &letters))).await,
        ("concurrent", _) => {
            let letters: &'static Digests = Box::leak(Box::new(letters));
            secure_runtime::run_concurrent(service_fn(move |event| lettered(event, letters))).await
        }
        (run, _) => Err(format!("no such run: {run}"))?,
    }
}

#[secure_runtime::main]
async fn main() -> Result<(), Error> {
    secure_runtime::log::init();
    serve(env::var_os("PLAIN").is_some()).await
}
