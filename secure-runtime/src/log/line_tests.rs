use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};
use tracing_subscriber::layer::SubscriberExt;

use super::*;
use crate::scope::Invocation;

/// What is logged meanwhile, a line each, without its end.
fn written(format: Format, f: impl FnOnce()) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let layer = LogLayer::new(format, move |line: &[u8]| {
        let line = String::from_utf8(line.to_vec()).unwrap();
        sink.lock().unwrap().push(line.strip_suffix('\n').unwrap().to_owned());
    });
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), f);
    let lines = lines.lock().unwrap().clone();
    assert!(lines.iter().all(|line| !line.contains('\n')), "one line each: {lines:?}");
    lines
}

/// The same, each line parsed, without its time.
fn lines_of(f: impl FnOnce()) -> Vec<Json> {
    let parsed = written(Format::Json, f).into_iter().map(|line| {
        let mut line: Json = serde_json::from_str(&line).unwrap();
        let timestamp = line.as_object_mut().unwrap().remove("timestamp").unwrap();
        assert!(timestamp.as_str().unwrap().ends_with('Z'), "{timestamp}");
        line
    });
    parsed.collect()
}

/// The lines as text, without their time.
fn text_of(f: impl FnOnce()) -> Vec<String> {
    written(Format::Text, f).into_iter().map(|line| line.split_once('Z').unwrap().1.trim_start().to_owned()).collect()
}

#[test]
fn an_event_has_its_fields_beside_level_and_target() {
    let lines = lines_of(|| {
        let error: &dyn std::error::Error = &fmt::Error;
        tracing::warn!(target: "t", text = "a \"b\"\n", n = -1, f = 0.5, yes = true, none = None::<u8>, error, "m {}", 7);
    });
    let error = fmt::Error.to_string();
    let expected = json!({
        "level": "WARN", "target": "t", "message": "m 7", "text": "a \"b\"\n", "n": -1, "f": 0.5, "yes": true, "error": error,
        "spans": [],
    });
    assert_eq!(lines, [expected]);
}

#[test]
fn numbers_are_those_of_json() {
    let lines = lines_of(|| {
        tracing::info!(target: "t", whole = 2.0, tiny = 1e-300, nan = f64::NAN, most = u64::MAX, wide = u128::MAX);
    });
    let expected = json!({
        "level": "INFO", "target": "t", "whole": 2.0, "tiny": 1e-300, "nan": null, "most": u64::MAX,
        "wide": u128::MAX.to_string(), "spans": [],
    });
    assert_eq!(lines, [expected]);
}

#[test]
fn spans_are_listed_from_the_outermost_with_what_was_recorded_later() {
    let lines = lines_of(|| {
        let outer = tracing::info_span!("outer", id = "r-1", later = tracing::field::Empty);
        let _outer = outer.enter();
        let _inner = tracing::info_span!("inner").entered();
        outer.record("later", 7);
        tracing::info!(r#type = ?Some("x"), "in both");
    });
    assert_eq!(lines[0]["spans"], json!([{"id": "r-1", "later": 7, "name": "outer"}, {"name": "inner"}]));
    assert_eq!(lines[0]["type"], "Some(\"x\")");
}

#[test]
fn a_value_that_cant_be_shown_is_shown_as_far_as_it_goes() {
    struct Broken;
    impl fmt::Debug for Broken {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("half of it")?;
            Err(fmt::Error)
        }
    }
    let lines = lines_of(|| tracing::info!(target: "t", broken = ?Broken, whole = 1));
    assert_eq!(lines, [json!({"level": "INFO", "broken": "half of it", "target": "t", "whole": 1, "spans": []})]);
}

