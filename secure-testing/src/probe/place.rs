//! Where a secret was found.

use std::{fmt, ops::Range, path::PathBuf};

/// A thread of a function.
///
/// It prints itself as `main thread` or `thread 41 "tokio-rt-worker"`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Thread {
    /// Its id, as Linux has it (`gettid`).
    pub id: i32,
    /// What the program calls it: at most 15 bytes (`/proc/PID/task/ID/comm`).
    pub name: String,
    /// Whether it is the thread that `main` was called on.
    pub main: bool,
}

impl fmt::Display for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.main { f.write_str("main thread") } else { write!(f, "thread {} {:?}", self.id, self.name) }
    }
}

/// Where a secret was found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// In what a caller got.
    #[non_exhaustive]
    Reply {
        /// Which event it came of; the first is 1.
        event: usize,
        /// The header or trailer that it was in; `None`: the body.
        header: Option<String>,
        /// The first byte of the finding.
        at: usize,
    },
    /// In what the function wrote to stdout or stderr.
    #[non_exhaustive]
    Log {
        /// Which line; the first is 1. Of all lines that came between two looks, those of stdout come first.
        line: usize,
        /// What is around it in the line.
        excerpt: String,
    },
    /// In the function's temporary directory.
    #[non_exhaustive]
    File {
        /// Which file or directory, from the temporary directory on.
        path: PathBuf,
        /// The first byte of the finding; `None`: it is in the name.
        at: Option<u64>,
    },
    /// In a register of a sleeping thread.
    #[non_exhaustive]
    Register {
        /// Whose.
        thread: Thread,
        /// Which one: `rbx`, `xmm3`; the first of several.
        register: String,
    },
    /// On a thread's stack.
    #[non_exhaustive]
    Stack {
        /// Whose.
        thread: Thread,
        /// Where.
        address: u64,
        /// Where the thread's stack pointer was. What lies below is of frames that have returned, what lies above is of frames that
        /// are still there.
        pointer: u64,
    },
    /// In a static: `.data` or `.bss` of a program or a library.
    #[non_exhaustive]
    Static {
        /// Whose.
        file: PathBuf,
        /// Where.
        address: u64,
    },
    /// In the heap that `malloc` begins with.
    #[non_exhaustive]
    Heap {
        /// Where.
        address: u64,
    },
    /// In another mapping: large blocks, other threads' heaps, shared memory.
    #[non_exhaustive]
    Mapping {
        /// `anonymous`, or what the system calls it.
        name: String,
        /// Where.
        address: u64,
        /// Where the mapping is.
        mapping: Range<u64>,
    },
}
