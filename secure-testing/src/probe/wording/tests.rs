//! What a report says, word for word, of findings that were made up.

use std::path::PathBuf;

use super::{separated, shares, sort};
use crate::{Outcome, Place, Report, Residue, Sent, Thread, memory::Encoding, probe::report::Seen};

fn sent(outcome: Outcome) -> Sent {
    let reply = if outcome == Outcome::Answer { "{}" } else { r#"{"errorType":"invalid_input"}"# };
    Sent { outcome, expected: Outcome::Answer, looked_at: true, reply: reply.to_owned() }
}

fn report(findings: Vec<Residue>, events: Vec<Sent>) -> Report {
    let seen = Seen { bytes: 2_254_438, threads: 2, lines: 1, files: 0 };
    Report { function: PathBuf::from("target/debug/login"), findings, events, secrets: 6, seen }
}

fn whole(place: Place) -> Residue {
    let (encoding, field) = (Encoding::Raw, "password".to_owned());
    Residue { field, event: 1, first: 1, last: 3, whole: true, offset: 0, length: 32, encoding, place }
}

fn fragment(place: Place) -> Residue {
    Residue { whole: false, offset: 4, length: 16, encoding: Encoding::Base64, ..whole(place) }
}

fn thread(id: i32) -> Thread {
    Thread { id, name: "tokio-rt-worker".to_owned(), main: id == 1 }
}

#[test]
fn each_place_is_named() {
    let pointer = 0x7ffd_0000_2000;
    for (place, said) in [
        (Place::Reply { event: 2, header: None, at: 8 }, "at byte 9 of reply 2"),
        (Place::Reply { event: 2, header: Some("x-pin".to_owned()), at: 8 }, "in the header `x-pin` of reply 2"),
        (Place::Log { line: 3, excerpt: "pin: abc".to_owned() }, "in line 3: pin: abc"),
        (Place::File { path: "kept/x".into(), at: Some(0) }, "at byte 1 of kept/x, after events 1 to 3"),
        (Place::File { path: "kept/x".into(), at: None }, "in the name of kept/x, after events 1 to 3"),
        (
            Place::Register { thread: thread(41), register: "xmm3".to_owned() },
            "in xmm3 of thread 41 \"tokio-rt-worker\", after events 1 to 3",
        ),
        (
            Place::Stack { thread: thread(1), address: pointer - 1312, pointer },
            "main thread, 1,312 bytes below its stack pointer (0x7ffd00001ae0), after events 1 to 3",
        ),
        (
            Place::Stack { thread: thread(41), address: pointer + 8, pointer },
            "thread 41 \"tokio-rt-worker\", 8 bytes above its stack pointer (0x7ffd00002008), after events 1 to 3",
        ),
        (
            Place::Static { file: "/opt/login".into(), address: 0x5000 },
            "in .data or .bss of login (0x5000), after events 1 to 3",
        ),
        (Place::Heap { address: 0x5000 }, "at 0x5000, after events 1 to 3"),
        (
            Place::Mapping { name: "anonymous".to_owned(), address: 0x1_5000, mapping: 0x1_0000..0x2_0000 },
            "20,480 bytes into anonymous memory (0x10000-0x20000), after events 1 to 3",
        ),
    ] {
        assert_eq!(whole(place.clone()).to_string(), format!("password of event 1, whole: {said}"));
        assert_eq!(fragment(place).to_string(), format!("password of event 1, bytes 5 to 20, base64: {said}"));
    }
    let once = Residue { last: 1, ..whole(Place::Heap { address: 0x5000 }) };
    assert!(once.to_string().ends_with(": at 0x5000, after event 1"), "{once}");
}

#[test]
fn a_clean_report_says_what_was_looked_at() {
    let clean = report(Vec::new(), vec![sent(Outcome::Answer); 3]);
    assert!(clean.is_clean());
    assert_eq!(
        clean.to_string(),
        "target/debug/login: of 6 secrets nothing is left after 3 events in 2.1 MiB of memory, the registers of 2 threads, the \
         replies, 1 log line and 0 temporary files"
    );
}

#[test]
fn the_most_telling_comes_first_and_what_removes_it_stands_below() {
    let stack = |at: u64| Place::Stack { thread: thread(1), address: 0x2000 - at, pointer: 0x2000 };
    let mut findings = vec![
        fragment(Place::Register { thread: thread(41), register: "rbx".to_owned() }),
        fragment(stack(96)),
        whole(stack(160)),
        fragment(Place::Log { line: 2, excerpt: "…".to_owned() }),
        whole(Place::Heap { address: 0x5000 }),
    ];
    sort(&mut findings);
    let report = report(findings, vec![sent(Outcome::Answer)]);
    assert!(!report.is_clean());
    assert_eq!(
        report.to_string(),
        "target/debug/login leaves 1 of 6 secrets behind: 5 findings (2 whole) after 1 event

the heap, 1 finding:
  password of event 1, whole: at 0x5000, after events 1 to 3
  help: `#[secure_runtime::main]` and `secure_runtime::run` wipe what is freed and the buffers of an event; what is still alive there is \
held by a cache, a static, a task or a thread

stacks, 2 findings:
  password of event 1, whole: main thread, 160 bytes below its stack pointer (0x1f60), after events 1 to 3 (and 1 more like it)
  help: below a stack pointer lies what calls have left: `secure_runtime::run` under `#[secure_runtime::main]` wipes it on the \
runtime's threads, `secure_runtime::task::spawn_blocking` on others; above it is what still runs

the log, 1 finding:
  password of event 1, bytes 5 to 20, base64: in line 2: …
  help: `secure_runtime::log::init` masks secrets in what is logged with `tracing`; `println!` is masked by nobody

registers, 1 finding:
  password of event 1, bytes 5 to 20, base64: in rbx of thread 41 \"tokio-rt-worker\", after events 1 to 3
  help: a thread that sleeps keeps its registers: what wipes stacks wipes them as well"
    );
}

#[test]
fn a_leak_that_is_everywhere_is_not_listed_everywhere() {
    let heap = |event, address| Residue { event, ..whole(Place::Heap { address }) };
    let mut findings: Vec<_> = (1..=30).flat_map(|event| [heap(event, 0x1000), heap(event, 0x2000)]).collect();
    findings.push(fragment(Place::Register { thread: thread(1), register: "rbx".to_owned() }));
    sort(&mut findings);
    let text = report(findings, vec![sent(Outcome::Answer); 30]).to_string();
    assert_eq!(text.matches("(and 1 more like it)").count(), 19, "{text}");
    assert!(text.contains("the heap, 60 findings:") && text.contains("\n  and 22 more\n"), "{text}");
    assert!(text.contains("in rbx of main thread"), "the longer group leaves room for the shorter one: {text}");
}

#[test]
fn an_event_that_was_not_handled_is_told() {
    let crashed = Sent { looked_at: false, expected: Outcome::Crashed, ..sent(Outcome::Crashed) };
    let report = report(Vec::new(), vec![sent(Outcome::Answer), sent(Outcome::Error), crashed]);
    assert!(!report.is_clean());
    let text = report.to_string();
    let (_, told) = text.split_once("\n\n").unwrap();
    assert_eq!(
        told,
        "2 of 3 events prove little:
  event 2 ended with an error, not with an answer: {\"errorType\":\"invalid_input\"}
  event 3 ended with a crash, and so did the process
  help: send what the function handles, or say with `expect` how the event is to end"
    );
}

#[test]
#[should_panic(expected = "2 of 2 events prove little")]
fn a_report_without_findings_may_be_worth_nothing() {
    report(Vec::new(), vec![sent(Outcome::TimedOut); 2]).assert_clean();
}

#[test]
fn lines_are_shared_out() {
    assert_eq!(shares(20, &[3, 2]), [3, 2]);
    assert_eq!(shares(20, &[100, 1, 5]), [14, 1, 5]);
    assert_eq!(shares(4, &[9, 9, 9]), [2, 1, 1]);
    assert_eq!(shares(4, &[]), [0; 0]);
}

#[test]
fn long_numbers_are_separated() {
    assert_eq!([0, 999, 1312, 1_234_567].map(separated), ["0", "999", "1,312", "1,234,567"]);
}
