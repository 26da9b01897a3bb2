//! What the benchmarks have in common: the command line, builds, cores, statistics, and the page that holds what was measured.

pub mod args;
pub mod build;
pub mod cores;
pub mod machine;
pub mod page;
pub mod stats;

use std::process::ExitCode;

use args::{Args, Command};

/// Runs a benchmark as the command line says.
pub fn main(about: &str, run: impl FnOnce(Args) -> Result<(), String>) -> ExitCode {
    let result = match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => {
            print!("{about}\n{}", args::HELP);
            Ok(())
        }
        Ok(Command::Run(_)) if cfg!(debug_assertions) => {
            Err("a driver that isn't optimised would be what is measured: pass --release to cargo".to_owned())
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
