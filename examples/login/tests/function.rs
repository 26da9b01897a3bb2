//! The function as Lambda runs it: a process, events over HTTP, and what is seen of it from outside.

use secure_testing::{Function, Outcome};
use serde_json::{Value, json};

const PASSWORD: &str = "correct-horse-battery-staple";
const DATABASE_URL: &str = "postgres://login:db-walrus-58d1f6@db.internal/users";

fn login() -> Function {
    Function::builder(env!("CARGO_BIN_EXE_login"))
        .env("DATABASE_URL", DATABASE_URL)
        .env("SIGNING_KEY", "signing-key-of-the-tests")
        .start()
        .unwrap()
}

/// What the caller gets of a failure, and nothing else.
fn opaque(code: &str, message: &str, request_id: &str) -> Value {
    json!({"errorType": code, "errorMessage": format!("{message} (request {request_id})")})
}

#[test]
fn the_right_password_opens_a_session() {
    let mut login = login();
    for _ in 0..3 {
        let reply = login.invoke(json!({"user": "ada@example.com", "password": PASSWORD})).unwrap();
        assert_eq!(reply.outcome(), Outcome::Answer, "{}", reply.text());
        let ticket = reply.json::<Value>().unwrap()["ticket"].as_str().unwrap().to_owned();
        assert!(ticket.starts_with("ada@example.com."), "{ticket}");
        assert!(!reply.log().concat().contains(PASSWORD));
    }
    assert_eq!(login.restarts(), 0);
}

#[test]
fn a_failure_tells_the_caller_its_code_and_the_log_its_place_and_neither_a_secret() {
    let internal = "The request could not be processed.";
    let invalid = "The input is not what this function takes.";
    let refused = "User or password is wrong.";
    let of = |user: &str, password: &str| json!({"user": user, "password": password}).to_string().into_bytes();
    let cases: [(Vec<u8>, &str, &str, &str); 9] = [
        (of("ada@example.com", "tulip-engine-91c2"), "invalid_login", refused, "LoginError"),
        (of("eve@example.com", "tulip-engine-91c2"), "invalid_login", refused, "LoginError"),
        (of("bob@example.org", "tulip-engine-91c2"), "internal_error", internal, "LoginError"),
        (of("legacy@example.com", "tulip-engine-91c2"), "internal_error", internal, "password.rs"),
        (br#"{"user": "ada@example.com", "password": 9150226713}"#.to_vec(), "invalid_input", invalid, "\"data\""),
        (br#"{"user": "ada@example.com", "password": "tulip-engi"#.to_vec(), "invalid_input", invalid, "\"eof\""),
        (b"tulip-engine-91c2".to_vec(), "invalid_input", invalid, "\"syntax\""),
        (b"{\"user\": \"\xff\xfetulip-engine-91c2\"}".to_vec(), "invalid_input", invalid, "\"syntax\""),
        (Vec::new(), "invalid_input", invalid, "\"eof\""),
    ];
    let mut login = login();
    for (payload, code, message, logged) in cases {
        let shown = payload.escape_ascii().to_string();
        let reply = login.invoke(payload).unwrap();
        assert_eq!(reply.outcome(), Outcome::Error, "{shown}");
        assert_eq!(reply.json::<Value>().unwrap(), opaque(code, message, reply.request_id()), "{shown}");
        let log = reply.log().concat();
        assert!(log.contains(reply.request_id()) && log.contains(code) && log.contains(logged), "{shown}: {log}");
        for secret in ["tulip-engi", "9150226713", "db-walrus-58d1f6"] {
            assert!(!log.contains(secret) && !reply.text().contains(secret), "{shown}: {log}");
        }
        for (name, value) in reply.headers() {
            assert!(!value.as_bytes().windows(5).any(|part| part == b"tulip"), "{shown}: header {name}");
        }
    }
    assert_eq!(login.restarts(), 0);
}
