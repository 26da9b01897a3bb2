//! A probe finds what a careless function leaves, says where, and finds nothing of one that is secured.

#![cfg(target_os = "linux")]

mod fixture;

use fixture::{event, example, plain_function};
use secure_testing::Probe;

const LOGIN: &str = r#"{"user":"ann","password":"x","cards":[{"number":"y"},{"number":"z"}]}"#;
const SECRETS: [&str; 2] = ["password", "cards.*.number"];

#[test]
fn a_secured_function_is_clean() {
    let report = Probe::of(example("secured_login")).event(LOGIN, SECRETS).run().unwrap();
    println!("{report}");
    assert!(report.is_clean(), "{report}");
}

#[test]
fn its_plain_twin_is_not() {
    let report = Probe::of(example("plain_login")).event(LOGIN, SECRETS).run().unwrap();
    println!("{report}");
    assert!(!report.is_clean());
}

#[test]
fn modes() {
    for task in ["answer", "log", "data", "file", "deep", "deep in a thread", "register", "base64", "hex"] {
        let report = Probe::from(plain_function()).event(event(task, "x"), ["data"]).times(2).run().unwrap();
        println!("{task}:\n{report}");
    }
}
