//! Nothing of an event is left in the process once it has been answered: not in the heap, not on a stack, not in a register,
//! not in a buffer, however the invocation ended.
//!
//! Every mode of the function `residue` is run in sizes from 200 bytes to 5 MB, one after another in one process, and after
//! each the memory of the idle process is searched for that event and all before it. `RESIDUE=full` runs all of it, which
//! takes a minute or more, `RESIDUE=most` all but the 5 MB; a sample runs otherwise. `docs/residue.md` says what was found.

#![cfg(target_os = "linux")]

mod registers;

use std::{collections::BTreeSet, env, fmt::Write as _, time::Duration};

use secure_testing::{
    Canary, Function, Outcome,
    memory::{Finding, Memory, Search},
};
use serde_json::json;

/// What `tests/src/residue.rs` and `tests/src/bin/residue.rs` do, and four kinds of payloads.
const MODES: [&str; 33] = [
    "answer",
    "stream",
    "error",
    "panic",
    "panic_after_await",
    "cancelled",
    "timeout",
    "select",
    "blocking",
    "expose_blocking",
    "crowd",
    "spawned",
    "aborted",
    "channels",
    "joined",
    "deep",
    "deep_panic",
    "held",
    "secret",
    "grown",
    "maps",
    "format",
    "json",
    "base64",
    "sha2",
    "argon2",
    "to_uppercase",
    "sort",
    "log",
    ESCAPED,
    WRONG_SHAPE,
    CUT_OFF,
    NO_SUCH_MODE,
];
/// The handler never ends: a mode for functions that are told a deadline.
const DEADLINE: &str = "deadline";
/// The payload's text is full of escapes, so that it can't be borrowed from it.
const ESCAPED: &str = "escaped";
/// The text is where none is expected.
const WRONG_SHAPE: &str = "wrong shape";
/// The payload ends in the middle of the text.
const CUT_OFF: &str = "cut off";
/// The mode is a text that nobody knows.
const NO_SUCH_MODE: &str = "no such mode";

const FAILING: [&str; 8] =
    ["error", "panic", "panic_after_await", "deep_panic", DEADLINE, WRONG_SHAPE, CUT_OFF, NO_SUCH_MODE];

const SIZES: [usize; 4] = [200, 1 << 10, 100 << 10, 5 << 20];

/// The least that counts as a piece of a canary: of memory, and of registers, which hold less at a time.
const FRAGMENT: usize = 12;
const FRAGMENT_OF_REGISTERS: usize = 8;

struct Invocation {
    mode: &'static str,
    size: usize,
    canary: Canary,
}

impl Invocation {
    /// The whole matrix; all of it but the largest size; or every mode once, in turning sizes, and two of the largest.
    fn all() -> Vec<Self> {
        let how = env::var("RESIDUE").unwrap_or_default();
        let is_in = |mode: &str, column: usize, row: usize| match how.as_str() {
            "full" => true,
            "most" => row < 3,
            _ => row == column % 3 || (row == 3 && ["panic", "json"].contains(&mode)),
        };
        let mut all = Vec::new();
        for (row, size) in SIZES.into_iter().enumerate() {
            let modes = MODES.into_iter().enumerate().filter(|(column, mode)| is_in(mode, *column, row));
            all.extend(modes.map(|(_, mode)| Self { mode, size, canary: Canary::random() }));
        }
        all
    }

    /// The canary, again and again, with something between.
    fn text(&self) -> String {
        let gap = if self.mode == ESCAPED { "\n\u{e9}\"" } else { " " };
        let line = format!("{}{gap}", self.canary);
        line.repeat(self.size.div_ceil(line.len()))
    }

    fn payload(&self) -> String {
        let text = self.text();
        match self.mode {
            ESCAPED => json!({"mode": "grown", "text": text}).to_string(),
            WRONG_SHAPE => json!({"mode": "answer", "text": {"deeper": [text]}}).to_string(),
            CUT_OFF => json!({"mode": "answer", "text": text}).to_string()[..self.size].to_owned(),
            NO_SUCH_MODE => json!({"mode": text, "text": text}).to_string(),
            mode => json!({"mode": mode, "text": text}).to_string(),
        }
    }
}

/// What is searched for: each invocation's canary, and the same in capitals, which is what one mode makes of it.
fn needles(invocations: &[Invocation]) -> Vec<String> {
    let text = |invocation: &Invocation| invocation.canary.as_str().to_owned();
    invocations.iter().flat_map(|invocation| [text(invocation), text(invocation).to_uppercase()]).collect()
}

/// Which invocations have left something.
#[derive(Default)]
struct Dirt {
    memory: BTreeSet<usize>,
    registers: BTreeSet<usize>,
    report: String,
}

struct Matrix {
    invocations: Vec<Invocation>,
    memory: Search,
    registers: Search,
    dirt: Dirt,
}

impl Matrix {
    fn new(invocations: Vec<Invocation>) -> Self {
        let needles = needles(&invocations);
        let memory = Search::with_min_fragment(&needles, FRAGMENT).unwrap();
        let registers = Search::with_min_fragment(&needles, FRAGMENT_OF_REGISTERS).unwrap();
        Self { invocations, memory, registers, dirt: Dirt::default() }
    }

