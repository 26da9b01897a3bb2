//! The function runs as any other.

use secure_testing::{Function, Outcome};
use serde_json::{json, Value};

#[test]
fn a_renamed_dependency_is_named_in_every_macro() {
    let mut function = Function::builder(env!("CARGO_BIN_EXE_renamed")).start().unwrap();
    let mut answer = |user: &str, code: u32, password: &str| {
        let second = json!({"totp": code});
        let event = json!({"user": user, "second": second, "password": password, "source": [1, 2]});
        let reply = function.invoke(event).unwrap();
        let body: Value = reply.json().unwrap();
        (reply.outcome(), body.get("errorType").unwrap_or(&body).as_str().unwrap().to_owned())
    };
    assert_eq!(answer("ada", 123_456, "walrus"), (Outcome::Answer, "welcome, ada".to_owned()));
    assert_eq!(answer("ada", 123_456, "carpenter"), (Outcome::Error, "refused".to_owned()));
    assert_eq!(answer("ada", 1, "walrus"), (Outcome::Error, "refused".to_owned()));
    assert_eq!(answer("", 1, "walrus"), (Outcome::Error, "internal_error".to_owned()));
}
