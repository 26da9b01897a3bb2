//! The positive control: what these tests look for is found where nothing protects it.

use secure_testing::Canary;
use serde_json::Value;

use crate::seen::{Secrets, event, tokio_main, told_to_caller};

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
