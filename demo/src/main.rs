//! One login function twice, as people write it and secured: the same events to both, and side by side what the caller gets,
//! what the log says and what stays in memory. See `--help`.

mod args;
mod events;
mod functions;
mod report;
mod table;

use std::{
    env, fs,
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
};

use args::{Args, Command};
use functions::Functions;
use report::Report;

fn main() -> ExitCode {
    let result = match args::parse(env::args_os().skip(1)) {
        Ok(Command::Help) => print(args::HELP).map(|()| ExitCode::SUCCESS),
        Ok(Command::Run(args)) => run(&args),
        Err(error) => Err(format!("{error} (see --help)")),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

fn run(args: &Args) -> Result<ExitCode, String> {
    let events = match &args.file {
        Some(file) => {
            let text = fs::read(file).map_err(|error| format!("can't read {}: {error}", file.display()))?;
            events::of_lines(&text)
        }
        None => events::built_in(),
    };
    if events.is_empty() {
        return Err("there is no event in the file: it has one JSON document a line".to_owned());
    }
    let mut functions = Functions::start(!args.no_build)?;
    let report = report::observe(&mut functions, events).map_err(|error| error.to_string())?;
    print(&shown(&report, args.json))?;
    Ok(if report.secured_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn shown(report: &Report, json: bool) -> String {
    if json {
        let json = serde_json::to_string_pretty(report).expect("a report has no maps and no floats");
        return json + "\n";
    }
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    table::table(report, io::stdout().is_terminal() && !no_color)
}

/// Writes to standard output; that its reader has gone is no error of ours.
fn print(text: &str) -> Result<(), String> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!("can't print: {error}")),
        _ => Ok(()),
    }
}