#[test]
fn a_line_of_text_says_the_same() {
    let lines = text_of(|| {
        let _span = tracing::info_span!("outer", id = "r-1", n = 1).entered();
        let _span = tracing::info_span!("inner").entered();
        let _invocation = scope::enter(Invocation::new("r-7"));
        tracing::warn!(target: "t", text = "a \"b\"", shown = ?Some("x"), n = 7, "it's \"odd\"");
    });
    assert_eq!(
        lines,
        [r#"WARN it's "odd" text="a \"b\"" shown=Some("x") n=7 target=t requestId=r-7 in outer{id="r-1" n=1}:inner{}"#]
    );
}

#[test]
fn a_line_has_the_request_s_id_and_no_field_passes_for_it() {
    let lines = lines_of(|| {
        tracing::info!(level = "FATAL", requestId = "forged", "outside");
        let _invocation = scope::enter(Invocation::new("r-7"));
        tracing::info!("inside");
    });
    assert_eq!(lines[0].get("requestId"), None);
    assert_eq!((&lines[0]["level"], &lines[0]["fields.level"]), (&json!("INFO"), &json!("FATAL")));
    assert_eq!(lines[0]["fields.requestId"], "forged");
    assert_eq!(lines[1]["requestId"], "r-7");
}

#[test]
fn no_value_can_begin_a_line_of_its_own() {
    let forged = "ok\n{\"level\":\"ERROR\"}\r\u{2028}\u{1b}[2K";
    let log = || {
        let _span = tracing::info_span!("span", forged).entered();
        tracing::info!(forged, shown = ?forged, display = %forged, "{forged}");
    };
    for format in [Format::Json, Format::Text] {
        let lines = written(format, log);
        assert_eq!(lines.len(), 1);
        assert!(!lines[0].contains(|c: char| c.is_control() || c == '\u{2028}'), "{lines:?}");
    }
    assert_eq!(lines_of(log)[0]["message"], forged);
}

#[test]
fn secrets_are_masked_in_every_place_of_a_line() {
    mask::pretend(&[b"hunter2 \"x\"", b"1234", b"777777"]);
    let log = || {
        let _span = tracing::info_span!("span", password = "hunter2 \"x\"", n = 777_777).entered();
        tracing::info!(pin = 1234, text = "pin 1234.", shown = ?Some("hunter2 \"x\""), n = 12_345, "is hunter2 \"x\" right?");
    };
    let line = &lines_of(log)[0];
    assert_eq!(line["message"], "is [redacted secret, 13 bytes] right?");
    assert_eq!(line["pin"], "[redacted secret, 4 bytes]", "a number's place is taken by a text");
    assert_eq!(line["text"], "pin [redacted secret, 4 bytes].");
    assert_eq!(line["shown"], "Some(\"[redacted secret, 17 bytes]\")");
    assert_eq!(line["n"], 12_345);
    let span = json!({"password": "[redacted secret, 13 bytes]", "n": "[redacted secret, 6 bytes]", "name": "span"});
    assert_eq!(line["spans"], json!([span]));
    let text = &text_of(log)[0];
    assert!(!text.contains("hunter2") && !text.contains("1234 ") && !text.contains("777777"), "{text}");
    assert!(text.starts_with("INFO is [redacted secret, 11 bytes] right? pin=[redacted secret, 4 bytes] "), "{text}");
}

#[test]
fn a_secret_can_hide_no_name_no_level_and_no_code() {
    mask::pretend(&[b"INFO", b"message", b"timestamp", b"internal_error", b"target", b"name"]);
    let lines = lines_of(|| {
        let _span = tracing::info_span!("name").entered();
        tracing::info!(target: "target", code = "internal_error", "told");
    });
    let expected = json!({
        "level": "INFO", "message": "told", "code": "internal_error", "target": "target", "spans": [{"name": "name"}],
    });
    assert_eq!(lines, [expected], "an event of this crate");
    mask::pretend(&[b"login_failed", b"hunter2"]);
    let lines = lines_of(|| tracing::warn!(target: "audit", event = "login_failed", user = "hunter2"));
    let user = "[redacted secret, 7 bytes]";
    assert_eq!(
        lines,
        [json!({"level": "WARN", "event": "login_failed", "user": user, "target": "audit", "spans": []})]
    );
}

#[test]
fn a_record_of_the_log_crate_has_its_own_target() {
    let lines = lines_of(|| {
        tracing::event!(target: "log", tracing::Level::INFO, { log.target = "hyper::client", log.line = 7 }, "as tracing-log passes it on");
    });
    let expected =
        json!({"level": "INFO", "message": "as tracing-log passes it on", "target": "hyper::client", "spans": []});
    assert_eq!(lines, [expected]);
}

#[test]
fn two_layers_record_a_span_once() {
    let layer = || {
        LogLayer::new(Format::Json, |line: &[u8]| {
            let line: Json = serde_json::from_slice(line).unwrap();
            assert_eq!(line["spans"], json!([{"n": 1, "later": 2, "name": "span"}]));
        })
    };
    let subscriber = tracing_subscriber::registry().with(layer()).with(layer());
    tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!("span", n = 1, later = tracing::field::Empty);
        span.record("later", 7);
        span.record("later", 2);
        span.in_scope(|| tracing::info!("twice"));
    });
}
