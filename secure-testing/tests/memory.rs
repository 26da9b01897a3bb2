//! What stays in a function's memory is found. Positive controls: the function keeps it on purpose.

#![cfg(target_os = "linux")]

mod fixture;

use std::process;

use fixture::{event, plain_function};
use secure_testing::{
    Canary, Error,
    memory::{Encoding, Memory, Search},
};

#[test]
fn what_was_sent_is_found_and_what_was_not_is_not() {
    let (sent, unsent) = (Canary::random(), Canary::random());
    let mut function = plain_function().start().unwrap();
    assert!(function.search_memory([&sent, &unsent]).unwrap().is_empty());

    function.invoke(event("answer", sent.as_str())).unwrap();
    let findings = function.search_memory([&unsent, &sent]).unwrap();
    assert!(findings.whole() > 0, "{findings}");
    assert!(findings.iter().all(|finding| finding.canary == 1), "{findings}");
    assert!(findings.iter().any(|finding| finding.mapping == "[heap]"), "{findings}");

    let text = findings.to_string();
    assert!(!text.contains(sent.as_str()), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn fragments_are_found() {
    let canary = Canary::random();
    let (start, end) = canary.as_str().split_at(10);
    let mut function = plain_function().start().unwrap();
    for part in [start, end] {
        function.invoke(event("log", part)).unwrap();
    }
    let findings = function.search_memory([&canary]).unwrap();
    assert_eq!(findings.whole(), 0, "{findings}");
    let found = |offset, length| findings.iter().any(|finding| (finding.offset, finding.length) == (offset, length));
    assert!(found(0, 10) || found(10, 22), "{findings}");
}

#[test]
fn encoded_copies_are_found() {
    for (task, encoding) in [("base64", Encoding::Base64), ("hex", Encoding::HexUpper)] {
        let canary = Canary::random();
        let mut function = plain_function().start().unwrap();
        function.invoke(event(task, canary.as_str())).unwrap();
        let findings = function.search_memory([&canary]).unwrap();
        let found = findings.iter().any(|finding| finding.whole && finding.encoding == encoding);
        assert!(found, "{findings}");
    }
}

#[test]
fn every_kind_of_mapping_is_searched() {
    let [on_stack, in_data] = [Canary::random(), Canary::random()];
    let mut function = plain_function().arg(on_stack.as_str()).start().unwrap();
    function.invoke(event("data", in_data.as_str())).unwrap();
    let findings = function.search_memory([&on_stack, &in_data]).unwrap();
    let found = |canary, mapping: &str| {
        let mut findings = findings.iter().filter(|finding| finding.canary == canary);
        findings.any(|finding| finding.whole && finding.mapping.ends_with(mapping))
    };
    assert!(found(0, "[stack]"), "{findings}");
    assert!(found(1, "/plain_function"), "{findings}");
}

#[test]
fn the_memory_of_any_process_can_be_read() {
    let canary = Canary::random();
    let findings = Memory::of(process::id()).unwrap().search(&Search::new([&canary]).unwrap()).unwrap();
    assert!(findings.whole() > 0, "{findings}");
}

#[test]
fn a_process_that_is_gone_is_an_error() {
    let mut function = plain_function().start().unwrap();
    let memory = function.memory().unwrap();
    function.invoke(event("abort", "")).unwrap();
    let canary = Canary::random();
    let error = memory.search(&Search::new([&canary]).unwrap()).unwrap_err();
    assert!(matches!(error, Error::Memory { .. }), "{error}");
    let error = function.search_memory([&canary]).unwrap_err();
    assert!(error.to_string().contains("ptrace_scope"), "{error}");
}
