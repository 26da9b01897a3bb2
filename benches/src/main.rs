//! One service under bare `lambda_runtime` and secured, event by event in one run: latency, CPU time, memory, start and size,
//! as ratios. See `--help`, and `docs/performance.md` for what is measured and how.

mod args;
mod build;
mod cores;
mod event;
mod function;
mod http;
mod machine;
mod measure;
mod page;
mod peer;
mod report;
mod stats;

use std::{env, path::Path, process::ExitCode};

use args::{Args, Command};

/// The file that `--write` puts the report into.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/performance.md");

fn main() -> ExitCode {
    let result = match args::parse(env::args_os().skip(1)) {
        Ok(Command::Help) => {
            print!("{}", args::HELP);
            Ok(())
        }
        Ok(Command::Run(args)) => run(args),
        Err(error) => Err(format!("{error} (see --help)")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Result<(), String> {
    if cfg!(debug_assertions) {
        return Err("a driver that isn't optimised would be what is measured: pass --release to cargo".to_owned());
    }
    let binaries = build::binaries(args.build)?;
    let plan = if args.quick { measure::Plan::QUICK } else { measure::Plan::FULL };
    let sizes = build::sizes(&binaries, args.build && !args.quick)?;
    let measured = measure::run(&binaries, &plan)?;
    let report = report::render(&measured, &sizes, &machine::describe()?, args.quick);
    print!("{report}");
    if args.write { report::write(Path::new(PAGE), &report) } else { Ok(()) }
}
