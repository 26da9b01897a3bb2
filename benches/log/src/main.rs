//! Log lines through tracing-subscriber's JSON formatter and through ours, line by line in one run, as ratios. See `--help`, and
//! `docs/performance.md` for what is measured and how.

mod line;
mod measure;
mod report;

use std::process::ExitCode;

use secure_benches::{args::Args, machine, page};

const ABOUT: &str = "Log lines through tracing-subscriber's JSON formatter and through ours, in one run, as ratios.";

fn main() -> ExitCode {
    secure_benches::main(ABOUT, run)
}

fn run(args: Args) -> Result<(), String> {
    let report = report::render(&measure::run(args.quick)?, &machine::describe()?, args.quick);
    page::publish("bench-log", &report, args.write)
}
