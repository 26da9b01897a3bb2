//! `WipingAlloc` around an allocator that isn't the system's: the function works, and what it frees is gone.

#![cfg(target_os = "linux")]

use secure_testing::{Canary, Function, Outcome, memory::Findings};
use serde_json::json;

/// What a function that frees all its copies has left, of this event and of those before it.
fn left_by(function: &str) -> Findings {
    // mimalloc takes a gigabyte of addresses at once otherwise, all of which would be searched.
    let mut function = Function::builder(function).env("MIMALLOC_ARENA_RESERVE", "16MiB").start().unwrap();
    let words: Vec<Canary> = (0..3).map(|_| Canary::random()).collect();
    for word in &words {
        let reply = function.invoke(json!({"word": word.as_str()})).unwrap();
        assert_eq!(reply.outcome(), Outcome::Answer, "{}", function.log().join("\n"));
        assert_eq!(reply.json::<usize>().unwrap(), 20 * word.as_str().len());
    }
    function.search_memory(&words).unwrap()
}

#[test]
fn mimalloc_keeps_what_was_freed() {
    let left = left_by(env!("CARGO_BIN_EXE_mimalloc_alone"));
    assert!(left.whole() > 0, "{left}");
}

#[test]
fn mimalloc_keeps_nothing_when_it_is_wrapped() {
    let left = left_by(env!("CARGO_BIN_EXE_mimalloc_wiping"));
    assert!(left.is_empty(), "{left}");
}
