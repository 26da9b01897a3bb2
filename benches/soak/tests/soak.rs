//! A short soak is clean, and what it looks for is found where it is.

#![cfg(target_os = "linux")]

use std::path::Path;

use bench_soak::{
    soak::{Leaking, Run, soak},
    verdict::Record,
};

/// Every mode some hundred times, less the time that is in waiting.
const EVENTS: usize = 3_000;

fn soaked(run: Run, leaking: usize) -> Record {
    soak(Path::new(env!("CARGO_BIN_EXE_soak_function")), run, EVENTS, Leaking(leaking)).unwrap()
}

#[test]
fn a_short_soak_is_clean() {
    for run in [Run::OneThread, Run::Concurrent] {
        assert_eq!(soaked(run, 0).faults(), [""; 0], "{run:?}");
    }
}

/// Positive control: one event in a hundred keeps 1,500 bytes.
#[test]
fn a_leak_shows() {
    let faults = soaked(Run::OneThread, 2).faults();
    assert!(faults.iter().any(|fault| fault.starts_with("what is alive in the heap, in bytes, grew")), "{faults:#?}");
}
