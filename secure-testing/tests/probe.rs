//! A probe finds what a careless function leaves, says where, and finds nothing of one that is secured.

#![cfg(target_os = "linux")]

mod fixture;

use std::{
    env,
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::Path,
    process::Command,
};

use fixture::{event, example, plain_function};
use secure_testing::{Canary, Error, Function, Outcome, Place, Probe, Report, Residue, memory::Encoding};
use serde_json::json;

const LOGIN: &str = r#"{"user":"ann","password":"x","cards":[{"number":"y"},{"number":"z"}]}"#;
const SECRETS: [&str; 2] = ["password", "cards.*.number"];

/// What the plain function leaves when it does something with a text.
fn plain(task: &str) -> Report {
    Probe::from(plain_function()).event(event(task, "x"), ["data"]).run().unwrap()
}

#[track_caller]
fn assert_finds(report: &Report, what: &str, is_it: impl Fn(&Residue) -> bool) {
    assert!(report.findings().iter().any(is_it), "{what}: {report}");
    assert!(!report.is_clean());
}

#[test]
fn nothing_is_left_by_a_secured_function() {
    secure_testing::assert_no_residue!(example("secured_login"), LOGIN, ["password", "cards.*.number"]);
}

#[test]
#[should_panic(expected = "plain_login leaves 9 of 9 secrets behind")]
fn its_plain_twin_leaves_everything() {
    secure_testing::assert_no_residue!(example("plain_login"), LOGIN, ["password", "cards.*.number"]);
}

#[test]
#[should_panic(expected = "secured_login can't be probed: event 1 there is no `pin` in the event")]
fn an_assertion_that_proves_nothing_fails() {
    secure_testing::assert_no_residue!(example("secured_login"), LOGIN, ["pin"]);
}

