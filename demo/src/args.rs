//! The command line.

use std::{ffi::OsString, path::PathBuf};

use lexopt::prelude::*;

pub(crate) const HELP: &str = "\
One login function twice, as people write it and secured, side by side: what the
caller gets, what the log says and what stays in memory, event by event.

Usage: cargo run -p demo [-- [OPTIONS] [FILE]]

  FILE        events of your own, one JSON document a line; they are sent as
              they are, and the value of \"password\" is what is looked for
  --json      print one JSON document
  --no-build  run the functions that lie beside this program, as they are
  -h, --help  print this

Exit code: 0 when the secured function told no secret to a caller or the log and
lived, 1 when it did not, 2 when the demonstration could not be run.
";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Run(Args),
}

/// How the demonstration is to be run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Args {
    pub(crate) file: Option<PathBuf>,
    pub(crate) json: bool,
    pub(crate) no_build: bool,
}

pub(crate) fn parse(args: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Command, lexopt::Error> {
    let mut parser = lexopt::Parser::from_args(args);
    let mut parsed = Args::default();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Command::Help),
            Long("json") => parsed.json = true,
            Long("no-build") => parsed.no_build = true,
            Value(file) if parsed.file.is_none() => parsed.file = Some(file.into()),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Command::Run(parsed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_come_in_any_order_and_only_once_a_file() {
        let run = |args: &[&str]| parse(args.iter().copied());
        assert_eq!(run(&[]).unwrap(), Command::Run(Args::default()));
        let all = Args { file: Some("events".into()), json: true, no_build: true };
        assert_eq!(run(&["--no-build", "events", "--json"]).unwrap(), Command::Run(all));
        assert_eq!(run(&["--json", "--help"]).unwrap(), Command::Help);
        for wrong in [&["--jsno"][..], &["a", "b"], &["--json=yes"], &["-x"]] {
            assert!(run(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_help_fits_a_terminal() {
        assert!(HELP.lines().all(|line| line.chars().count() <= 80));
    }
}
