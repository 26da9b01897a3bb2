//! Every way to fail in, before and after a handler's body.

use secure_testing::{Canary, Function, Outcome, Reply};
use serde_json::{Value, json};

use crate::seen::{
    DECLARED, INNER, INTERNAL, INVALID, Line, Secrets, TILL, Told, UNAVAILABLE, assert_answers, assert_logged,
    assert_told, event, failures, lines, masked, panics, redacted, said, subject,
};

/// A way to fail. In what the log says, `@` is the canary, masked, and `*` is anything.
struct Ending {
    mode: &'static str,
    told: Told,
    /// Of an `Err`: its text, and that of its sources.
    error: Option<(&'static str, &'static str)>,
    /// The messages of the panics.
    panics: &'static [&'static str],
    /// What the failure's line says of itself.
    what: &'static str,
    /// Where it happens after the handler has returned, so that lambda_runtime has it.
    after: bool,
}

const fn errs(mode: &'static str, told: Told, error: &'static str, source: &'static str) -> Ending {
    let what = "the handler returned an error";
    Ending { mode, told, error: Some((error, source)), panics: &[], what, after: false }
}

const fn panicking(mode: &'static str, panics: &'static [&'static str]) -> Ending {
    Ending { mode, told: INTERNAL, error: None, panics, what: "the handler panicked", after: false }
}

const ENDINGS: &[Ending] = &[
    errs("declared", DECLARED, "declared with @", ""),
    errs("ours", UNAVAILABLE, "ours with @", ""),
    errs("sourced", TILL, "opening the till: @", "middle of @: rooted in @"),
    errs("transparent", INTERNAL, "middle of @", "@"),
    errs("delegated", INNER, "inner with @", ""),
    errs("io", INTERNAL, "reading @", ""),
    errs("json", INTERNAL, "parsing the body", "invalid type: string \"@\", expected u8 at line 1 column 34"),
    errs("boxed", INTERNAL, "boxed @", ""),
    Ending { panics: &["displayed @"], ..errs("error that can't be displayed", INTERNAL, "", "") },
    Ending { panics: &["an error dropped with @"], ..errs("error that can't be dropped", INTERNAL, "loud", "") },
    Ending {
        panics: &["spawned with @"],
        ..errs("join error", INTERNAL, "task * panicked with message \"spawned with @\"", "")
    },
    panicking("panic", &["panicked with @"]),
    panicking("panic_any", &["(no text)"]),
    panicking("panic_exposed", &["exposed @"]),
    panicking("panic_after_await", &["later with @"]),
    panicking("panic_blocking", &["blocking @"]),
    panicking("panic_in_drop", &["dropped @"]),
    // A panic that leaves a `Drop` while another one unwinds ends the process, whoever catches: that is Rust's rule.
    panicking("panic_while_unwinding", &["first with @", "dropped @"]),
    Ending {
        what: "the answer does not serialise",
        error: Some(("can't serialise @", "")),
        after: true,
        ..panicking("unserialisable", &[])
    },
    Ending { after: true, ..panicking("panic in serialize", &["serialising @"]) },
    Ending { what: "the answer is longer than Lambda takes", after: true, ..panicking("too long", &[]) },
];

#[test]
fn under_our_loop_every_failure_is_opaque_logged_with_its_words_and_forgotten() {
    let mut function = subject("secure").start().unwrap();
    for ending in ENDINGS {
        assert_ends(&mut function, ending);
    }
}

#[test]
fn under_lambda_runtimes_loop_errors_and_panics_of_the_handler_are_opaque_and_logged_with_their_words() {
    let mut function = subject("plain").start().unwrap();
    for ending in ENDINGS.iter().filter(|ending| !ending.after) {
        let word = Canary::random();
        let reply = function.invoke(event(ending.mode, &word)).unwrap();
        assert_reported(&reply, ending, &word);
        assert_answers(&mut function);
    }
}

fn assert_ends(function: &mut Function, ending: &Ending) {
    let word = Canary::random();
    let reply = function.invoke(event(ending.mode, &word)).unwrap();
    assert_reported(&reply, ending, &word);
    let left = function.search_memory([&word]).unwrap();
    assert!(left.is_empty(), "{}: {left}", ending.mode);
    assert_answers(function);
}

fn assert_reported(reply: &Reply, ending: &Ending, word: &Canary) {
    assert_told(reply, ending.told);
    Secrets::new([word.as_str()]).assert_in_neither(reply);
    let lines = lines(reply);
    let failure = assert_logged(&lines, reply, ending.told, "secured");
    assert_eq!(said(failure, "message"), ending.what);
    if let Some((error, source)) = ending.error {
        assert_says(failure, "error", error);
        assert_says(failure, "source", source);
    }
    let is_returned = ending.error.is_some() && !ending.after;
    assert_eq!(said(failure, "error_type"), if is_returned { "subject::Failed" } else { "" });
    let panics = panics(&lines);
    assert_eq!(panics.len(), ending.panics.len(), "{}: {lines:#?}", ending.mode);
    for (panic, message) in panics.into_iter().zip(ending.panics) {
        assert_says(panic, "panic", message);
        assert!(said(panic, "place").starts_with("tests/src/bin/subject.rs:"), "{panic:#?}");
        assert!(!said(panic, "thread").is_empty(), "{panic:#?}");
        // A task that the handler has spawned is polled by tokio, and belongs to nobody.
        let request_id = if ending.mode == "join error" { "" } else { reply.request_id() };
        assert_eq!(said(panic, "request_id"), request_id, "{panic:#?}");
    }
}

fn assert_says(line: &Line, field: &str, pattern: &str) {
    let (said, pattern) = (said(line, field), masked(pattern));
    match pattern.split_once('*') {
        Some((start, end)) => assert!(said.starts_with(start) && said.ends_with(end), "{said}"),
        None => assert_eq!(said, pattern),
    }
    assert_eq!(line.contains_key(field), !pattern.is_empty(), "what says nothing is not there");
}

#[test]
fn errors_of_other_types_are_internal_and_logged_with_their_words() {
    for run in ["texts", "plain texts", "boxes", "plain boxes"] {
        let mut function = subject(run).start().unwrap();
        let word = Canary::random();
        let reply = function.invoke(event("any", &word)).unwrap();
        assert_told(&reply, INTERNAL);
        Secrets::new([word.as_str()]).assert_in_neither(&reply);
        let lines = lines(&reply);
        let (handler, error, source, kind) = match run.trim_start_matches("plain ") {
            "texts" => ("texts", "text with @", "", "String"),
            _ => ("boxes", "middle of @", "the root", "Box<dyn core::error::Error"),
        };
        let failure = assert_logged(&lines, &reply, INTERNAL, handler);
        assert_says(failure, "error", error);
        assert_says(failure, "source", source);
        assert!(said(failure, "error_type").contains(kind), "{failure:#?}");
    }
}

#[test]
fn a_failure_that_was_boxed_on_its_way_is_told_and_logged_once() {
    let word = Canary::random();
    let reply = subject("boxed_again").start().unwrap().invoke(event("declared", &word)).unwrap();
    assert_told(&reply, DECLARED);
    let lines = lines(&reply);
    assert_says(assert_logged(&lines, &reply, DECLARED, "secured"), "error", "declared with @");
    Secrets::new([word.as_str()]).assert_in_neither(&reply);
}

#[test]
fn a_panic_while_the_event_is_parsed_is_caught_and_its_message_masked() {
    for run in ["secure", "plain"] {
        let mut function = subject(run).start().unwrap();
        let word = Canary::random();
        let payload = format!(r#"{{"mode": "any", "word": "{word}", "odd": "{word}"}}"#);
        let reply = function.invoke(payload).unwrap();
        assert_told(&reply, INTERNAL);
        Secrets::new([word.as_str()]).assert_in_neither(&reply);
        let lines = lines(&reply);
        assert_logged(&lines, &reply, INTERNAL, "secured");
        assert_says(panics(&lines)[0], "panic", "deserialised @");
        assert_answers(&mut function);
    }
}

/// 15 digits that are no card number's, so that no other rule masks them.
fn number() -> u64 {
    let digits =
        Canary::random().as_str().bytes().fold(0, |number: u64, byte| number.wrapping_mul(31) + u64::from(byte));
    100_000_000_000_000 + digits % 900_000_000_000_000
}

#[test]
fn a_number_that_is_a_secret_is_masked_while_it_lives_and_after() {
    for run in ["secure", "plain"] {
        let mut function = subject(run).start().unwrap();
        for (mode, told, field) in [("number", UNAVAILABLE, "error"), ("panic with a number", INTERNAL, "panic")] {
            let number = number();
            let reply = function.invoke(json!({"mode": mode, "word": "", "number": number})).unwrap();
            assert_told(&reply, told);
            let lines = lines(&reply);
            assert!(!reply.log().concat().contains(&number.to_string()), "{lines:#?}");
            let quoting: Vec<_> = lines.iter().map(|line| said(line, field)).filter(|said| !said.is_empty()).collect();
            let prefix = if field == "error" { "ours with " } else { "" };
            assert_eq!(quoting, [format!("{prefix}number Some({})", redacted(15))], "{mode}");
            assert_answers(&mut function);
        }
    }
}

#[test]
fn a_secret_out_of_a_json_text_within_the_event_is_masked_after_it_is_gone() {
    for run in ["secure", "plain"] {
        let pin = Canary::random();
        let body = json!({"pin": pin.as_str(), "amount": 7}).to_string();
        let mut function = subject(run).start().unwrap();
        let reply = function.invoke(json!({"mode": "nested", "word": "", "body": body})).unwrap();
        assert_told(&reply, UNAVAILABLE);
        Secrets::new([pin.as_str()]).assert_in_neither(&reply);
        let lines = lines(&reply);
        assert_says(assert_logged(&lines, &reply, UNAVAILABLE, "secured"), "error", "ours with pin @");
        assert_answers(&mut function);
    }
}

#[test]
fn a_secret_let_is_masked_while_it_lives_and_not_known_any_more_when_it_is_gone() {
    let key = Canary::random();
    let mut function = subject("secure").env("KEY", key.as_str()).start().unwrap();
    let reply = function.invoke(json!({"mode": "secret let", "word": ""})).unwrap();
    Secrets::new([key.as_str()]).assert_in_neither(&reply);
    assert_says(panics(&lines(&reply))[0], "panic", "signing with @");
    // The documented limit: it did not come with the event, and no copy of it is kept.
    let reply = function.invoke(json!({"mode": "secret let that is gone", "word": ""})).unwrap();
    assert_told(&reply, UNAVAILABLE);
    assert_eq!(said(&lines(&reply)[0], "error"), format!("ours with {key}"));
}

#[test]
fn a_service_that_is_not_secured_has_opaque_failures_too_and_no_secrets_to_mask() {
    let mut function = subject("unsecured").start().unwrap();
    assert_answers(&mut function);
    for mode in ["error", "panic"] {
        let word = Canary::random();
        let reply = function.invoke(event(mode, &word)).unwrap();
        assert_told(&reply, INTERNAL);
        assert_logged(&lines(&reply), &reply, INTERNAL, "service");
        let left = function.search_memory([&word]).unwrap();
        assert!(left.is_empty(), "{mode}: {left}");
    }
    let word = Canary::random();
    let reply = function.invoke(format!("{{\"{word}\": }}")).unwrap();
    assert_told(&reply, INVALID);
    Secrets::new([word.as_str()]).assert_in_neither(&reply);
    assert_answers(&mut function);
}

#[test]
fn an_answer_may_be_as_long_as_lambda_takes_it() {
    let mut function = subject("secure").start().unwrap();
    let reply = function.invoke(json!({"mode": "as long as it may be", "word": ""})).unwrap();
    assert_eq!((reply.outcome(), reply.body().len()), (Outcome::Answer, (6 << 20) + 100));
    let reply = function.invoke(event("too long", &Canary::random())).unwrap();
    let lines = lines(&reply);
    assert_eq!(failures(&lines)[0]["bytes"], Value::from((6 << 20) + 32 * 4 + 2));
    assert_eq!(failures(&lines)[0]["limit"], Value::from((6 << 20) + 100));
}
