//! Nothing of a password is left in the function's process, nor in what it tells.

#![cfg(target_os = "linux")]

use secure_testing::{Outcome, Probe};
use serde_json::Value;

#[test]
fn nothing_is_left_of_a_password() {
    Probe::of(env!("CARGO_BIN_EXE_http-login"))
        .env("DATABASE_SECRET", "tests/database")
        .event(include_str!("../events/login.json"), ["body.password"])
        .expect(Outcome::Error) // 401: it isn't the user's
        .event(include_str!("../events/wrong-password-v1.json"), ["body.password"])
        .expect(Outcome::Error)
        .event_with(|canary| {
            let mut event: Value = include_str!("../events/login-form.json").parse().unwrap();
            event["body"] = format!("user=ada%40example.com&password={canary}").into();
            event["isBase64Encoded"] = false.into();
            event
        })
        .expect(Outcome::Error)
        .assert_clean();
}
