//! The wiping allocator against the system's, wiping against `memset` and zeroize, and `task::spawn_blocking` against tokio's,
//! side by side in one run. See `--help`, and `docs/performance.md` for what is measured and how.

mod measure;
mod report;
mod worker;

use std::process::ExitCode;

use secure_benches::{args::Args, machine, page};

fn main() -> ExitCode {
    secure_benches::main(
        "What wiping memory costs, against memory that is left as it is, in one run, as ratios.\n",
        run,
    )
}

fn run(args: Args) -> Result<(), String> {
    let binaries = worker::Binaries::of_this_run(args.build)?;
    let plan = if args.quick { measure::Plan::QUICK } else { measure::Plan::FULL };
    let measured = measure::run(&binaries, &plan)?;
    let report = report::render(&measured, &machine::describe()?, args.quick);
    page::publish("secure-benches --bin memory", &report, args.write)
}
