//! Everything that can go wrong in a test's own machinery.

use std::{io, path::PathBuf, process::ExitStatus};

/// Why a function couldn't be started, asked or looked into.
///
/// What the function itself does wrong in an invocation is no `Error`: it is the [`Outcome`](crate::Outcome) of a
/// [`Reply`](crate::Reply).
///
/// ```
/// use secure_testing::{Error, Function};
///
/// let error = Function::builder("/no/such/binary").start().unwrap_err();
/// assert!(matches!(error, Error::Start { .. }));
/// assert!(error.to_string().starts_with("can't start /no/such/binary"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The binary couldn't be run at all.
    #[error("can't start {}: {source} (is it built, and is this the path?)", path.display())]
    #[non_exhaustive]
    Start {
        /// The binary that was to be run.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// The process ended, reported an initialisation error, or let 30 seconds pass before it asked for an event.
    #[error("the function {}{}{}", how_it_ended(*status), labelled("init error", init_error), labelled("log", &log.join("\n")))]
    #[non_exhaustive]
    Init {
        /// How the process ended; `None` when it was killed because it didn't.
        status: Option<ExitStatus>,
        /// What it posted to `/runtime/init/error`; empty when it didn't.
        init_error: String,
        /// The lines it wrote since it was started.
        log: Vec<String>,
    },

    /// The Runtime API's server, the log's files or the process can't be handled.
    #[error("can't {doing}: {source}")]
    #[non_exhaustive]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the operating system said.
        source: io::Error,
    },

    /// A reply's body isn't the JSON that was asked for.
    #[error("the reply isn't the expected JSON: {source}; it is: {text}")]
    #[non_exhaustive]
    Json {
        /// What serde said.
        source: serde_json::Error,
        /// The reply's body.
        text: String,
    },

    /// A canary can't be told from chance.
    #[error("canary {index} {why}")]
    #[non_exhaustive]
    Canary {
        /// Its place among the canaries.
        index: usize,
        /// What is wrong with it.
        why: String,
    },

    /// A process's memory can't be read.
    #[error(
        "can't read the memory of process {pid}: {source} (it must be alive, dumpable and run as the same user; with \
         /proc/sys/kernel/yama/ptrace_scope at 1 it must also be a descendant of this process, and from 2 on \
         CAP_SYS_PTRACE is needed)"
    )]
    #[non_exhaustive]
    Memory {
        /// The process.
        pid: u32,
        /// What the operating system said.
        source: io::Error,
    },

    /// A probe's event can't be sent.
    #[error("event {event} {why}")]
    #[non_exhaustive]
    Event {
        /// Which one of the probe's events; the first is 1.
        event: usize,
        /// What is wrong with it.
        why: String,
    },

    /// The system doesn't let a process be looked at.
    #[error("can't {doing} of process {pid}: {source}{why}")]
    #[non_exhaustive]
    Look {
        /// The process.
        pid: u32,
        /// What was being done.
        doing: &'static str,
        /// What the operating system said.
        source: io::Error,
        /// What stands in the way, as far as can be seen, and what to do: a line each; empty when it isn't about permissions.
        why: String,
    },

    /// A probe doesn't find what it has put there itself.
    #[error("the probe can't see {what}; a clean report would prove nothing")]
    #[non_exhaustive]
    Blind {
        /// What it can't see.
        what: String,
    },

    /// Memory can be read on Linux only, and registers not on all of it.
    #[error(
        "another process can't be looked into here: its memory can be read on Linux, its registers there on x86-64 with glibc and on aarch64"
    )]
    Unsupported,
}

impl Error {
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}

fn how_it_ended(status: Option<ExitStatus>) -> String {
    match status {
        Some(status) => format!("ended before it took an event: {status}"),
        None => "never asked for an event and was killed".to_owned(),
    }
}

fn labelled(label: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("\n{label}:\n{text}") }
}
