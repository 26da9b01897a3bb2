//! What a function computes on its way is gone when it has returned, under `#[secure_fn]`, also outside of Lambda: read from the
//! memory and the registers of a process.

#![cfg(target_os = "linux")]

mod registers;

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use secure_testing::memory::{Memory, Search};
use secure_tests::derived::Computation;

/// Every way to be called, with what is known of a generic one's salt.
const FORMS: [&str; 7] = ["returns", "panics", "nests", "generic", "method", "waits", "cancelled"];
const SALT: u64 = 3;

struct Program(Child);

impl Program {
    /// Computes, and sleeps.
    fn after(what: Computation, form: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_secured_functions"));
        command.args([&format!("{what:?}"), form, &SALT.to_string()]).stdout(Stdio::piped());
        let mut program = Self(command.spawn().unwrap());
        let mut line = String::new();
        BufReader::new(program.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "done\n", "{what:?}, {form}");
        program
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// What is left in memory and in registers, in words.
fn left(what: Computation, form: &str) -> (Vec<String>, Vec<String>) {
    let secrets = what.secrets(SALT);
    let program = Program::after(what, form);
    let memory = Memory::of(program.0.id()).unwrap().search(&Search::new(&secrets).unwrap()).unwrap();
    let search = Search::with_min_fragment(&secrets, 8).unwrap();
    let registers = registers::of(program.0.id());
    let registers =
        registers.iter().flat_map(|(_, bytes)| search.bytes(bytes).iter().map(ToString::to_string).collect::<Vec<_>>());
    (memory.iter().map(ToString::to_string).collect(), registers.collect())
}

/// Positive control: the same computations in a function without the attribute.
#[test]
fn without_the_attribute_every_computation_leaves_something() {
    for what in Computation::ALL {
        let (memory, _) = left(what, "plain");
        assert!(!memory.is_empty(), "{what:?}");
    }
}

#[test]
fn with_it_nothing_is_left_however_the_function_ends() {
    for what in Computation::ALL {
        for form in FORMS {
            let (memory, registers) = left(what, form);
            assert!(memory.is_empty() && registers.is_empty(), "{what:?}, {form}: {memory:#?} {registers:#?}");
        }
    }
}
