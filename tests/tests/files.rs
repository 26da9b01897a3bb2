//! Temporary files: what lies on the disk while they are open, and what is left of them afterwards.

#![cfg(target_os = "linux")]

use std::{
    env,
    fs::{self, File},
    io::Read as _,
    os::unix::fs::{FileExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use secure_testing::{Builder, Canary, Function, Reply, memory::Search};
use serde_json::json;

const SUBJECT: &str = env!("CARGO_BIN_EXE_files_subject");

/// Where a handler and a test tell each other how far they are.
struct Control(PathBuf);

impl Control {
    fn new() -> Self {
        let path = env::temp_dir().join(format!("files-{}", Canary::random()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// Waits until the handler has something to be looked at.
    fn wait(&self) {
        let start = Instant::now();
        while !self.0.join("ready").exists() {
            assert!(start.elapsed() < Duration::from_secs(60), "the handler gets nowhere");
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn go(&self) {
        fs::write(self.0.join("go"), "").unwrap();
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn subject(control: &Control) -> Builder {
    Function::builder(SUBJECT).env("CONTROL", &control.0).timeout(Duration::from_secs(60))
}

fn event(mode: &str, times: usize, text: &Canary) -> serde_json::Value {
    json!({"mode": mode, "times": times, "text": text.as_str()})
}

/// The temporary files that a process has open: no name, but in this directory.
fn open_files(pid: u32, directory: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(format!("/proc/{pid}/fd")).unwrap().map(|entry| entry.unwrap().path());
    all.filter(|fd| fs::read_link(fd).is_ok_and(|target| target.starts_with(directory))).collect()
}

fn bytes(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    File::open(path).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// Invokes the function, looks at it while its file is open, and lets it go on.
fn look(function: &mut Function, control: &Control, event: serde_json::Value, look: impl FnOnce(&[PathBuf])) -> Reply {
    let (pid, directory) = (function.pid(), function.tmp().to_owned());
    thread::scope(|scope| {
        let reply = scope.spawn(|| function.invoke(event).unwrap());
        control.wait();
        look(&open_files(pid, &directory));
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 0, "nothing has a name");
        control.go();
        reply.join().unwrap()
    })
}

#[test]
fn what_lies_on_the_disk_is_not_the_text_and_nothing_stays() {
    for (mode, is_sealed) in [("sealed", true), ("async", true), ("plain", false)] {
        for times in [1, 10_000] {
            let (control, word) = (Control::new(), Canary::random());
            let mut function = subject(&control).start().unwrap();
            let search = Search::new([&word]).unwrap();
            let reply = look(&mut function, &control, event(mode, times, &word), |files| {
                let [file] = files else { panic!("{files:?}") };
                assert!(bytes(file).len() >= times * word.as_str().len(), "the text is on the disk");
                assert_eq!(search.bytes(&bytes(file)).is_empty(), is_sealed, "{mode}");
                if is_sealed {
                    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o7777, 0o600);
                    let flags = fs::read_to_string(file.to_str().unwrap().replace("/fd/", "/fdinfo/")).unwrap();
                    let flags = flags.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim();
                    let flags = i32::from_str_radix(flags, 8).unwrap();
                    let expected = libc::O_TMPFILE | libc::O_CLOEXEC | libc::O_RDWR;
                    assert_eq!(flags & expected, expected);
                }
            });
            assert_eq!(reply.json::<String>().unwrap(), "as it was", "{mode}");
            let left = function.search_memory([&word]).unwrap();
            assert!(left.is_empty(), "{mode}, {times} times: {left}");
            assert!(open_files(function.pid(), function.tmp()).is_empty());
        }
    }
}

#[test]
fn whoever_tampers_with_a_file_is_noticed() {
    type Tamper<'t> = &'t dyn Fn(&File);
    let tampering: [(&str, Tamper<'_>); 4] = [
        ("a bit", &|file| {
            let mut byte = [0];
            file.read_exact_at(&mut byte, 70_000).unwrap();
            file.write_all_at(&[byte[0] ^ 1], 70_000).unwrap();
        }),
        ("cut", &|file| file.set_len(65_560).unwrap()),
        ("emptied", &|file| file.set_len(0).unwrap()),
        ("overwritten", &|file| file.write_all_at(&[0; 100], 0).unwrap()),
    ];
    for (name, tamper) in tampering {
        let (control, word) = (Control::new(), Canary::random());
        let mut function = subject(&control).start().unwrap();
        let reply = look(&mut function, &control, event("tampered", 10_000, &word), |files| {
            tamper(&File::options().read(true).write(true).open(&files[0]).unwrap());
        });
        assert_eq!(reply.json::<String>().unwrap(), "the sealed file is not what was written", "{name}");
    }
}

#[test]
fn a_file_that_is_kept_loses_its_key_with_its_invocation() {
    let (control, word) = (Control::new(), Canary::random());
    let mut function = subject(&control).start().unwrap();
    assert_eq!(function.invoke(event("keeps", 5000, &word)).unwrap().json::<String>().unwrap(), "kept");
    let left = function.search_memory([&word]).unwrap();
    assert!(left.is_empty(), "{left}");
    let reply = function.invoke(event("reads what was kept", 1, &Canary::random())).unwrap();
    assert_eq!(reply.json::<String>().unwrap(), "the invocation of the sealed file has ended");
}

/// The limit of a file's size stands in for a full disk: it is an error of the same call, which an ordinary user can have.
#[test]
fn where_nothing_fits_any_more_what_was_written_before_can_be_read() {
    let control = Control::new();
    let limited = format!("trap '' XFSZ; ulimit -f 1000; exec {SUBJECT}");
    let mut function = Function::builder("/bin/sh")
        .arg("-c")
        .arg(limited)
        .env("CONTROL", &control.0)
        .timeout(Duration::from_secs(60))
        .start()
        .unwrap();
    for times in [100, 3000] {
        let reply = function.invoke(event("fills", times, &Canary::random())).unwrap();
        let expected = "FileTooLarge after some pieces: true, as it was";
        assert_eq!(reply.json::<String>().unwrap(), expected, "{}", function.log().join("\n"));
    }
}

#[test]
fn what_an_invocation_leaves_is_reported_wiped_or_ignored() {
    for (policy, said, stays) in [("report", 1, 2), ("wipe", 1, 0), ("ignore", 0, 2)] {
        let (control, word) = (Control::new(), Canary::random());
        let mut function = subject(&control).env("POLICY", policy).start().unwrap();
        assert_eq!(function.invoke(event("leaves", 1, &word)).unwrap().json::<String>().unwrap(), "left");
        assert_eq!(fs::read_dir(function.tmp()).unwrap().count(), stays, "{policy}");
        assert_eq!(function.invoke(event("ping", 1, &word)).unwrap().json::<String>().unwrap(), "pong");
        let log = function.log().join("\n");
        assert_eq!(log.matches("an invocation has left files").count(), said, "{policy}: {log}");
        assert!(!log.contains(word.as_str()), "{log}");
        assert_eq!(log.contains("left-[redacted secret, 32 bytes]"), policy == "report", "{log}");
    }
}

#[test]
fn no_invocation_loses_a_file_to_its_neighbour() {
    let (control, word) = (Control::new(), Canary::random());
    let mut function = subject(&control).env("POLICY", "wipe").env("RUN", "concurrent").concurrency(2).start().unwrap();
    let directory = function.tmp().to_owned();
    let replies = thread::scope(|scope| {
        let replies = scope.spawn(|| {
            function.invoke_all([event("uses its own", 1, &word), event("leaves", 1, &Canary::random())]).unwrap()
        });
        control.wait();
        let start = Instant::now();
        while fs::read_dir(&directory).unwrap().count() < 3 {
            assert!(start.elapsed() < Duration::from_secs(60), "the neighbour leaves nothing");
            thread::sleep(Duration::from_millis(2));
        }
        // Time enough for the neighbour to end: whether it has or not, nothing may be gone.
        thread::sleep(Duration::from_millis(50));
        control.go();
        replies.join().unwrap()
    });
    let answers: Vec<String> = replies.iter().map(|reply| reply.json().unwrap()).collect();
    assert_eq!(answers, ["as it was", "left"]);
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 0, "what was left is wiped when nobody runs");
}

#[test]
fn what_is_killed_leaves_nothing_that_has_a_name() {
    let control = Control::new();
    let mut function = subject(&control).start().unwrap();
    for run in 0..200 {
        assert_eq!(function.invoke(event("ping", 1, &Canary::random())).unwrap().json::<String>().unwrap(), "pong");
        let (pid, directory) = (function.pid(), function.tmp().to_owned());
        thread::scope(|scope| {
            scope.spawn(|| function.invoke(event("for ever", 1 + run * 30, &Canary::random())).unwrap());
            // At another point each time.
            thread::sleep(Duration::from_micros(3000 + 37 * run as u64));
            let killed = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status();
            assert!(killed.unwrap().success());
        });
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 0);
    }
    assert_eq!(function.invoke(event("ping", 1, &Canary::random())).unwrap().json::<String>().unwrap(), "pong");
    assert_eq!(function.restarts(), 200);
}
