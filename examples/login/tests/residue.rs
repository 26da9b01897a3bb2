//! Nothing of a password is left in the function's process, nor in what it tells, however a login ends.

#![cfg(target_os = "linux")]

use secure_testing::{Outcome, Probe};
use serde_json::json;

#[test]
fn nothing_is_left_of_a_password() {
    Probe::of(env!("CARGO_BIN_EXE_login"))
        .envs([("DATABASE_URL", "postgres://login@db.internal/users"), ("SIGNING_KEY", "signing-key-of-the-tests")])
        .event(json!({"user": "ada@example.com", "password": "x"}), ["password"])
        .expect(Outcome::Error) // it isn't hers
        .event(json!({"user": "legacy@example.com", "password": "x"}), ["password"])
        .expect(Outcome::Error) // a panic
        .event_with(|canary| format!(r#"{{"user": "ada@example.com", "password": "{canary}"#))
        .expect(Outcome::Error) // cut off
        .assert_clean();
}
