//! One service under bare `lambda_runtime` and secured, event by event in one run, and the least that an event costs: latency,
//! CPU time, memory, start and size, as ratios. See `--help`, and `docs/performance.md` for what is measured and how.

mod binaries;
mod event;
mod function;
mod http;
mod measure;
mod peer;
mod report;

use std::process::ExitCode;

use secure_benches::{args::Args, machine, page};

fn main() -> ExitCode {
    secure_benches::main("One service under bare lambda_runtime and secured, in one run, as ratios.\n", run)
}

fn run(args: Args) -> Result<(), String> {
    let binaries = binaries::Binaries::of_this_run(args.build)?;
    let plan = if args.quick { measure::Plan::QUICK } else { measure::Plan::FULL };
    let sizes = binaries.sizes(args.build && !args.quick)?;
    let measured = measure::run(&binaries, &plan)?;
    let report = report::render(&measured, &sizes, &machine::describe()?, args.quick);
    page::publish("secure-benches --bin invocation", &report, args.write)
}
