//! Tasks that are timed when the driver (`benches/src/memory`) asks for it: a line on standard input says which and how many
//! times, a line on standard output how many nanoseconds that took.

mod document;

use std::{
    error::Error,
    hint::black_box,
    io::{self, BufRead as _, Write as _},
    time::Instant,
};

use document::Record;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::runtime::{self, Runtime};
use zeroize::Zeroize as _;

/// Does what standard input says until it ends.
///
/// # Errors
/// When a line can't be read or written, or asks for no task.
pub fn serve() -> Result<(), Box<dyn Error>> {
    // As `#[secure_runtime::main]` does it: from now on glibc keeps large blocks instead of giving them back to the kernel.
    drop(black_box(Vec::<u8>::with_capacity(2 << 20)));
    let runtime = runtime::Builder::new_current_thread().build()?;
    let mut stdout = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let mut words = line.split(' ');
        let (Some(task), Some(size), Some(times), None) = (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(format!("not a task, a size and how many times: {line}").into());
        };
        let mut task = task_of(task, size.parse()?, &runtime).ok_or_else(|| format!("no such task: {line}"))?;
        let times = times.parse()?;
        let started = Instant::now();
        task(times);
        writeln!(stdout, "{}", started.elapsed().as_nanos())?;
        stdout.flush()?;
    }
    Ok(())
}

type Task<'a> = Box<dyn FnMut(u32) + 'a>;

fn task_of<'a>(name: &str, size: usize, runtime: &'a Runtime) -> Option<Task<'a>> {
    let document = || document::of_about(size);
    Some(match name {
        // JSON documents of about so many bytes.
        "value" => round_trips::<Value>(document()),
        "struct" => round_trips::<Vec<Record>>(document()),
        "write" => {
            let records: Vec<Record> = serde_json::from_slice(&document()).ok()?;
            repeated(move || drop(black_box(written(&records))))
        }
        // Blocks of so many bytes: freed, or filled and freed, or zeroized as well.
        "free" => repeated(move || drop(black_box(Vec::<u8>::with_capacity(size)))),
        "fill" => repeated(move || {
            let mut block = black_box(Vec::with_capacity(size));
            block.resize(size, 0u8);
            drop(black_box(block));
        }),
        "zeroize" => repeated(move || {
            let mut block = black_box(Vec::with_capacity(size));
            block.resize(size, 0u8);
            block = black_box(block);
            block.zeroize();
            drop(black_box(block));
        }),
        // Closures that use so many bytes of their stack.
        "tokio" => blocking(runtime, size, async |f| tokio::task::spawn_blocking(f).await.expect("it can't panic")),
        "secure" => {
            blocking(runtime, size, async |f| secure_runtime::task::spawn_blocking(f).await.expect("it can't panic"))
        }
        _ => return None,
    })
}

fn repeated<'a>(mut once: impl FnMut() + 'a) -> Task<'a> {
    Box::new(move |times| (0..times).for_each(|_| once()))
}

/// A document is read, what was read is written, and all of it is freed.
fn round_trips<'a, T: Serialize + DeserializeOwned>(document: Vec<u8>) -> Task<'a> {
    repeated(move || {
        let read: T = serde_json::from_slice(black_box(&document)).expect("it was written by the same code");
        drop(black_box(written(&read)));
    })
}

fn written(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("it goes into memory")
}

fn blocking<'a>(runtime: &'a Runtime, stack: usize, spawn: impl AsyncFn(fn()) + 'a) -> Task<'a> {
    let closure = if stack == 0 { || () } else { deep };
    Box::new(move |times| {
        runtime.block_on(async {
            for _ in 0..times {
                spawn(closure).await;
            }
        });
    })
}

/// Writes to 16 KiB of stack.
#[inline(never)]
fn deep() {
    black_box(&mut [1u8; 16 * 1024]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_can_be_done() {
        let runtime = runtime::Builder::new_current_thread().build().unwrap();
        for name in ["value", "struct", "write", "free", "fill", "zeroize", "tokio", "secure"] {
            task_of(name, 16 * 1024, &runtime).unwrap()(2);
        }
        assert!(task_of("idle", 1, &runtime).is_none());
    }
}
