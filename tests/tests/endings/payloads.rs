//! Payloads that a function does not take.

use secure_testing::{Canary, Function};
use serde_json::json;

use crate::seen::{
    INTERNAL, INVALID, Secrets, assert_answers, assert_logged, assert_told, event, lines, said, subject,
};

/// What can be wrong with a payload's bytes, and with its shape; each with the kind that the log has for it.
fn malformed(word: &Canary) -> Vec<(Vec<u8>, &'static str)> {
    let deep = "[".repeat(200_000) + &"]".repeat(200_000);
    let nested = |depth: usize| format!("{{\"mode\": {}\"{word}\"{}}}", "[".repeat(depth), "]".repeat(depth));
    let no_utf8 = [b"{\"mode\": \"answer\", \"word\": \"", word.as_str().as_bytes(), b"\xff\xfe\"}"].concat();
    vec![
        (Vec::new(), "eof"),
        (b" ".to_vec(), "eof"),
        (b"{".to_vec(), "eof"),
        (format!("{{\"mode\": \"{word}").into_bytes(), "eof"),
        (format!("{{\"mode\": \"answer\", \"word\": \"{word}\"}} trailing").into_bytes(), "syntax"),
        (format!("{{\"mode\": \"answer\", \"word\": \"{word}\\x\"}}").into_bytes(), "syntax"),
        (no_utf8, "syntax"),
        (deep.into_bytes(), "data"),
        (nested(100_000).into_bytes(), "data"),
    ]
}

fn of_wrong_shape(word: &Canary) -> Vec<String> {
    let depth = 100;
    vec![
        json!(word.as_str()).to_string(),
        json!([word.as_str()]).to_string(),
        json!({"mode": word.as_str()}).to_string(),
        json!({"mode": [word.as_str()], "word": 1}).to_string(),
        json!({"mode": word.as_str(), "word": 7}).to_string(),
        json!({"mode": "answer", "word": {word.as_str(): 7}}).to_string(),
        json!({"mode": "answer", "word": word.as_str(), "number": word.as_str()}).to_string(),
        json!({"Records": [{"eventSource": "aws:sqs", "body": word.as_str()}]}).to_string(),
        format!("{{\"mode\": \"answer\", \"mode\": \"{word}\", \"word\": \"\"}}"),
        format!("{{\"mode\": {}\"{word}\"{}}}", "[".repeat(depth), "]".repeat(depth)),
    ]
}

fn assert_refused(function: &mut Function, payload: &[u8], word: &Canary) -> String {
    let reply = function.invoke(payload).unwrap();
    assert_told(&reply, INVALID);
    Secrets::new([word.as_str()]).assert_in_neither(&reply);
    let lines = lines(&reply);
    let failures: Vec<_> = lines.iter().filter(|line| line.contains_key("code")).cloned().collect();
    let failure = assert_logged(&failures, &reply, INVALID, "secured");
    assert_eq!(said(failure, "message"), "the payload does not parse");
    said(failure, "kind").to_owned()
}

#[test]
fn what_is_no_json_is_refused_and_the_process_lives() {
    let word = Canary::random();
    for level in ["info", "trace"] {
        let mut function = subject("secure").env("AWS_LAMBDA_LOG_LEVEL", level).start().unwrap();
        for (payload, kind) in malformed(&word) {
            assert_eq!(assert_refused(&mut function, &payload, &word), kind, "{:?}", payload.get(..80));
        }
        assert_answers(&mut function);
        let left = function.search_memory([&word]).unwrap();
        assert!(left.is_empty(), "{left}");
    }
}

#[test]
fn what_is_of_the_wrong_shape_is_refused_under_either_loop() {
    let word = Canary::random();
    for run in ["secure", "plain"] {
        let mut function = subject(run).start().unwrap();
        for payload in of_wrong_shape(&word) {
            assert_eq!(assert_refused(&mut function, payload.as_bytes(), &word), "data", "{payload}");
            assert_answers(&mut function);
        }
    }
}

#[test]
fn what_is_not_valid_is_refused_like_what_does_not_parse() {
    let word = Canary::random();
    let items = |pins: [&str; 2]| pins.map(|pin| json!({"pin": pin}));
    for run in ["secure", "plain", "concurrent"] {
        let mut function = subject(run).start().unwrap();
        for (payload, path) in [
            (json!({"mode": "invalid word", "word": word.as_str()}), "word"),
            (json!({"mode": "invalid", "word": word.as_str()}), ""),
            (json!({"mode": "items", "word": word.as_str(), "items": items(["1234", word.as_str()])}), "pin"),
        ] {
            let reply = function.invoke(&payload).unwrap();
            assert_told(&reply, INVALID);
            Secrets::new([word.as_str()]).assert_in_neither(&reply);
            let lines = lines(&reply);
            let failure = assert_logged(&lines, &reply, INVALID, "secured");
            for (field, expected) in [("message", "the payload is not valid"), ("kind", "validation"), ("path", path)] {
                assert_eq!(said(failure, field), expected, "{failure:#?}");
            }
            assert_answers(&mut function);
        }
        let reply = function.invoke(json!({"mode": "panic in validate", "word": word.as_str()})).unwrap();
        assert_told(&reply, INTERNAL);
        Secrets::new([word.as_str()]).assert_in_neither(&reply);
        let reply = function.invoke(json!({"mode": "items", "word": "", "items": items(["1234", "5678"])})).unwrap();
        assert_eq!(reply.text(), "\"2\"");
        assert_eq!(function.restarts(), 0);
    }
}

#[test]
fn which_field_was_wrong_is_said_in_names_of_the_programs_own() {
    let mut function = subject("secure").start().unwrap();
    let word = Canary::random();
    for (payload, path) in [
        (json!({"mode": "answer", "word": 7}), "word"),
        (json!({"mode": "answer", "word": {word.as_str(): 7}}), "word"),
        (json!({"mode": "answer", "word": "", word.as_str(): 7, "number": "seven"}), "number"),
    ] {
        let reply = function.invoke(&payload).unwrap();
        assert_eq!(said(&lines(&reply)[0], "path"), path, "{payload}");
        Secrets::new([word.as_str()]).assert_in_neither(&reply);
    }
}

#[test]
fn payloads_may_be_as_large_as_lambda_sends_them() {
    let mut function = subject("secure").start().unwrap();
    let reply = function.invoke(json!({"mode": "length", "word": "y".repeat(5 << 20)})).unwrap();
    assert_eq!(reply.text(), format!("\"{}\"", 5 << 20));
    let word = Canary::random();
    let mut large = event("panic", &word);
    large["more"] = "x".repeat(6 << 20).into();
    let reply = function.invoke(&large).unwrap();
    assert_told(&reply, INTERNAL);
    Secrets::new([word.as_str()]).assert_in_neither(&reply);
    assert_answers(&mut function);
}
