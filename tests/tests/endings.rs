//! Every way in which an invocation ends, seen from outside: what the caller gets, what the log says, that the process
//! lives and the next event is answered rightly.

use secure_testing::{Canary, Function, Outcome, Reply};
use serde_json::{Value, json};

const INTERNAL: (&str, &str) = ("internal_error", "The request could not be processed.");
const INVALID: (&str, &str) = ("invalid_input", "The input is not what this function takes.");
const DECLARED: (&str, &str) = ("declared", "As declared.");

const FAILING: [&str; 9] = [
    "boxed",
    "unserialisable",
    "panic",
    "panic_any",
    "panic_exposed",
    "panic_after_await",
    "panic_blocking",
    "panic_in_drop",
    "no such mode",
];

fn subject(run: &str) -> Function {
    Function::builder(env!("CARGO_BIN_EXE_subject")).env("RUN", run).start().unwrap()
}

fn event(mode: &str, word: &Canary) -> Value {
    json!({"mode": mode, "word": word.as_str()})
}

fn assert_opaque(reply: &Reply, (code, message): (&str, &str), word: &str) {
    assert_eq!(reply.outcome(), Outcome::Error, "{}", reply.text());
    let message = format!("{message} (request {})", reply.request_id());
    assert_eq!(reply.json::<Value>().unwrap(), json!({"errorType": code, "errorMessage": message}));
    assert_silent(reply, word);
}

fn assert_silent(reply: &Reply, word: &str) {
    let seen = format!("{} {:?} {:?} {:?}", reply.text(), reply.headers(), reply.trailers(), reply.log());
    assert!(!seen.contains(word), "{seen}");
    assert!(!seen.contains("alloc::") || !reply.text().contains("alloc::"), "{seen}");
}

fn assert_answers(function: &mut Function) {
    let word = Canary::random();
    let reply = function.invoke(event("answer", &word)).unwrap();
    assert_eq!(reply.json::<Value>().unwrap(), json!(word.as_str()));
}

#[test]
fn under_our_loop_every_failure_is_opaque() {
    let mut subject = subject("secure");
    for mode in FAILING {
        let word = Canary::random();
        let reply = subject.invoke(event(mode, &word)).unwrap();
        assert_opaque(&reply, INTERNAL, word.as_str());
        assert!(reply.log().concat().contains(reply.request_id()), "{mode}: {:?}", reply.log());
        assert_answers(&mut subject);
    }
    assert_eq!(subject.restarts(), 0);
}

#[test]
fn under_lambda_runtimes_loop_errors_panics_and_wrong_payloads_are_opaque() {
    let mut subject = subject("plain");
    for mode in FAILING.into_iter().filter(|mode| *mode != "unserialisable") {
        let word = Canary::random();
        let reply = subject.invoke(event(mode, &word)).unwrap();
        assert_opaque(&reply, INTERNAL, word.as_str());
        assert_answers(&mut subject);
    }
    let word = Canary::random();
    for payload in [json!({"mode": word.as_str()}), json!(word.as_str()), json!({"mode": [word.as_str()], "word": 1})] {
        let reply = subject.invoke(payload).unwrap();
        assert_opaque(&reply, INVALID, word.as_str());
        assert_answers(&mut subject);
    }
    assert_eq!(subject.restarts(), 0);
}

#[test]
fn declared_codes_reach_the_caller_also_when_the_failure_was_boxed() {
    for run in ["declared", "boxed_again", "plain_declared"] {
        let word = Canary::random();
        let reply = subject(run).invoke(event("any", &word)).unwrap();
        assert_opaque(&reply, DECLARED, word.as_str());
    }
}

#[test]
fn a_service_that_is_not_secured_has_opaque_failures_too() {
    let mut subject = subject("unsecured");
    assert_answers(&mut subject);
    for mode in ["error", "panic"] {
        let word = Canary::random();
        let reply = subject.invoke(event(mode, &word)).unwrap();
        assert_opaque(&reply, INTERNAL, word.as_str());
    }
    let word = Canary::random();
    let reply = subject.invoke(format!("{{\"{word}\": }}")).unwrap();
    assert_opaque(&reply, INVALID, word.as_str());
    assert_answers(&mut subject);
    assert_eq!(subject.restarts(), 0);
}

