//! What was seen of an invocation, and what it must and must not be.

use std::fmt::Write as _;

use secure_testing::{Builder, Canary, Function, Outcome, Reply, memory::Search};
use serde_json::{Map, Value, json};

/// What a caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) code: &'static str,
    pub(crate) status: u16,
    pub(crate) message: &'static str,
}

const fn told(code: &'static str, status: u16, message: &'static str) -> Told {
    Told { code, status, message }
}

pub(crate) const INTERNAL: Told = told("internal_error", 500, "The request could not be processed.");
pub(crate) const INVALID: Told = told("invalid_input", 400, "The input is not what this function takes.");
pub(crate) const TIMED_OUT: Told = told("timed_out", 504, "The request took too long.");
pub(crate) const DECLARED: Told = told("declared", 418, "As declared.");
pub(crate) const UNAVAILABLE: Told = told("unavailable", 503, "Try again later.");
pub(crate) const TILL: Told = told("till", 500, "The till is shut.");
pub(crate) const INNER: Told = told("inner", 409, "As the inner error says.");

impl Told {
    /// The body, to the byte.
    pub(crate) fn body(self, request_id: &str) -> String {
        let Self { code, message, .. } = self;
        format!(r#"{{"errorType":"{code}","errorMessage":"{message} (request {request_id})"}}"#)
    }

    pub(crate) fn level(self) -> &'static str {
        if self.status < 500 { "WARN" } else { "ERROR" }
    }
}

pub(crate) fn subject(run: &str) -> Builder {
    Function::builder(env!("CARGO_BIN_EXE_subject")).env("RUN", run)
}

pub(crate) fn tokio_main(run: &str) -> Builder {
    Function::builder(env!("CARGO_BIN_EXE_tokio_main")).env("RUN", run)
}

pub(crate) fn event(mode: &str, word: &Canary) -> Value {
    json!({"mode": mode, "word": word.as_str()})
}

/// What stands in the log for a secret of so many bytes.
pub(crate) fn redacted(bytes: usize) -> String {
    format!("[redacted secret, {bytes} bytes]")
}

/// A pattern's `@` is a canary that was masked.
pub(crate) fn masked(pattern: &str) -> String {
    pattern.replace('@', &redacted(32))
}

/// Where the attribute of a handler of `subject.rs` stands, as the log has it.
pub(crate) fn place_of(handler: &str) -> String {
    let source = include_str!("../../src/bin/subject.rs");
    let at = source.find(&format!("#[secure_handler]\nasync fn {handler}(")).expect("there is such a handler");
    format!("tests/src/bin/subject.rs:{}:1", source[..at].lines().count() + 1)
}

/// The caller gets these bytes and, in what goes with them, nothing else of ours.
pub(crate) fn assert_told(reply: &Reply, told: Told) {
    assert_eq!(reply.outcome(), Outcome::Error, "{}", reply.text());
    assert_eq!(reply.text(), told.body(reply.request_id()));
    for (name, value) in reply.headers() {
        let (name, value) = (name.as_str(), value.to_str().expect("text"));
        let is_known = match name {
            "lambda-runtime-function-error-type" => value == "unhandled",
            "content-length" => value == reply.body().len().to_string(),
            "content-type" => value == "application/json",
            "host" => value.starts_with("127.0.0.1:"),
            "user-agent" => value.starts_with("aws-lambda-rust/"),
            "transfer-encoding" => value == "chunked",
            _ => false,
        };
        assert!(is_known, "{name}: {value}");
    }
    assert!(reply.trailers().is_empty(), "{:?}", reply.trailers());
}

/// What the caller gets, all of it.
pub(crate) fn told_to_caller(reply: &Reply) -> String {
    format!("{} {:?} {:?}", reply.text(), reply.headers(), reply.trailers())
}

/// Secrets, ready to be looked for in whatever way they may have been written.
pub(crate) struct Secrets(Search);

impl Secrets {
    pub(crate) fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let in_any_case = |secret: &str| [secret.to_owned(), secret.to_lowercase(), secret.to_uppercase()];
        Self(Search::new(secrets.into_iter().flat_map(in_any_case)).expect("canaries"))
    }

    pub(crate) fn are_in(&self, text: &str) -> bool {
        let unescaped = decoded(text, "\\u", 4);
        let unquoted = decoded(text, "%", 2);
        [text, &unescaped, &unquoted].into_iter().any(|text| !self.0.bytes(text.as_bytes()).is_empty())
    }

    /// They are in nothing that the caller gets, and in no line of the log.
    pub(crate) fn assert_in_neither(&self, reply: &Reply) {
        assert!(!self.are_in(&told_to_caller(reply)), "{}", told_to_caller(reply));
        for line in reply.log() {
            assert!(!self.are_in(line), "{line}");
        }
    }
}

/// A text without the escapes that a prefix and so many hex digits make.
fn decoded(text: &str, prefix: &str, digits: usize) -> String {
    let mut parts = text.split(prefix);
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match code.and_then(char::from_u32) {
            Some(character) => write!(decoded, "{character}{}", &part[digits..]),
            None => write!(decoded, "{prefix}{part}"),
        }
        .expect("a String takes all");
    }
    decoded
}

/// A line of the log.
pub(crate) type Line = Map<String, Value>;

/// The log's lines, which are all JSON.
pub(crate) fn lines(reply: &Reply) -> Vec<Line> {
    let parsed = |line: &String| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    reply.log().iter().map(parsed).collect()
}

/// The lines of failures: those with a code.
pub(crate) fn failures(lines: &[Line]) -> Vec<&Line> {
    lines.iter().filter(|line| line.contains_key("code")).collect()
}

/// The lines of panics.
pub(crate) fn panics(lines: &[Line]) -> Vec<&Line> {
    lines.iter().filter(|line| line.contains_key("panic")).collect()
}

/// What a line says in a field; nothing where it has none.
pub(crate) fn said<'l>(line: &'l Line, field: &str) -> &'l str {
    line.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Exactly one line says that the invocation failed, and how.
pub(crate) fn assert_logged<'l>(lines: &'l [Line], reply: &Reply, told: Told, handler: &str) -> &'l Line {
    let failures = failures(lines);
    let [failure] = failures[..] else { panic!("{lines:#?}") };
    let place = if handler == "service" { String::new() } else { place_of(handler) };
    for (field, expected) in [
        ("code", told.code),
        ("level", told.level()),
        ("request_id", reply.request_id()),
        ("handler", handler),
        ("place", &place),
    ] {
        assert_eq!(said(failure, field), expected, "{failure:#?}");
    }
    assert_eq!(failure["status"], told.status);
    assert!(failure["duration_ms"].is_u64(), "{failure:#?}");
    failure
}

/// The next event is answered, by the same process.
pub(crate) fn assert_answers(function: &mut Function) {
    let word = Canary::random();
    let reply = function.invoke(event("answer", &word)).unwrap();
    assert_eq!(reply.outcome(), Outcome::Answer, "{}", reply.text());
    assert_eq!(reply.text(), format!("\"{word}\""));
    assert_eq!(function.restarts(), 0);
}
