//! Sealed files against plain ones and the bare cipher, in one run, as ratios. See `--help`, and `docs/performance.md` for what is
//! measured and how.

mod cipher;
mod measure;
mod report;

use std::process::ExitCode;

use secure_benches::{args::Args, machine, page};

const ABOUT: &str = "Sealed files against plain ones and the bare cipher, in one run, as ratios.";

fn main() -> ExitCode {
    secure_benches::main(ABOUT, run)
}

fn run(args: Args) -> Result<(), String> {
    let rows = measure::run(args.quick).map_err(|error| format!("can't use the temporary directory: {error}"))?;
    let report = report::render(&rows, &cipher::compared(args.quick), &machine::describe()?, args.quick);
    page::publish("bench-files", &report, args.write)
}