#[test]
fn bad_payloads_are_refused_and_the_process_lives() {
    let word = Canary::random();
    let deep = "[".repeat(200_000) + &"]".repeat(200_000);
    let nested = |depth: usize| format!("{{\"mode\": {}\"{word}\"{}}}", "[".repeat(depth), "]".repeat(depth));
    let huge = json!({"mode": word.as_str(), "word": "x".repeat(6 << 20), "more": word.as_str()}).to_string();
    let payloads: Vec<Vec<u8>> = vec![
        Vec::new(),
        b" ".to_vec(),
        b"{".to_vec(),
        format!("{{\"mode\": \"{word}").into_bytes(),
        format!("{{\"mode\": \"answer\", \"word\": \"{word}\"}} trailing").into_bytes(),
        format!("{{\"mode\": \"answer\", \"word\": \"{word}\\x\"}}").into_bytes(),
        [b"{\"mode\": \"answer\", \"word\": \"", word.as_str().as_bytes(), b"\xff\xfe\"}"].concat(),
        format!("[\"{word}\"]").into_bytes(),
        format!("{{\"mode\": \"answer\", \"mode\": \"{word}\", \"word\": \"\"}}").into_bytes(),
        format!("{{\"mode\": \"{word}\", \"word\": 7}}").into_bytes(),
        deep.into_bytes(),
        nested(100).into_bytes(),
        nested(100_000).into_bytes(),
    ];
    for log_level in ["info", "trace"] {
        let mut subject = Function::builder(env!("CARGO_BIN_EXE_subject"))
            .env("RUN", "secure")
            .env("AWS_LAMBDA_LOG_LEVEL", log_level)
            .start()
            .unwrap();
        for payload in &payloads {
            let reply = subject.invoke(payload.as_slice()).unwrap();
            assert_opaque(&reply, INVALID, word.as_str());
        }
        // 6 MB is fine in itself; this one has no such mode.
        let reply = subject.invoke(huge.as_str()).unwrap();
        assert_opaque(&reply, INTERNAL, word.as_str());
        let big = "y".repeat(5 << 20);
        let reply = subject.invoke(json!({"mode": "length", "word": big})).unwrap();
        assert_eq!(reply.text(), format!("\"{}\"", 5 << 20));
        assert_answers(&mut subject);
        assert_eq!(subject.restarts(), 0);
    }
}

#[test]
fn a_streamed_answer_arrives_and_its_error_says_nothing() {
    let mut subject = subject("streamed");
    let word = Canary::random();
    let whole = subject.invoke(event("whole", &word)).unwrap();
    assert_eq!(whole.outcome(), Outcome::Answer);
    assert!(whole.text().ends_with("chunk chunk chunk "), "{}", whole.text());
    let broken = subject.invoke(event("broken", &word)).unwrap();
    assert_silent(&broken, word.as_str());
    // In trailers, as Lambda asks for. lambda_runtime writes the error's text into the answer itself.
    assert_eq!(broken.outcome(), Outcome::Error);
    assert!(broken.text().ends_with("chunk chunk chunk "), "{}", broken.text());
    let trailer = |name: &str| broken.trailers()[name].to_str().unwrap();
    assert_eq!(trailer("lambda-runtime-function-error-type"), INTERNAL.0);
    let message = format!("{} (request {})", INTERNAL.1, broken.request_id());
    let body = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, trailer("lambda-runtime-function-error-body"));
    let body: Value = serde_json::from_slice(&body.unwrap()).unwrap();
    assert_eq!(body, json!({"errorType": INTERNAL.0, "errorMessage": message}));
}

#[test]
fn concurrent_invocations_get_their_own_answers() {
    let mut subject =
        Function::builder(env!("CARGO_BIN_EXE_subject")).env("RUN", "concurrent").concurrency(8).start().unwrap();
    let words: Vec<_> = (0..64).map(|_| Canary::random()).collect();
    let modes = ["slow", "panic_after_await", "answer", "boxed"];
    let events = words.iter().enumerate().map(|(index, word)| event(modes[index % modes.len()], word));
    let replies = subject.invoke_all(events).unwrap();
    for (index, (reply, word)) in replies.iter().zip(&words).enumerate() {
        if index % 2 == 0 {
            assert_eq!(reply.json::<Value>().unwrap(), json!(word.as_str()));
        } else {
            let (code, message) = INTERNAL;
            let message = format!("{message} (request {})", reply.request_id());
            assert_eq!(reply.json::<Value>().unwrap(), json!({"errorType": code, "errorMessage": message}));
        }
        assert!(!reply.log().concat().contains(word.as_str()));
    }
    assert_eq!(subject.restarts(), 0);
}

#[test]
fn under_tokio_main_a_panic_of_a_handler_is_opaque_and_its_message_withheld() {
    let mut function = Function::builder(env!("CARGO_BIN_EXE_tokio_main")).start().unwrap();
    let word = Canary::random();
    let reply = function.invoke(json!({"word": word.as_str()})).unwrap();
    assert_opaque(&reply, INTERNAL, word.as_str());
    let log = reply.log().concat();
    assert!(log.contains("tokio_main.rs:") && log.contains("message withheld"), "{log}");
    assert_eq!(function.restarts(), 0);
}
