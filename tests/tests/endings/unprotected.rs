//! The positive control: what these tests look for is found where nothing protects it.

use std::time::Duration;

use secure_testing::{Canary, Outcome};
use serde_json::Value;

use crate::seen::{Secrets, event, subject, tokio_main, told_to_caller};

#[test]
fn a_plain_handler_on_plain_lambda_runtime_is_found_leaking_everywhere() {
    let mut function = tokio_main("unprotected").env("SUBSCRIBER", "own").start().unwrap();
    for mode in ["error", "panic"] {
        let word = Canary::random();
        let secrets = Secrets::new([word.as_str()]);
        let reply = function.invoke(event(mode, &word)).unwrap();
        assert!(secrets.are_in(&told_to_caller(&reply)), "{}", told_to_caller(&reply));
        assert!(secrets.are_in(&reply.log().join("\n")), "{:#?}", reply.log());
        assert!(!function.search_memory([&word]).unwrap().is_empty());
    }
    let word = Canary::random();
    let reply = function.invoke(format!("{{\"mode\": \"{word}\" oops}}")).unwrap();
    assert!(reply.is_error() && reply.json::<Value>().is_ok(), "{}", reply.text());
}

/// The table of `SECURITY.md`: what lambda_runtime does itself.
#[test]
fn under_lambda_runtimes_loop_what_it_does_itself_stays_as_it_is() {
    for (mode, outcome) in [
        ("unserialisable", Outcome::Crashed),
        ("panic in serialize", Outcome::Crashed),
        ("too long", Outcome::Answer),
        ("busy", Outcome::TimedOut),
    ] {
        let limits = subject("plain").deadline(Duration::from_secs(1)).timeout(Duration::from_secs(4));
        let reply = limits.start().unwrap().invoke(event(mode, &Canary::random())).unwrap();
        assert_eq!(reply.outcome(), outcome, "{mode}: {:?}", reply.log());
    }
    let mut function = subject("plain").start().unwrap();
    for payload in [&b""[..], b"{", b"{\"mode\": word}", b"\xff"] {
        let reply = function.invoke(payload).unwrap();
        let body: Value = reply.json().unwrap();
        assert_eq!(body["errorType"], "&lambda_runtime::deserializer::DeserializeError");
    }
    let word = Canary::random();
    let broken = subject("plain streamed").start().unwrap().invoke(event("broken", &word)).unwrap();
    assert!(Secrets::new([word.as_str()]).are_in(&told_to_caller(&broken)), "{}", told_to_caller(&broken));
}

#[test]
fn a_secret_is_found_in_whatever_way_it_is_written() {
    let word = Canary::random();
    let secrets = Secrets::new([word.as_str()]);
    let written = |byte: fn(u8) -> String| word.as_str().bytes().map(byte).collect::<Vec<_>>().concat();
    let hex = written(|byte| format!("{byte:02X}"));
    let percent = written(|byte| format!("%{byte:02x}"));
    let escapes = written(|byte| format!("\\u{byte:04x}"));
    let base64 = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("x{word}"));
    for written in
        [word.as_str(), &word.as_str().to_lowercase(), &hex, &percent, &escapes, &base64, &word.as_str()[..8]]
    {
        assert!(secrets.are_in(&format!("before {written} after")), "{written}");
    }
    assert!(!secrets.are_in("before %zz \\u12 [redacted secret, 32 bytes] after"));
}
