//! Builds with the macros and the crates, and without, in turns. See `--help`, and `docs/performance.md` for what is measured and how.

mod cargo;
mod measure;
mod packages;
mod report;

use std::process::ExitCode;

use secure_benches::{args::Args, machine, page};

const ABOUT: &str = "What the macros and the crates cost a build, against one without them in the same run.";

fn main() -> ExitCode {
    secure_benches::main(ABOUT, run)
}

fn run(args: Args) -> Result<(), String> {
    let measured = measure::run(args.quick)?;
    page::publish("bench-compile", &report::render(&measured, &machine::describe()?, args.quick), args.write)
}
