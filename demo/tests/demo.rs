//! What a newcomer's first command shows, and how it ends.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{self, Command, Output},
};

use serde_json::Value;

fn demo(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_demo")).arg("--no-build").args(args).output().unwrap()
}

fn report(args: &[&str]) -> Value {
    let output = demo(&[&["--json"], args].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn leaks(side: &Value, to: &str) -> Vec<String> {
    serde_json::from_value(side[to]["leaks"].clone()).unwrap()
}

/// A file that is gone when the test ends.
struct Events(PathBuf);

impl Events {
    fn new(name: &str, lines: &[u8]) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", process::id()));
        fs::write(&path, lines).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn the_plain_function_leaks_and_the_secured_one_does_not() {
    let report = report(&[]);
    let events = report["events"].as_array().unwrap();
    assert_eq!(events.len(), 7);
    // What the caller of each event learns from the plain function, and the log as well.
    let told: [&[&str]; 7] = [&[], &[], &["the database's password"], &["the password"], &["the password"], &[], &[]];
    for (event, told) in events.iter().zip(told) {
        for to in ["caller", "log"] {
            assert_eq!(leaks(&event["plain"], to), told, "{event:#}");
            assert!(leaks(&event["secured"], to).is_empty(), "{event:#}");
        }
        // Both answer alike: the secured one is no other function.
        assert_eq!(event["plain"]["outcome"], event["secured"]["outcome"], "{event:#}");
    }
    for good in [&events[0], &events[6]] {
        assert_eq!(good["secured"]["outcome"], "answer");
        assert!(good["secured"]["caller"]["text"].as_str().unwrap().starts_with("{\"ticket\":\"ada@example.com."));
    }
    for bad in &events[1..6] {
        assert_eq!(bad["secured"]["outcome"], "error");
        let log = bad["secured"]["log"]["text"].as_str().unwrap();
        assert!(log.contains("\"request_id\":") && log.contains("\"code\":"), "{log}");
    }
    assert_eq!(report["secured_failed"], false);
    assert_eq!(report["plain"]["told_callers"], 3);
    assert_eq!(report["secured"]["died"], 0);
    if cfg!(target_os = "linux") {
        // The plain function's panic leaves the password behind, so the search can find it.
        assert!(events[3]["plain"]["memory"]["left"]["whole"].as_u64().unwrap() > 0, "{:#}", events[3]);
        assert!(events[3]["secured"]["memory"]["left"]["whole"].is_u64(), "{:#}", events[3]);
    } else {
        assert_eq!(events[3]["plain"]["memory"], "unreadable");
    }
}

#[test]
fn the_table_fits_a_terminal_and_has_no_colours_in_a_pipe() {
    let output = demo(&[]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(!text.contains('\x1b'));
    assert_eq!(text.matches("LEAKS").count(), 6, "{text}");
    assert!(text.contains("told their caller a secret                 3 of 7        0 of 7\n"), "{text}");
    assert!(text.ends_with("The secured function told nobody a secret.\n"), "{text}");
}

#[test]
fn a_users_own_events_are_sent_line_by_line_as_they_are() {
    let lines = b"{\"user\":\"legacy@example.com\",\"password\":\"opal-granite-2f6d\"}\r\n\n\
        {\"user\":[\"\xff\n\
        {\"user\":\"ada@example.com\",\"password\":\"short\"}\n";
    let file = Events::new("own", lines);
    let report = report(&[file.path()]);
    let events = report["events"].as_array().unwrap();
    let titles: Vec<_> = events.iter().map(|event| event["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["line 1", "line 3", "line 4"]);
    assert_eq!(leaks(&events[0]["plain"], "caller"), ["the password"]);
    assert!(leaks(&events[0]["secured"], "caller").is_empty());
    assert_eq!(events[1]["has_password"], false);
    assert_eq!(events[1]["secured"]["outcome"], "error");
    assert_eq!(events[2]["secured"]["memory"], "no_password");
}

#[test]
fn a_secured_side_that_leaks_ends_with_1() {
    // The plain function in the secured one's place.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("leaking-{}", process::id()));
    fs::create_dir(&folder).unwrap();
    let suffix = std::env::consts::EXE_SUFFIX;
    let place = |name: &str| folder.join(format!("{name}{suffix}"));
    fs::copy(env!("CARGO_BIN_EXE_demo"), place("demo")).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_plain"), place("plain")).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_plain"), place("secured")).unwrap();
    let output = Command::new(place("demo")).arg("--no-build").output().unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(
        String::from_utf8_lossy(&output.stdout).ends_with("The secured function FAILED: it told a secret, or died.\n")
    );
}

#[test]
fn what_cannot_be_run_says_why_and_ends_with_2() {
    let empty = Events::new("empty", b"\n \n");
    for (args, says) in [
        (&["no-such-file"][..], "can't read no-such-file"),
        (&[empty.path()], "there is no event in the file"),
        (&["--jsno"], "invalid option '--jsno' (see --help)"),
        (&["one", "two"], "unexpected argument \"two\" (see --help)"),
    ] {
        let output = demo(args);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(error.starts_with("error: ") && error.contains(says), "{args:?}: {error}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn help_is_printed_and_is_no_failure() {
    let output = demo(&["--help"]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("Usage: cargo run -p demo [-- [OPTIONS] [FILE]]"));
}