    /// Invokes the function, `together` events at a time, and looks at the process after each time.
    fn run(mut self, function: &mut Function, together: usize) -> Dirt {
        let events: Vec<usize> = (0..self.invocations.len()).collect();
        for some in events.chunks(together) {
            let payloads = some.iter().map(|&at| self.invocations[at].payload());
            let replies = function.invoke_all(payloads).unwrap();
            for (&at, reply) in some.iter().zip(&replies) {
                let Invocation { mode, size, .. } = self.invocations[at];
                let expected = if FAILING.contains(&mode) { Outcome::Error } else { Outcome::Answer };
                assert_eq!(reply.outcome(), expected, "{mode} of {size} bytes: {:.400}", reply.text());
            }
            self.look(function.pid(), &function.memory().unwrap());
        }
        assert_eq!(function.restarts(), 0, "all invocations ran in one process");
        self.dirt
    }

    fn look(&mut self, pid: u32, memory: &Memory) {
        let found = memory.search(&self.memory).unwrap();
        for finding in &found {
            let new = self.dirt.memory.insert(finding.canary / 2);
            if new {
                self.say(finding, "");
            }
        }
        for (thread, registers) in registers::of(pid) {
            for finding in &self.registers.bytes(&registers) {
                if self.dirt.registers.insert(finding.canary / 2) {
                    self.say(finding, &format!("registers of thread {thread}"));
                }
            }
        }
    }

    fn say(&mut self, finding: &Finding, place: &str) {
        let Invocation { mode, size, .. } = &self.invocations[finding.canary / 2];
        writeln!(self.dirt.report, "{mode} of {size} bytes: {finding} {place}").unwrap();
    }
}

/// The function under test; `tests/ablations.sh` puts another build of it in its place.
fn function(run: &str) -> secure_testing::Builder {
    let path = env::var("RESIDUE_FUNCTION").unwrap_or(env!("CARGO_BIN_EXE_residue").to_owned());
    Function::builder(path).env("RUN", run).timeout(Duration::from_secs(120))
}

fn assert_clean(name: &str, function: Function, together: usize) {
    assert_clean_after(Invocation::all(), name, function, together);
}

fn assert_clean_after(invocations: Vec<Invocation>, name: &str, mut function: Function, together: usize) {
    let all = invocations.len();
    let dirt = Matrix::new(invocations).run(&mut function, together);
    // Read by `tests/ablations.sh`.
    println!("residue: {name}: {} {} {all}", dirt.memory.len(), dirt.registers.len());
    assert!(
        dirt.memory.is_empty() && dirt.registers.is_empty(),
        "of {all} invocations, {} left something in memory and {} in registers:\n{}",
        dirt.memory.len(),
        dirt.registers.len(),
        dirt.report
    );
}

#[test]
fn nothing_is_left_by_one_thread() {
    assert_clean("one thread", function("one thread").start().unwrap(), 1);
}

#[test]
fn nothing_is_left_by_two_workers() {
    assert_clean("workers", function("workers").start().unwrap(), 1);
}

#[test]
fn nothing_is_left_by_concurrent_invocations() {
    assert_clean("concurrent", function("concurrent").concurrency(8).start().unwrap(), 8);
}

/// A handler that waits for ever, until shortly before its deadline.
#[test]
fn nothing_is_left_by_a_handler_that_is_dropped_at_its_deadline() {
    for (run, together) in [("one thread", 1), ("workers", 1), ("concurrent", 3)] {
        let mut function = function(run).deadline(Duration::from_secs(1));
        if together > 1 {
            function = function.concurrency(together);
        }
        let sizes = [200, 100 << 10, 5 << 20].into_iter();
        let invocations = sizes.flat_map(|size| one(DEADLINE, size)).collect();
        assert_clean_after(invocations, &format!("deadline, {run}"), function.start().unwrap(), together);
    }
}

fn one(mode: &'static str, size: usize) -> Vec<Invocation> {
    vec![Invocation { mode, size, canary: Canary::random() }]
}

/// Positive control: the same code on bare lambda_runtime.
#[test]
fn without_protection_every_invocation_leaves_something() {
    let mut function =
        Function::builder(env!("CARGO_BIN_EXE_residue_plain")).timeout(Duration::from_secs(60)).start().unwrap();
    let modes = ["answer", "cancelled", "blocking", "spawned", "deep", "held", "grown", "json", "sha2", "sort"];
    let invocations: Vec<_> = modes.into_iter().flat_map(|mode| one(mode, 1 << 10)).collect();
    let dirt = Matrix::new(invocations).run(&mut function, 1);
    assert_eq!(dirt.memory.len(), modes.len(), "{}", dirt.report);
}

/// Positive control: what a handler keeps on purpose is found, and so is what `docs/residue.md` says can't be helped.
#[test]
fn what_is_known_to_stay_is_found() {
    for run in ["one thread", "workers"] {
        for mode in ["keeps", "println", "tokio's pool"] {
            let dirt = Matrix::new(one(mode, 200)).run(&mut function(run).start().unwrap(), 1);
            assert_eq!(dirt.memory.len(), 1, "{mode}: {}", dirt.report);
        }
    }
}
