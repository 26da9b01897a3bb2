//! A program outside of Lambda that works with keys, in functions with the attribute and without. A line of standard input says how,
//! on what and with which seed; when that is done, it says so, and waits for the next.

use std::{
    fs::File,
    future::poll_fn,
    hint::black_box,
    io::{self, Read as _, Write as _},
    os::fd::AsFd as _,
    panic::catch_unwind,
    pin::pin,
    task::{Context, Poll, Waker},
    thread,
};

use secure_runtime::{WipingAlloc, prelude::secure_fn};
use secure_tests::key_work::work;

#[global_allocator]
static GLOBAL: WipingAlloc = WipingAlloc::new(std::alloc::System);

fn plain(kind: &str, seed: &[u8]) -> u8 {
    work(kind, seed)
}

#[secure_fn]
fn secured(kind: &str, seed: &[u8]) -> u8 {
    work(kind, seed)
}

#[secure_fn]
fn nested(kind: &str, seed: &[u8]) -> u8 {
    let sum = secured(kind, seed);
    sum ^ work(kind, seed)
}

#[secure_fn]
fn panics(kind: &str, seed: &[u8]) -> u8 {
    let sum = work(kind, seed);
    assert!(sum > 1, "on purpose");
    sum
}

fn plain_panics(kind: &str, seed: &[u8]) -> u8 {
    let sum = work(kind, seed);
    assert!(sum > 1, "on purpose");
    sum
}

#[secure_fn]
fn generic<K: AsRef<str>, const N: usize>(kind: &K, seed: &[u8]) -> [u8; N] {
    [work(kind.as_ref(), seed); N]
}

struct Signer<'k> {
    kind: &'k str,
}

impl Signer<'_> {
    #[secure_fn]
    fn sign(&self, seed: &[u8]) -> u8 {
        work(self.kind, seed)
    }
}

/// Something of the key is held while it waits.
async fn plain_later(kind: &str, seed: &[u8]) -> u8 {
    let held = secure_tests::key_work::secrets(kind, seed);
    let array: [u8; 32] = std::array::from_fn(|at| held[0][at]);
    let sum = work(kind, seed);
    once_more().await;
    black_box(&array)[0] & 1 ^ sum ^ work(kind, seed)
}

#[secure_fn]
async fn later(kind: &str, seed: &[u8]) -> u8 {
    let held = secure_tests::key_work::secrets(kind, seed);
    let array: [u8; 32] = std::array::from_fn(|at| held[0][at]);
    let sum = work(kind, seed);
    once_more().await;
    black_box(&array)[0] & 1 ^ sum ^ work(kind, seed)
}

async fn once_more() {
    let mut waited = false;
    poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

/// Polls it so often, and drops it.
#[inline(never)]
fn polled(future: impl Future<Output = u8>, times: usize) {
    let mut future = pin!(future);
    for _ in 0..times {
        black_box(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    }
}

/// Calls it below more than a mebibyte of frames, for which a first stack has to grow.
#[inline(never)]
fn far_down(levels: u64, kind: &str, seed: &[u8]) {
    let frame = black_box([levels; 1024]);
    if levels == 0 {
        black_box(secured(kind, seed));
    } else {
        far_down(levels - 1, kind, seed);
    }
    assert!(frame.iter().all(|&word| word == levels), "a frame that is in use is as it was");
}

#[inline(never)]
fn run(mode: &str, kind: &str, seed: &[u8]) {
    match mode {
        "plain" => _ = black_box(plain(kind, seed)),
        "plain panic" => _ = catch_unwind(|| plain_panics(kind, seed)),
        "plain async" => polled(plain_later(kind, seed), 2),
        "return" => _ = black_box(secured(kind, seed)),
        "panic" => _ = catch_unwind(|| panics(kind, seed)),
        "nested" => _ = black_box(nested(kind, seed)),
        "generic" => _ = black_box(generic::<_, 4>(&kind, seed)),
        "method" => _ = black_box(Signer { kind }.sign(seed)),
        "async" => polled(later(kind, seed), 2),
        "far down" => {
            black_box(secured(kind, seed));
            far_down(160, kind, seed);
        }
        "cancelled" => polled(later(kind, seed), 1),
        other => panic!("no mode {other}"),
    }
}

fn serve() -> io::Result<()> {
    // Without std's buffers.
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let mut line = [0; 256];
    loop {
        let count = input.read(&mut line)?;
        let Ok(text) = std::str::from_utf8(&line[..count]) else { return Ok(()) };
        let mut words = text.trim().split(',');
        let (Some(mode), Some(kind), Some(seed)) = (words.next(), words.next(), words.next()) else { return Ok(()) };
        run(mode, kind, seed.as_bytes());
        output.write_all(b"done\n")?;
    }
}

fn main() -> io::Result<()> {
    std::panic::set_hook(Box::new(|_| ()));
    // The first stack grows, others do not.
    if std::env::args().any(|arg| arg == "thread") {
        thread::Builder::new().stack_size(8 << 20).spawn(serve)?.join().expect("it ends")
    } else {
        serve()
    }
}