#[test]
fn a_secured_function_is_clean_after_many_events_of_every_kind() {
    let report = Probe::of(example("secured_login"))
        .event(LOGIN, SECRETS)
        .event_with(|canary| json!({"user": "bob", "password": format!("{canary}{canary}"), "cards": []}))
        .event_with(|canary| format!(r#"{{"user":"bob","password":"{canary}"#))
        .expect(Outcome::Error)
        .event_with(|canary| json!({"user": "bob", "password": [canary.as_str()], "cards": {canary.as_str(): 1}}))
        .expect(Outcome::Error)
        .times(5)
        .run()
        .unwrap();
    report.assert_clean();
    assert_eq!(report.events().len(), 20);
    assert!(report.to_string().contains("of 30 secrets nothing is left after 20 events"), "{report}");
}

#[test]
fn what_the_caller_gets_is_searched() {
    let report = plain("answer");
    let in_reply =
        |residue: &Residue| matches!(residue.place, Place::Reply { event, header: None, .. } if event == residue.event);
    assert_finds(&report, "an answer", |residue| residue.whole && in_reply(residue));
    assert_eq!(report.events().len(), 3);

    let error =
        Probe::from(plain_function()).event(event("error", "x"), ["data"]).expect(Outcome::Error).run().unwrap();
    assert_finds(&error, "an error", in_reply);

    let allowed = Probe::from(plain_function()).event(event("answer", "x"), ["data"]).allow_in_answer().run().unwrap();
    assert!(!allowed.findings().iter().any(in_reply), "{allowed}");
}

#[test]
fn an_answer_may_hold_its_own_secrets_but_no_others() {
    let report = Probe::from(plain_function()).event(event("last", "x"), ["data"]).allow_in_answer().run().unwrap();
    let in_reply = |residue: &Residue| matches!(residue.place, Place::Reply { .. });
    let events: Vec<_> =
        report.findings().iter().filter(|residue| in_reply(residue)).map(|it| (it.event, it.first)).collect();
    assert_eq!(events, [(1, 2), (2, 3)], "each answer hands out the event before: {report}");
}

#[test]
fn the_log_is_searched() {
    let report = plain("log");
    for stream in ["out: ", "err: "] {
        let logged =
            |residue: &Residue| matches!(&residue.place, Place::Log { excerpt, .. } if excerpt.starts_with(stream));
        assert_finds(&report, stream, |residue| residue.whole && logged(residue));
    }
}

#[test]
fn temporary_files_are_searched_and_their_names() {
    let report = plain("file");
    let in_file =
        |residue: &Residue, name: bool| matches!(&residue.place, Place::File { at, .. } if at.is_none() == name);
    assert_finds(&report, "contents", |residue| residue.whole && in_file(residue, false));
    assert_finds(&report, "a name, as long as it is there", |residue| {
        in_file(residue, true) && (residue.event, residue.first, residue.last) == (1, 1, 3)
    });
}

#[test]
fn the_heap_is_searched_in_all_encodings() {
    for (task, encoding) in [
        ("answer", Encoding::Raw),
        ("base64", Encoding::Base64),
        ("hex", Encoding::HexUpper),
        ("capitals", Encoding::Upper),
    ] {
        let kept = |it: &Residue| it.whole && it.encoding == encoding && matches!(it.place, Place::Heap { .. });
        assert_finds(&plain(task), task, kept);
    }
}

#[test]
fn what_is_kept_is_seen_again_after_later_events() {
    let kept = |it: &Residue| it.encoding == Encoding::Base64 && (it.event, it.first, it.last) == (1, 1, 3);
    assert_finds(&plain("base64"), "the first event's", kept);
}

#[test]
fn a_static_is_named_by_its_program() {
    let in_data = |it: &Residue| matches!(&it.place, Place::Static { file, .. } if file.ends_with("plain_function"));
    assert_finds(&plain("data"), ".data", |residue| residue.whole && in_data(residue));
}

#[test]
fn a_stack_is_named_by_its_thread_and_says_how_far_below_it_is() {
    let below = |it: &Residue, name: &str| match &it.place {
        Place::Stack { thread, address, pointer, .. } => {
            it.whole && address < pointer && thread.main == name.is_empty() && (thread.main || thread.name == name)
        }
        _ => false,
    };
    assert_finds(&plain("deep"), "the main thread's", |it| below(it, ""));
    let report = plain("deep in a thread");
    assert_finds(&report, "another one's", |it| below(it, "sleeper"));
    assert!(report.to_string().contains("bytes below its stack pointer"), "{report}");
}

/// It depends on what the compiler makes of it that there is something in a register at all: see the function.
#[test]
fn a_register_is_named_by_its_thread() {
    let register = |it: &Residue| matches!(&it.place, Place::Register { thread, register, .. } if thread.name == "sleeper" && !register.is_empty());
    assert_finds(&plain("register"), "a register", register);
}

#[test]
fn an_event_that_ends_otherwise_than_expected_is_not_clean() {
    let refused = r#"{"user":"ann","password":"x","cards":"none"}"#;
    let report = Probe::of(example("secured_login")).event(refused, ["password"]).times(1).run().unwrap();
    assert_eq!(report.findings(), []);
    assert!(!report.is_clean(), "{report}");
    assert_eq!((report.events()[0].outcome, report.events()[0].expected), (Outcome::Error, Outcome::Answer));
    assert!(report.to_string().contains("invalid_input"), "the reply says why: {report}");
    Probe::of(example("secured_login")).event(refused, ["password"]).expect(Outcome::Error).times(1).assert_clean();
}

#[test]
fn a_process_that_has_ended_is_not_clean() {
    let report =
        Probe::from(plain_function()).event(event("abort", "x"), ["data"]).expect(Outcome::Crashed).run().unwrap();
    assert!(report.events().iter().all(|sent| sent.outcome == Outcome::Crashed && !sent.looked_at), "{report}");
    assert!(!report.is_clean());
}

#[test]
fn a_probe_that_finds_nothing_of_its_own_is_an_error() {
    let directory = TemporaryDirectory::new();
    let wrapper = directory.0.join("wrapper");
    let function = example("plain_function");
    fs::write(&wrapper, format!("#!/bin/sh\nexec env -u \"$1\" {}\n", function.display())).unwrap();
    fs::set_permissions(&wrapper, Permissions::from_mode(0o755)).unwrap();
    let probe = |variable| Probe::from(Function::builder(&wrapper).arg(variable)).event(event("answer", "x"), ["data"]);
    let error = probe("SECURE_TESTING_CONTROL").run().unwrap_err();
    assert!(matches!(error, Error::Blind { .. }), "{error}");
    assert!(error.to_string().ends_with("a clean report would prove nothing"), "{error}");
    // The wrapper is no hindrance otherwise.
    assert!(!probe("PATH").run().unwrap().findings().is_empty());
}

#[test]
fn what_cannot_be_probed_is_an_error() {
    let ask = |path: &Path| Probe::of(path).event(LOGIN, SECRETS).run().unwrap_err();
    assert!(matches!(ask(Path::new("/no/such/binary")), Error::Start { .. }));
    assert!(matches!(ask(Path::new("/etc/hostname")), Error::Start { .. }), "isn't executable");
    let ends = Probe::from(plain_function().arg("--fail")).event(LOGIN, SECRETS).run().unwrap_err();
    assert!(matches!(ends, Error::Init { .. }), "{ends}");
    assert!(ends.to_string().contains("no database"), "{ends}");
}

#[test]
fn an_event_that_cannot_be_made_is_an_error_that_says_why() {
    let said = |probe: Probe| {
        let error = probe.run().unwrap_err();
        assert!(matches!(error, Error::Event { .. }), "{error}");
        error.to_string()
    };
    let probe = || Probe::of(example("secured_login"));
    let wrong = said(probe().event(LOGIN, SECRETS).event(LOGIN, ["cards.*.pin"]));
    assert_eq!(wrong, "event 2 there is no `pin` in `cards.0`, which has `number`");
    let none = said(probe().event(LOGIN, [""; 0]));
    assert_eq!(none, "event 1 no field is named, so nothing would be searched for");
    let cut_off = said(probe().event(r#"{"password":"#, ["password"]));
    assert!(cut_off.starts_with("event 1 isn't JSON"), "{cut_off}");
    assert!(said(probe().event_with(|_| LOGIN)).contains("the same whatever the canary is"));
    assert!(said(probe()).contains("is never sent"));
    assert!(said(probe().event(LOGIN, SECRETS).times(0)).contains("is never sent"));
    assert!(said(probe().expect(Outcome::Error).event(LOGIN, SECRETS)).contains("comes after an `expect`"));
}

/// The same as an ordinary user, who has no capability to read the memory of others with.
#[test]
fn an_ordinary_user_can_probe() {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return; // as which all tests have run
    }
    // Laid out as in the target folder, which another user may not be allowed to enter.
    let directory = TemporaryDirectory::new();
    let test = directory.0.join("deps/probe");
    fs::create_dir_all(directory.0.join("examples")).unwrap();
    fs::create_dir_all(test.parent().unwrap()).unwrap();
    fs::copy(env::current_exe().unwrap(), &test).unwrap();
    for name in ["plain_function", "secured_login"] {
        fs::copy(example(name), directory.0.join("examples").join(name)).unwrap();
    }
    // May be run by anybody, and read by its owner alone.
    let unreadable = directory.0.join("examples/unreadable");
    fs::copy(example("plain_function"), &unreadable).unwrap();
    fs::set_permissions(&unreadable, Permissions::from_mode(0o711)).unwrap();
    let ordinary = 65534;
    chown(&directory.0, Some(ordinary), Some(ordinary)).unwrap();
    let run = Command::new(&test)
        .args(["--exact", "ordinary_user", "--ignored", "--nocapture"])
        .env("TMPDIR", &directory.0)
        .uid(ordinary)
        .gid(ordinary)
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && output.contains("1 passed"), "{output}");
}

#[test]
#[ignore = "run by `an_ordinary_user_can_probe`"]
fn ordinary_user() {
    assert_ne!(fs::metadata("/proc/self").unwrap().uid(), 0);
    nothing_is_left_by_a_secured_function();
    a_stack_is_named_by_its_thread_and_says_how_far_below_it_is();
    a_register_is_named_by_its_thread();
    a_function_that_is_not_dumpable_is_an_error();
}

fn a_function_that_is_not_dumpable_is_an_error() {
    let probe = Probe::of(example("secured_login")).event(LOGIN, SECRETS);
    let error = probe.env("SECURE_RUNTIME_DUMPABLE", "0").run().unwrap_err();
    assert!(matches!(error, Error::Look { .. }), "{error}");
    assert!(error.to_string().contains("\n  - the function isn't dumpable: "), "{error}");
    let unreadable = Probe::of(example("unreadable")).event(event("answer", "x"), ["data"]).run().unwrap_err();
    assert!(matches!(unreadable, Error::Look { .. }), "{unreadable}");
    assert!(unreadable.to_string().contains("its binary may not be read"), "{unreadable}");
}

struct TemporaryDirectory(std::path::PathBuf);

impl TemporaryDirectory {
    fn new() -> Self {
        let path = env::temp_dir().join(format!("secure-testing-{}", Canary::random()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
