//! Log lines through tracing-subscriber's JSON formatter and through ours, line by line in one run, as ratios. See `--help`, and
//! `docs/performance.md` for what is measured and how.

mod line;
#[path = "../../src/machine.rs"]
mod machine;
mod measure;
#[path = "../../src/page.rs"]
mod page;
mod report;
#[path = "../../src/stats.rs"]
mod stats;

use std::{env, path::Path, process::ExitCode};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/performance.md");

const HELP: &str = "\
Log lines through tracing-subscriber's JSON formatter and through ours, in one run, as ratios.

Usage: cargo run --release -p bench-log [-- OPTIONS]

  --quick     a short run, to see that it works; its numbers say little
  --write     put the report into docs/performance.md as well
  -h, --help  print this
";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "-h" || arg == "--help") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<(), String> {
    if let Some(unknown) = args.iter().find(|arg| !["--quick", "--write"].contains(&arg.as_str())) {
        return Err(format!("no such option: {unknown} (see --help)"));
    }
    if cfg!(debug_assertions) {
        return Err("what isn't optimised says nothing: pass --release to cargo".to_owned());
    }
    let quick = args.iter().any(|arg| arg == "--quick");
    let report = report::render(&measure::run(quick)?, &machine::describe()?, quick);
    print!("{report}");
    if args.iter().any(|arg| arg == "--write") {
        page::write(Path::new(PAGE), report::MARKERS, &report)?;
    }
    Ok(())
}
