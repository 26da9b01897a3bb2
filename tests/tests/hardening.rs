//! A process that is closed to others of its user: who can't read it any more, and that it does what it did.
//!
//! Root may read everything, so under root the function and whoever probes it run as `nobody`.

#![cfg(target_os = "linux")]

use std::{
    fs::{self, DirBuilder},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, chown},
    path::PathBuf,
    process::{Command, Stdio},
};

use secure_testing::{Builder, Canary, Function, Reply};
use serde_json::json;

const SUBJECT: &str = env!("CARGO_BIN_EXE_hardening_subject");

const NOBODY: u32 = 65534;

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// What puts a program under an ordinary user: nothing, when we are one.
fn as_ordinary_user(program: &str) -> Vec<String> {
    let (user, group) = (format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"));
    let setpriv = ["setpriv", &user, &group, "--clear-groups", "--"];
    let before = if is_root() { &setpriv[..] } else { &[] };
    before.iter().copied().chain([program]).map(str::to_owned).collect()
}

/// A copy of the function and a temporary directory, where an ordinary user gets at them, whoever built the one.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("hardening-{}", Canary::random()));
        DirBuilder::new().mode(0o755).create(&path).unwrap();
        fs::copy(SUBJECT, path.join("subject")).unwrap();
        DirBuilder::new().mode(0o700).create(path.join("tmp")).unwrap();
        if is_root() {
            chown(path.join("tmp"), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        Self(path)
    }

    /// The function, with core files allowed as far as may be.
    fn function(&self) -> Builder {
        let subject = self.0.join("subject");
        let command = as_ordinary_user(subject.to_str().unwrap());
        let builder = Function::builder("/bin/sh")
            .arg("-c")
            .arg("ulimit -S -c \"$(ulimit -H -c)\" && exec \"$@\"")
            .arg("sh")
            .env("TMPDIR", self.0.join("tmp"));
        command.into_iter().fold(builder, Builder::arg)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn closed(place: &Place) -> Function {
    place.function().env("SECURE_RUNTIME_DUMPABLE", "0").start().unwrap()
}

/// Three ways for a process to be: closed, left open by its `main`, kept readable for a test.
fn each(place: &Place) -> [(&'static str, Function); 3] {
    let open = place.function().env("SECURE_RUNTIME_DUMPABLE", "0").env("MAIN", "open").start().unwrap();
    [("closed", closed(place)), ("open", open), ("readable", place.function().start().unwrap())]
}

fn said(function: &mut Function) -> Vec<String> {
    function.log().iter().filter(|line| line.contains("hardening: ")).cloned().collect()
}

/// Whether another process of the same user can open it.
fn can_be_opened(path: &str) -> bool {
    let command = as_ordinary_user("sh");
    let mut probe = Command::new(&command[0]);
    probe.args(&command[1..]).args(["-c", ": < \"$0\"", path]).stderr(Stdio::null());
    probe.status().unwrap().success()
}

#[test]
fn another_process_of_the_same_user_can_read_it_only_when_it_is_told_to_be_readable() {
    // Under Yama a process's memory is open to those that have started it alone.
    let yama = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").is_ok_and(|scope| scope.trim() != "0");
    let doors = if yama { &["maps", "environ"][..] } else { &["maps", "environ", "mem"] };
    let place = Place::new();
    for (name, function) in each(&place) {
        for door in doors {
            let path = format!("/proc/{}/{door}", function.pid());
            assert_eq!(can_be_opened(&path), name != "closed", "{name}: {path}");
        }
    }
}

#[test]
fn a_crash_leaves_no_core_file() {
    let of = |limits: String| {
        limits.lines().find_map(|line| Some(line.strip_prefix("Max core file size")?.trim().to_owned()))
    };
    let most = of(fs::read_to_string("/proc/self/limits").unwrap()).unwrap();
    let most = most.split_whitespace().nth(1).unwrap().to_owned();
    assert_ne!(most, "0", "core files are forbidden here already, so this shows nothing");
    let place = Place::new();
    for (name, function) in each(&place) {
        let limits = fs::read_to_string(format!("/proc/{}/limits", function.pid())).unwrap();
        let limits = of(limits).unwrap();
        let limits: Vec<&str> = limits.split_whitespace().take(2).collect();
        let expected = if name == "open" { [most.as_str(); 2] } else { ["0"; 2] };
        assert_eq!(limits, expected, "{name}");
    }
}

#[test]
fn what_is_left_open_is_said_once() {
    let place = Place::new();
    for (name, mut function) in each(&place) {
        for _ in 0..2 {
            function.invoke(json!({"mode": "a path here", "text": "a,b"})).unwrap();
        }
        let said = said(&mut function);
        assert_eq!(said.len(), usize::from(name == "readable"), "{name}: {said:?}");
        assert!(said.iter().all(|line| line.contains("\"WARN\"") && line.contains("SECURE_RUNTIME_DUMPABLE is 1")));
    }
    let mut function = place.function().env("SECURE_RUNTIME_DUMPABLE", "true").start().unwrap();
    assert!(!can_be_opened(&format!("/proc/{}/maps", function.pid())));
    let said = said(&mut function);
    assert!(matches!(&said[..], [line] if line.contains("is neither 0 nor 1")), "{said:?}");
}

fn text_of(reply: &Reply) -> String {
    reply.json().unwrap_or_else(|_| panic!("{reply:?}"))
}

#[test]
fn temporary_files_and_tools_work_in_a_closed_process() {
    let place = Place::new();
    for (name, mut function) in [("closed", closed(&place)), ("readable", place.function().start().unwrap())] {
        for (mode, is_read) in [
            ("standard input", true),
            ("a path of standard input", true),
            ("a path here", true),
            ("inherited", true),
            ("not inherited", false),
            ("a path of the process", name == "readable"),
        ] {
            let text = Canary::random();
            let reply = function.invoke(json!({"mode": mode, "text": text.as_str()})).unwrap();
            let expected = if is_read { text.as_str() } else { "not readable" };
            assert_eq!(text_of(&reply), expected, "{name}, {mode}");
        }
        function.invoke(json!({"mode": "leaves a file", "text": name})).unwrap();
        let log = function.log().join("\n");
        assert_eq!(log.matches("an invocation has left files").count(), 1, "{log}");
        assert!(!log.contains("ERROR") && !log.contains("O_TMPFILE"), "{log}");
        fs::remove_file(place.0.join("tmp/left")).unwrap();
    }
}

/// Which only root can see.
#[test]
fn a_closed_process_is_wiped_as_any() {
    let place = Place::new();
    let mut function = closed(&place);
    for (mode, stays) in [("standard input", false), ("kept", true)] {
        let word = Canary::random();
        let reply = function.invoke(json!({"mode": mode, "text": word.as_str()})).unwrap();
        assert_eq!(text_of(&reply), word.as_str());
        match function.search_memory([&word]) {
            Ok(left) => assert_eq!(left.is_empty(), !stays, "{mode}: {left}"),
            Err(error) => assert!(!is_root(), "{error}"),
        }
    }
}
