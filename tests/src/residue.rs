//! What code does with a text that nobody may find afterwards: everything that handlers do, carelessly.
//!
//! Nothing in here wipes anything, so that what is left shows what the runtime does, and what a plain function doesn't.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    future::{pending, poll_fn},
    hint::black_box,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use futures_core::Stream;
use lambda_runtime::{FunctionResponse, MetadataPrelude, StreamResponse};
use secure_runtime::Error;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::{
    sync::{mpsc, oneshot},
    task::yield_now,
    time::{sleep, timeout},
};

/// Whole or in pieces.
pub type Answer = FunctionResponse<String, Pieces>;

/// A streamed answer.
#[derive(Debug)]
pub struct Pieces(std::vec::IntoIter<String>);

impl Stream for Pieces {
    type Item = Result<String, Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next().map(Ok))
    }
}

/// The answer that tells nothing of the text.
#[must_use]
pub fn done() -> Answer {
    FunctionResponse::BufferedResponse("done".to_owned())
}

/// Does with the text what `mode` says.
///
/// # Errors
/// When `mode` says so; with the text in the error.
///
/// # Panics
/// When `mode` says so; with the text in the panic's message.
#[allow(clippy::too_many_lines, reason = "one arm a mode")]
pub async fn run(mode: &str, text: String) -> Result<Answer, Error> {
    match mode {
        "answer" => return Ok(FunctionResponse::BufferedResponse(text)),
        "stream" => {
            let pieces = words(&text).map(str::to_owned).take(64).chain([text.clone()]).collect::<Vec<_>>();
            let metadata_prelude = MetadataPrelude::default();
            let stream = Pieces(pieces.into_iter());
            return Ok(FunctionResponse::StreamingResponse(StreamResponse { metadata_prelude, stream }));
        }
        "error" => return Err(text.into()),
        "panic" => panic!("panicked with {text}"),
        "panic_after_await" => {
            let block = Block::of(&text);
            yield_now().await;
            std::panic::panic_any((block, text));
        }
        "cancelled" => {
            let mut on_the_heap = Box::pin(never_ends(text.clone()));
            let mut in_the_frame = pin!(never_ends(text));
            poll_fn(|task| {
                assert!(on_the_heap.as_mut().poll(task).is_pending());
                assert!(in_the_frame.as_mut().poll(task).is_pending());
                Poll::Ready(())
            })
            .await;
        }
        "deadline" => {
            black_box(held(&text).await);
            never_ends(text).await;
        }
        "timeout" => drop(timeout(Duration::from_millis(2), never_ends(text)).await),
        "select" => {
            tokio::select! {
                () = never_ends(text.clone()) => {}
                () = sleep(Duration::from_millis(2)) => drop(text),
            }
        }
        "blocking" => {
            let digest = secure_runtime::task::spawn_blocking(move || {
                let block = Block::of(&text);
                (blocking(&text), block, text)
            });
            black_box(digest.await?);
        }
        "crowd" => {
            let tasks = 4 * text.len().ilog10() as usize;
            let mut handles = Vec::new();
            for _ in 0..tasks {
                // New threads, for whom memory is got while the stack is full of the text.
                black_box(deep(text.as_bytes(), 1));
                let text = text.clone();
                handles.push(secure_runtime::task::spawn_blocking(move || {
                    std::thread::sleep(Duration::from_millis(20));
                    text
                }));
            }
            for handle in handles {
                black_box(handle.await?);
            }
        }
        "spawned" => {
            let task = tokio::spawn(async move { (held(&text).await, Block::of(&text), text) });
            black_box(task.await?);
        }
        "aborted" => {
            let task = tokio::spawn(never_ends(text));
            sleep(Duration::from_millis(2)).await;
            task.abort();
            assert!(task.await.is_err_and(|error| error.is_cancelled()));
        }
        "channels" => {
            let (send, mut receive) = mpsc::channel(2);
            let (last, end) = oneshot::channel();
            let task = tokio::spawn(async move {
                for word in words(&text).take(100) {
                    send.send((Block::of(word), word.to_owned())).await.ok();
                }
                last.send((Block::of(&text), text)).ok();
            });
            while let Some(word) = receive.recv().await {
                black_box(word);
            }
            black_box(end.await?);
            task.await?;
        }
        "joined" => {
            let (first, second) = tokio::join!(held(&text), async {
                let block = Block::of(&text);
                yield_now().await;
                block
            });
            black_box((first, second, text));
        }
        "deep" => {
            black_box(deep(text.as_bytes(), 4));
        }
        "deep_panic" => {
            let text = text.as_bytes();
            black_box(deep(text, 4));
            deep(&text[..0], 4);
        }
        "held" => {
            black_box(held(&text).await);
        }
        "grown" => grown(&text),
        "maps" => maps(&text),
        "format" => {
            let short: String = words(&text).take(3).collect();
            let all = format!("{text:>10} {short:?} {:#?}", [&short, &text]);
            let mut hex = String::new();
            for byte in text.bytes().take(100_000) {
                write!(hex, "{byte:02x}")?;
            }
            black_box((all, hex));
        }
        "json" => json_round_trip(text)?,
        "base64" => {
            let coded = BASE64_STANDARD.encode(&text);
            black_box((BASE64_STANDARD.decode(&coded)?, coded));
        }
        "sha2" => {
            let mut hasher = Sha256::new_with_prefix(&text);
            hasher.update(text.get(..45).unwrap_or_default());
            black_box((hasher.clone().finalize(), hasher));
        }
        "argon2" => {
            black_box(slow_hash(&text));
        }
        "to_uppercase" => {
            let upper = text.to_uppercase();
            black_box((upper.to_lowercase(), upper.to_ascii_lowercase(), text.chars().rev().collect::<String>()));
        }
        "sort" => {
            let mut words: Vec<_> =
                words(&text).enumerate().map(|(at, word)| format!("{word}{}", at * 7 % 13)).collect();
            words.sort();
            let mut blocks: Vec<_> = words.iter().take(500).map(|word| Block::of(word).0).collect();
            blocks.sort_unstable_by_key(|block| block[40]);
            black_box((words.concat(), words, blocks));
        }
        "log" => {
            let first = words(&text).next();
            tracing::info!(first, "logged {text}");
        }
        "tokio's pool" => {
            black_box(tokio::task::spawn_blocking(move || blocking(&text)).await?);
        }
        "a thread" => {
            black_box(std::thread::spawn(move || blocking(&text)).join().is_ok());
        }
        "println" => println!("{text}"),
        other => return Err(format!("no mode {other}").into()),
    }
    Ok(done())
}

