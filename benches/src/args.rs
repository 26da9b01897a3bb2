//! The command line.

use std::ffi::OsString;

/// The options.
pub const HELP: &str = "\
Usage: cargo run --release -p PACKAGE [--bin NAME] [-- OPTIONS]

  --quick     a short run, to see that it works; its numbers say little
  --write     put the report into docs/performance.md as well
  --no-build  run what was built last
  -h, --help  print this
";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// To be told about the options.
    Help,
    /// A run.
    Run(Args),
}

/// How to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Args {
    /// A short run.
    pub quick: bool,
    /// Whether the report goes into the page.
    pub write: bool,
    /// Whether what is run is built before.
    pub build: bool,
}

/// Reads a command line.
///
/// # Errors
/// When there is no such option.
pub fn parse(args: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Command, String> {
    let mut parsed = Args { quick: false, write: false, build: true };
    for arg in args {
        let arg = arg.into();
        match arg.to_str() {
            Some("-h" | "--help") => return Ok(Command::Help),
            Some("--quick") => parsed.quick = true,
            Some("--write") => parsed.write = true,
            Some("--no-build") => parsed.build = false,
            _ => return Err(format!("no such option: {}", arg.display())),
        }
    }
    Ok(Command::Run(parsed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_come_in_any_order() {
        let run = |args: &[&str]| parse(args.iter().copied());
        assert_eq!(run(&[]), Ok(Command::Run(Args { quick: false, write: false, build: true })));
        let all = Args { quick: true, write: true, build: false };
        assert_eq!(run(&["--no-build", "--write", "--quick"]), Ok(Command::Run(all)));
        assert_eq!(run(&["--quick", "-h"]), Ok(Command::Help));
        for wrong in ["--quik", "file", "--bench"] {
            assert!(run(&[wrong]).is_err(), "{wrong}");
        }
    }
}
