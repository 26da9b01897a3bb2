//! Why a process may not be looked at.

use std::{fs, io};

use crate::Error;

/// `CAP_SYS_PTRACE` of Linux's `capability.h`.
const SYS_PTRACE: u32 = 19;

pub(super) fn refused(pid: u32, doing: &'static str, source: io::Error) -> Error {
    let why = if is_about_permission(&source) { Facts::of(pid).advice() } else { String::new() };
    Error::Look { pid, doing, source, why }
}

fn is_about_permission(error: &io::Error) -> bool {
    // ENOSYS: what a sandbox says that doesn't have it.
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported)
}

/// What decides whether this process may trace another: ptrace(2), "Ptrace access mode checking".
#[derive(Debug, Default)]
struct Facts {
    /// `/proc/sys/kernel/yama/ptrace_scope`; without Yama there is none.
    yama: Option<u32>,
    /// Of both processes.
    users: [Option<u32>; 2],
    /// Whom the kernel takes for the owner of the process's memory: root, when it isn't dumpable.
    owner: Option<u32>,
    /// Whether a filter of system calls is in force in this process.
    filtered: bool,
    /// Whether this process has `CAP_SYS_PTRACE`.
    capable: bool,
}

impl Facts {
    fn of(pid: u32) -> Self {
        let [ours, its] = ["self".to_owned(), pid.to_string()]
            .map(|process| fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default());
        let yama = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope");
        let capabilities = field(&ours, "CapEff").and_then(|hex| u64::from_str_radix(hex, 16).ok());
        Self {
            yama: yama.ok().and_then(|text| text.trim().parse().ok()),
            users: [&ours, &its].map(|status| field(status, "Uid").and_then(|ids| ids.parse().ok())),
            owner: owner(pid),
            filtered: field(&ours, "Seccomp").is_some_and(|mode| mode != "0"),
            capable: capabilities.is_some_and(|set| set & (1 << SYS_PTRACE) != 0),
        }
    }

    /// What stands in the way, and what to do: a line each.
    fn advice(&self) -> String {
        let mut lines = Vec::new();
        let [ours, its] = self.users;
        if !self.capable && ours.is_some() && its.is_some() && ours != its {
            lines.push(
                "the function runs as another user: run the test as that user, or with CAP_SYS_PTRACE".to_owned(),
            );
        } else if !self.capable && its.is_some() && self.owner.is_some() && self.owner != its {
            let dumpable = "the function isn't dumpable: it was started without SECURE_RUNTIME_DUMPABLE=1, its binary may \
                            not be read, or it has called prctl(PR_SET_DUMPABLE, 0)";
            lines.push(dumpable.to_owned());
        }
        let yama = "/proc/sys/kernel/yama/ptrace_scope";
        match self.yama {
            Some(3) => lines.push(format!("{yama} is 3: nobody may trace anything until the system has been started again")),
            Some(2) if !self.capable => lines.push(format!(
                "{yama} is 2: CAP_SYS_PTRACE is needed; or set it to 1, which is enough, because the function is a child of the test"
            )),
            Some(scope) => lines.push(format!("{yama} is {scope}, which is not in the way")),
            None => {}
        }
        if self.filtered {
            let filter = "a seccomp filter is in force, as in a container: it has to allow `ptrace` (docker run \
                          --cap-add=SYS_PTRACE, or a profile of your own)";
            lines.push(filter.to_owned());
        }
        if lines.iter().all(|line| line.ends_with("not in the way")) {
            lines.push("nothing else can be seen from here; a sandbox or a security module may forbid it".to_owned());
        }
        lines.iter().flat_map(|line| ["\n  - ", line]).collect()
    }
}

/// A field of `/proc/PID/status`, up to its first blank.
fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()
}

#[cfg(unix)]
fn owner(pid: u32) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    // The directory itself belongs to the process's user in any case.
    fs::metadata(format!("/proc/{pid}/mem")).ok().map(|of| of.uid())
}

#[cfg(not(unix))]
fn owner(_: u32) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordinary() -> Facts {
        Facts { yama: Some(1), users: [Some(1000); 2], owner: Some(1000), filtered: false, capable: false }
    }

    #[test]
    fn what_stands_in_the_way_is_named() {
        let says = |facts: Facts, text: &str| {
            let advice = facts.advice();
            assert!(advice.contains(text) && !advice.contains("nothing else"), "{advice}");
        };
        says(Facts { yama: Some(2), ..ordinary() }, "ptrace_scope is 2: CAP_SYS_PTRACE is needed; or set it to 1");
        says(Facts { yama: Some(3), capable: true, ..ordinary() }, "ptrace_scope is 3: nobody");
        says(Facts { owner: Some(0), ..ordinary() }, "isn't dumpable");
        says(Facts { users: [Some(1000), Some(0)], owner: Some(0), ..ordinary() }, "another user");
        says(Facts { filtered: true, ..ordinary() }, "--cap-add=SYS_PTRACE");
    }

    #[test]
    fn what_does_not_is_not() {
        let facts = Facts { yama: Some(2), owner: Some(0), capable: true, ..ordinary() };
        let else_ = "\n  - nothing else can be seen from here; a sandbox or a security module may forbid it";
        let yama = |scope| format!("\n  - /proc/sys/kernel/yama/ptrace_scope is {scope}, which is not in the way");
        assert_eq!(facts.advice(), yama(2) + else_);
        assert_eq!(ordinary().advice(), yama(1) + else_);
        assert_eq!(Facts { yama: None, ..ordinary() }.advice(), else_);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_facts_about_oneself() {
        let facts = Facts::of(std::process::id());
        assert!(facts.users[0].is_some() && facts.users[0] == facts.users[1], "{facts:?}");
        assert_eq!(facts.owner, facts.users[0], "{facts:?}");
    }

    #[test]
    fn an_error_that_is_not_about_permission_has_no_advice() {
        let gone = refused(1, "list the threads", io::ErrorKind::NotFound.into());
        assert!(!gone.to_string().contains('\n'), "{gone}");
        let denied = refused(std::process::id(), "stop a thread", io::ErrorKind::PermissionDenied.into());
        assert!(denied.to_string().contains("\n  - "), "{denied}");
    }
}
