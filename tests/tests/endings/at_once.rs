//! Invocations that share the process.

use secure_testing::{Canary, memory::Search};

use crate::seen::{
    DECLARED, INTERNAL, INVALID, TILL, Told, UNAVAILABLE, assert_told, event, failures, lines, masked, said, subject,
};

/// Ten modes, one in ten each: how it ends, and what its failure's line says.
const MODES: [(&str, Option<Told>, &str); 10] = [
    ("answer", None, ""),
    ("slow", None, ""),
    ("declared", Some(DECLARED), "declared with @"),
    ("panic_after_await", Some(INTERNAL), ""),
    ("sourced", Some(TILL), "opening the till: @"),
    ("unserialisable", Some(INTERNAL), "can't serialise @"),
    ("ours", Some(UNAVAILABLE), "ours with @"),
    ("panic_blocking", Some(INTERNAL), ""),
    ("wrong shape", Some(INVALID), ""),
    ("boxed", Some(INTERNAL), "boxed @"),
];

#[test]
fn invocations_at_once_get_their_own_answers_and_mask_one_anothers_secrets() {
    let mut function = subject("concurrent").concurrency(8).start().unwrap();
    let words: Vec<_> = (0..64).map(|_| Canary::random()).collect();
    let modes = MODES.iter().cycle();
    let events = modes.clone().zip(&words).map(|((mode, ..), word)| match *mode {
        "wrong shape" => serde_json::json!({"mode": [word.as_str()], "word": word.as_str()}),
        mode => event(mode, word),
    });
    let replies = function.invoke_all(events).unwrap();
    // Each has the lines of all.
    let lines = lines(&replies[0]);
    for ((reply, word), (mode, told, error)) in replies.iter().zip(&words).zip(modes) {
        let of_reply = |line: &&&_| said(line, "request_id") == reply.request_id();
        let failures = failures(&lines).iter().filter(of_reply).map(|line| said(line, "error")).collect::<Vec<_>>();
        match told {
            Some(told) => {
                assert_told(reply, *told);
                assert_eq!(failures, [masked(error)], "{mode}");
            }
            None => {
                assert_eq!(reply.text(), format!("\"{word}\""));
                assert!(failures.is_empty(), "{mode}: {failures:?}");
            }
        }
    }
    let secrets = Search::new(&words).unwrap();
    for line in replies[0].log() {
        assert!(secrets.bytes(line.as_bytes()).is_empty(), "{line}");
    }
    let left = function.search_memory(&words).unwrap();
    assert!(left.is_empty(), "{left}");
    assert_eq!(function.restarts(), 0);
}
