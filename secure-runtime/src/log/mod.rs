//! Structured logs.

mod line;

use std::{
    env,
    io::Write as _,
    sync::{Mutex, PoisonError},
};

use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use self::line::Lines;

/// Sets up a `tracing` subscriber that writes one JSON object a line to standard output, which CloudWatch collects.
///
/// `AWS_LAMBDA_LOG_LEVEL`, or else `RUST_LOG`, says from which level on, as a level (`debug`) or a list of targets
/// (`info,my_crate=debug`); the default is `info`, and what does not parse counts as unset. Called again, or where the
/// program has a subscriber already, it changes nothing.
///
/// Lines are not masked yet: what the program itself logs is written as it is. What this crate logs of errors and panics
/// has no text in it. What is written stays in no buffer: a line is formatted in memory that is wiped, and handed to the system
/// at once, past the buffer of [`std::io::stdout`].
///
/// ```
/// secure_runtime::log::init();
/// secure_runtime::log::init(); // does nothing
/// ```
///
/// Source: [Lambda's advanced logging controls](https://docs.aws.amazon.com/lambda/latest/dg/monitoring-logs.html).
pub fn init() {
    let output = Mutex::new(unbuffered());
    let lines = Lines::new(move |line: &[u8]| {
        let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
        // There is nobody to be told that the log can't be written.
        let _ = output.as_mut().map(|output| output.write_all(line));
    });
    // An error says that there is a subscriber already, which is the user's own choice.
    let _ = tracing_subscriber::registry().with(lines).with(levels(|name| env::var(name).ok())).try_init();
}

/// Standard output, past the buffer that std puts before it.
#[cfg(unix)]
fn unbuffered() -> Option<std::fs::File> {
    use std::os::fd::AsFd as _;

    std::io::stdout().as_fd().try_clone_to_owned().ok().map(std::fs::File::from)
}

/// Standard output. Its buffer keeps the last lines.
#[cfg(not(unix))]
fn unbuffered() -> Option<std::io::Stdout> {
    Some(std::io::stdout())
}

fn levels(variable: impl Fn(&str) -> Option<String>) -> Targets {
    ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"]
        .into_iter()
        .filter_map(variable)
        .find_map(|levels| levels.to_lowercase().parse().ok())
        .unwrap_or_else(|| Targets::new().with_default(tracing::Level::INFO))
}

/// PLACEHOLDER until the masker is merged.
pub(crate) fn masked(_: &str) -> String {
    String::from("[withheld]")
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    fn with(variables: &'static [(&str, &str)]) -> Targets {
        levels(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn lambdas_level_comes_before_rusts_and_info_is_the_default() {
        assert_eq!(with(&[]).default_level(), Some(Level::INFO.into()));
        assert_eq!(with(&[("RUST_LOG", "debug")]).default_level(), Some(Level::DEBUG.into()));
        let both = with(&[("RUST_LOG", "debug"), ("AWS_LAMBDA_LOG_LEVEL", "WARN")]);
        assert_eq!(both.default_level(), Some(Level::WARN.into()));
    }

    #[test]
    fn targets_have_levels_of_their_own() {
        let levels = with(&[("RUST_LOG", "info,app=trace")]);
        assert!(levels.would_enable("app", &Level::TRACE));
        assert!(!levels.would_enable("hyper", &Level::DEBUG));
    }

    #[test]
    fn what_does_not_parse_counts_as_unset() {
        assert_eq!(
            with(&[("AWS_LAMBDA_LOG_LEVEL", "=="), ("RUST_LOG", "error")]).default_level(),
            Some(Level::ERROR.into())
        );
    }
}
