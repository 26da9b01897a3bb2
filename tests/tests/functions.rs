//! Functions under `#[secure_fn]`, outside of Lambda: what they leave on the stack and in registers when they have returned, however
//! they did.
//!
//! The work is what stack wiping is asked for: a key schedule, a password's hash, a signature.

#![cfg(target_os = "linux")]

mod registers;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use secure_testing::{
    Canary,
    memory::{Memory, Search},
};
use secure_tests::key_work::{KINDS, secrets};

/// The least that counts as a piece of a secret. Round keys have bytes enough that 8 of them come by no chance.
const FRAGMENT: usize = 8;

struct Program {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Program {
    fn start(thread: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_functions"));
        let mut child = command.arg(thread).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, input, output }
    }

    /// What of its secrets is left when it is done, in memory and in registers.
    fn left(&mut self, mode: &str, kind: &str) -> (usize, usize) {
        let seed = Canary::random();
        let seed = seed.as_str();
        self.input.write_all(format!("{mode},{kind},{seed}\n").as_bytes()).unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert_eq!(line, "done\n", "{mode}, {kind}");
        let search = Search::with_min_fragment(secrets(kind, seed.as_bytes()), FRAGMENT).unwrap();
        let memory = Memory::of(self.child.id()).unwrap().search(&search).unwrap();
        let registers = registers::of(self.child.id());
        let registers: usize = registers.iter().map(|(_, bytes)| search.bytes(bytes).len()).sum();
        (memory.len(), registers)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const PLAIN: [&str; 3] = ["plain", "plain panic", "plain async"];
const SECURED: [&str; 8] = ["return", "far down", "panic", "nested", "generic", "method", "async", "cancelled"];

#[test]
fn a_secured_function_leaves_nothing_however_it_ends() {
    for thread in ["first", "thread"] {
        for kind in KINDS {
            for mode in SECURED {
                let left = Program::start(thread).left(mode, kind);
                assert_eq!(left, (0, 0), "{thread}, {kind}, {mode}: in memory, in registers");
            }
        }
    }
}

#[test]
fn a_plain_function_leaves_what_it_worked_with() {
    for thread in ["first", "thread"] {
        for kind in KINDS {
            for mode in PLAIN {
                let (memory, _) = Program::start(thread).left(mode, kind);
                assert!(memory > 0, "{thread}, {kind}, {mode}: nothing is found, so the other test shows nothing");
            }
        }
    }
}

#[test]
fn what_a_plain_function_left_is_gone_when_a_secured_one_has_returned() {
    let mut program = Program::start("first");
    for kind in KINDS {
        program.left("plain", kind);
        assert_eq!(program.left("nested", kind), (0, 0), "{kind}");
    }
}
