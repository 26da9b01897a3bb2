//! Dead letters, for the people who analyse them: `secure-dlq --help` says what it does.

#![forbid(unsafe_code)]

mod args;
mod aws;
mod commands;
mod fault;
mod key_file;
mod letter;
mod objects;
mod output;
mod source;
mod stop;
mod work;

use std::process::ExitCode;

use clap::Parser as _;

use self::{args::Args, fault::Ended, output::terminal};

fn main() -> ExitCode {
    keep_out_of_core_files();
    let args = Args::parse();
    // Two threads, so that Ctrl-C is heard while the other one works on a file.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(commands::run(args.command)),
        Err(error) => Err(fault::Fault::new(format!("no thread to work with: {error}"))),
    };
    match ended {
        Ok(Ended::All) => ExitCode::SUCCESS,
        Ok(Ended::Some) => ExitCode::from(3),
        Ok(Ended::Interrupted) => ExitCode::from(130),
        Err(fault) => {
            terminal::say(format_args!("error: {fault}"));
            ExitCode::FAILURE
        }
    }
}

/// A core file would have the key and the letters in it. Where that can't be had, nothing is worse than it was.
fn keep_out_of_core_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
}
