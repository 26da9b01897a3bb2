//! The function as Lambda runs it: a process, events of API Gateway, and what is seen of it from outside.

use secure_testing::{Function, Outcome};
use serde_json::{Value, json};

fn body(answer: &Value) -> Value {
    answer["body"].as_str().unwrap().parse().unwrap()
}

#[test]
fn requests_of_every_kind_are_answered_and_no_password_is_told() {
    let mut login =
        Function::builder(env!("CARGO_BIN_EXE_http-login")).env("DATABASE_SECRET", "tests/database").start().unwrap();
    let cases = [
        (include_str!("../events/login.json"), 200),
        (include_str!("../events/login-form.json"), 200),
        (include_str!("../events/health.json"), 200),
        (include_str!("../events/wrong-password-v1.json"), 401),
    ];
    for (event, status) in cases {
        let reply = login.invoke(event.as_bytes().to_vec()).unwrap();
        assert_eq!(reply.outcome(), Outcome::Answer, "{}", reply.text());
        assert_eq!(reply.json::<Value>().unwrap()["statusCode"], status, "{}", reply.text());
        let log = reply.log().concat();
        for password in ["correct-horse-battery-staple", "a-wrong-guess"] {
            assert!(!log.contains(password) && !reply.text().contains(password), "{log}");
        }
    }
    assert_eq!(login.restarts(), 0);
}

#[test]
fn a_refused_login_is_a_problem_to_the_caller_and_a_security_event_in_the_log() {
    let mut login =
        Function::builder(env!("CARGO_BIN_EXE_http-login")).env("DATABASE_SECRET", "tests/database").start().unwrap();
    let reply = login.invoke(include_bytes!("../events/wrong-password-v1.json").to_vec()).unwrap();
    let problem = json!({
        "type": "about:blank", "title": "Unauthorized", "status": 401, "detail": "User or password is wrong.",
        "code": "invalid_login", "request_id": reply.request_id(),
    });
    assert_eq!(body(&reply.json().unwrap()), problem);
    let log = reply.log().concat();
    assert!(log.contains(r#""event":"login_failed""#) && log.contains(r#""reason":"wrong_password""#), "{log}");
}