/// A text is words, with spaces or line ends between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_ascii_whitespace()
}

/// Bytes that are moved by value, through frames and registers.
#[derive(Clone)]
pub struct Block([u8; 1500]);

impl Block {
    /// Filled with the text's beginning, again and again.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut bytes = text.bytes().cycle();
        Self(std::array::from_fn(|_| bytes.next().unwrap_or_default()))
    }
}

async fn held(text: &str) -> Block {
    let block = Block::of(text);
    for turn in 0..3 {
        let copy = black_box(block.clone());
        if turn == 1 {
            sleep(Duration::from_millis(1)).await;
        } else {
            yield_now().await;
        }
        black_box(&copy);
    }
    block
}

async fn never_ends(text: String) {
    let block = Block::of(&text);
    pending::<()>().await;
    black_box((block, text));
}

/// For a thread of the blocking pool: a hash, and 100 KiB of stack.
#[must_use]
pub fn blocking(text: &str) -> [u8; 32] {
    black_box(deep(text.as_bytes(), 1));
    Sha256::digest(text).into()
}

#[must_use]
fn slow_hash(text: &str) -> [u8; 32] {
    let params = argon2::Params::new(64, 1, 1, None).expect("small numbers are valid");
    let hasher = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut hash = [0; 32];
    let salt = text.as_bytes().get(..16).expect("no text is that short");
    hasher.hash_password_into(text.as_bytes(), salt, &mut hash).expect("the lengths are valid");
    hash
}

/// 100 KiB of the text on the stack a level, with 256 KiB between two levels that nothing is written to.
#[inline(never)]
#[allow(clippy::large_stack_arrays, reason = "that is the point")]
fn deep(text: &[u8], levels: u32) -> u8 {
    let mut frame = [0u8; 100 << 10];
    for chunk in frame.chunks_mut(text.len()) {
        chunk.copy_from_slice(&text[..chunk.len()]);
    }
    let below = if levels > 1 { gap(text, levels - 1) } else { 0 };
    black_box(&frame)[levels as usize] ^ below
}

#[inline(never)]
fn gap(text: &[u8], levels: u32) -> u8 {
    let untouched = std::mem::MaybeUninit::<[u8; 256 << 10]>::uninit();
    black_box(&raw const untouched);
    deep(text, levels)
}

fn grown(text: &str) {
    let (mut string, mut bytes, mut list) = (String::new(), Vec::new(), Vec::new());
    for word in words(text) {
        string.push_str(word);
        bytes.extend(word.bytes().rev());
        list.push(word.to_owned());
        if list.len() % 100 == 0 {
            string.shrink_to_fit();
            bytes.truncate(40);
            bytes.shrink_to_fit();
        }
    }
    string.insert_str(0, "front");
    black_box((string.replace('a', "b"), string, bytes, list.join(",")));
}

fn maps(text: &str) {
    let (mut hashed, mut sorted) = (HashMap::new(), BTreeMap::new());
    for (at, word) in words(text).enumerate().take(20_000) {
        hashed.insert(format!("{word}{at}"), Block::of(word).0[..40].to_vec());
        sorted.insert([word, &at.to_string()].concat(), <[u8; 12]>::try_from(&word.as_bytes()[..12]));
    }
    hashed.retain(|key, _| key.len() % 2 == 0);
    black_box((sorted.split_off("h"), sorted, hashed.shrink_to_fit(), hashed));
}

fn json_round_trip(text: String) -> Result<(), Error> {
    #[derive(Serialize, Deserialize)]
    struct Record {
        text: String,
        lines: Vec<String>,
    }
    let lines = words(&text).map(|word| format!("\"{word}\"\n\u{e9}")).take(1000).collect();
    let compact = serde_json::to_string(&Record { text, lines })?;
    let record: Record = serde_json::from_str(&compact)?;
    let value: Value = serde_json::from_slice(compact.as_bytes())?;
    let pretty = serde_json::to_string_pretty(&json!({"record": record, "value": value}))?;
    assert!(serde_json::from_str::<Record>(&pretty).is_err());
    black_box((serde_json::from_str::<Value>(&pretty)?, value));
    Ok(())
}
