//! What a user shows of his own function, in his own CI.
#![cfg(target_os = "linux")]

use std::fs;

use secure_testing::{Function, Place, Probe, Report};

const EVENT: &str = r#"{"amount": 7, "card": {"number": "4111 1111 1111 1111"}, "pin": "1234"}"#;

#[test]
fn nothing_is_left_of_a_payment() {
    secure_testing::assert_no_residue!(env!("CARGO_BIN_EXE_payments"), EVENT, ["card.number", "pin"]);
}

/// The same look at the plain function: a probe that finds nothing there would be worth nothing here.
#[test]
fn the_plain_twin_is_told_what_it_leaves_and_where() {
    let report =
        Probe::of(env!("CARGO_BIN_EXE_payments_plain")).event(EVENT, ["card.number", "pin"]).run().expect("it runs");
    assert!(!report.is_clean(), "{report}");

    let found = |field: &str, is_there: fn(&Place) -> bool| {
        report.findings().iter().any(|residue| residue.field == field && residue.whole && is_there(&residue.place))
    };
    assert!(found("card.number", |place| matches!(place, Place::Reply { header: None, .. })), "{report}");
    assert!(found("card.number", |place| matches!(place, Place::Log { .. })), "{report}");
    assert!(found("pin", |place| matches!(place, Place::Log { .. })), "{report}");
    assert!(
        found("card.number", |place| matches!(place, Place::File { path, .. } if path.ends_with("receipt.txt"))),
        "{report}"
    );
    assert!(found("pin", |place| matches!(place, Place::Static { .. })), "{report}");
    assert!(found("card.number", |place| matches!(place, Place::Heap { .. })), "{report}");
    assert!(
        found(
            "card.number",
            |place| matches!(place, Place::Stack { thread, address, pointer, .. } if thread.main && address < pointer)
        ),
        "{report}"
    );
    assert_says(&report, &["receipt.txt", "below its stack pointer", "payments_plain", "card.number", "pin"]);
}

fn assert_says(report: &Report, words: &[&str]) {
    let text = report.to_string();
    for word in words {
        assert!(text.contains(word), "{word} is not in:\n{text}");
    }
}

/// No core file, and nobody of the same user may read the process's memory.
#[test]
fn the_function_is_hardened() {
    let limit_of = |function: &str| {
        let function = Function::builder(function).start().expect("it starts");
        let limits = fs::read_to_string(format!("/proc/{}/limits", function.pid())).expect("it runs");
        let line = limits.lines().find(|line| line.starts_with("Max core file size")).expect("Linux has it");
        line.split_whitespace().rev().nth(1).map(str::to_owned)
    };
    assert_eq!(limit_of(env!("CARGO_BIN_EXE_payments")).as_deref(), Some("0"));
}

/// What leaves its secrets on purpose is what was reviewed.
#[test]
fn the_escapes_are_those_that_were_reviewed() {
    secure_testing::assert_manifest!();
}
