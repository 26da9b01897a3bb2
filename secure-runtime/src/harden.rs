//! What the kernel shows of the process: to others of its user while it runs, and to a file when it crashes.

use std::{
    env,
    ffi::OsStr,
    io,
    sync::{
        Once, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// The variable that keeps the process dumpable, for a test that reads its memory.
const DUMPABLE: &str = "SECURE_RUNTIME_DUMPABLE";

/// What there is to say. `None`: nobody has asked for hardening.
static REMARKS: OnceLock<Vec<String>> = OnceLock::new();

/// Whether the loop has started, so that the program has set up its log.
static STARTED: AtomicBool = AtomicBool::new(false);

/// Closes the process to others of its user: its memory can't be read by them, and goes into no core file.
///
/// `#[secure_runtime::main]` calls it first of all, unless it says `harden = false`. A program with another `main`, such as
/// `#[tokio::main]`, calls it itself, before it holds anything secret. Calling it again does nothing.
///
/// On Linux the process is made not dumpable (`PR_SET_DUMPABLE`), and its limit for core files is 0, soft and hard. So
/// another process of the same user (an extension, a tool that the function has started) can't open `/proc/PID/mem`, `maps`
/// or `fd`, nor attach a debugger. Root can, and whoever has `CAP_SYS_PTRACE`. The process itself finds that files of
/// `/proc/self` with mode 0400, such as `environ`, belong to root now; `maps`, `status` and `fd` it can read as before.
/// A program that it starts is dumpable again, as every program is after `exec`, and inherits the limit.
///
/// `SECURE_RUNTIME_DUMPABLE=1` in the environment keeps the process dumpable, so that an ordinary user's test can read its
/// memory: [`run`](crate::run) then warns of it. Any other value does not; one that is neither `0` nor empty is warned of as well.
///
/// What the kernel refuses is no reason not to start: `run` says it in one line of the log, at its first start, with what it
/// means. On other systems than Linux nothing is done, and the same line says so.
///
/// ```
/// secure_runtime::harden(); // the first line of `main`
/// # #[cfg(target_os = "linux")]
/// assert!(std::fs::read_to_string("/proc/self/limits").unwrap().lines().any(|line| {
///     line.split_whitespace().eq(["Max", "core", "file", "size", "0", "0", "bytes"])
/// }));
/// ```
///
/// Source: `PR_SET_DUMPABLE(2const)`, `ptrace(2)` ("Ptrace access mode checking"), `core(5)`.
pub fn harden() {
    REMARKS.get_or_init(|| remarks(env::var_os(DUMPABLE).as_deref(), &kernel::close));
    if STARTED.load(Ordering::SeqCst) {
        say();
    }
}

/// The loop starts, and what was left undone can be logged.
pub(crate) fn started() {
    STARTED.store(true, Ordering::SeqCst);
    say();
}

fn say() {
    static ONCE: Once = Once::new();
    if let Some(remarks) = REMARKS.get().filter(|remarks| !remarks.is_empty()) {
        ONCE.call_once(|| tracing::warn!("hardening: {}", remarks.join("; ")));
    }
}

/// What there is to close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Memory,
    CoreFile,
}

impl Door {
    /// What it means that it is open.
    fn when_open(self) -> &'static str {
        match self {
            Self::Memory => "other processes of this user can read its memory",
            Self::CoreFile => "a crash may write its memory to a core file",
        }
    }
}

/// Closes what is to be closed, and says what stays open.
fn remarks(dumpable: Option<&OsStr>, close: &dyn Fn(Door) -> io::Result<()>) -> Vec<String> {
    let mut remarks = Vec::new();
    let keeps = dumpable.is_some_and(|value| value == "1");
    if keeps {
        remarks.push(format!("{DUMPABLE} is 1, so {}", Door::Memory.when_open()));
    } else if dumpable.is_some_and(|value| !value.is_empty() && value != "0") {
        remarks.push(format!("{DUMPABLE} is neither 0 nor 1, and means nothing"));
    }
    for (door, what) in [(Door::Memory, "is dumpable"), (Door::CoreFile, "has no limit for core files")] {
        if door == Door::Memory && keeps {
            continue;
        }
        if let Err(error) = close(door) {
            remarks.push(format!("the process {what} ({error}), so {}", door.when_open()));
        }
    }
    remarks
}

#[cfg(target_os = "linux")]
mod kernel {
    use std::io;

    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

    use super::Door;

    pub(super) fn close(door: Door) -> io::Result<()> {
        match door {
            Door::Memory => set_dumpable_behavior(DumpableBehavior::NotDumpable)?,
            Door::CoreFile => setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?,
        }
        Ok(())
    }
}

#[cfg(not(target_os = "linux"))]
mod kernel {
    use std::io;

    use super::Door;

    pub(super) fn close(_: Door) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "only Linux can be asked for that"))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// What a kernel that refuses some is asked to close, and what is said of it.
    fn with(dumpable: Option<&str>, refused: &[Door]) -> (Vec<Door>, Vec<String>) {
        let asked = RefCell::new(Vec::new());
        let said = remarks(dumpable.map(OsStr::new), &|door| {
            asked.borrow_mut().push(door);
            if refused.contains(&door) { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
        });
        (asked.into_inner(), said)
    }

    const BOTH: [Door; 2] = [Door::Memory, Door::CoreFile];

    #[test]
    fn what_can_be_closed_is_not_spoken_of() {
        for unset in [None, Some("0"), Some("")] {
            assert_eq!(with(unset, &[]), (BOTH.to_vec(), vec![]), "{unset:?}");
        }
    }

    #[test]
    fn what_is_refused_is_said_with_what_it_means_and_keeps_nothing_else_open() {
        for (refused, other) in [(Door::Memory, Door::CoreFile), (Door::CoreFile, Door::Memory)] {
            let (asked, said) = with(None, &[refused]);
            assert_eq!(asked, BOTH);
            let [said] = &said[..] else { panic!("{said:?}") };
            assert!(said.contains(&io::Error::from(io::ErrorKind::PermissionDenied).to_string()), "{said}");
            assert!(said.ends_with(refused.when_open()) && !said.contains(other.when_open()), "{said}");
        }
        assert_eq!(with(None, &BOTH).1.len(), 2);
    }

    #[test]
    fn the_variable_keeps_the_memory_open_when_it_is_1_and_nothing_else_does() {
        let (asked, said) = with(Some("1"), &[]);
        assert_eq!(asked, [Door::CoreFile]);
        let [said] = &said[..] else { panic!("{said:?}") };
        assert!(said.starts_with("SECURE_RUNTIME_DUMPABLE is 1"), "{said}");
        for other in ["true", "yes", "2", " 1"] {
            let (asked, said) = with(Some(other), &[]);
            assert_eq!((asked, said.len()), (BOTH.to_vec(), 1), "{other}: {said:?}");
        }
    }
}
