//! Structured logs.

use std::{env, io};

use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// Sets up a `tracing` subscriber that writes one JSON object a line to standard output, which CloudWatch collects.
///
/// `AWS_LAMBDA_LOG_LEVEL`, or else `RUST_LOG`, says from which level on, as a level (`debug`) or a list of targets
/// (`info,my_crate=debug`); the default is `info`, and what does not parse counts as unset. Called again, or where the
/// program has a subscriber already, it changes nothing.
///
/// Lines are not masked yet: what the program itself logs is written as it is. What this crate logs of errors and panics
/// has no text in it.
///
/// ```
/// secure_runtime::log::init();
/// secure_runtime::log::init(); // does nothing
/// ```
///
/// Source: [Lambda's advanced logging controls](https://docs.aws.amazon.com/lambda/latest/dg/monitoring-logs.html).
pub fn init() {
    let lines =
        tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(false).with_writer(io::stdout);
    // An error says that there is a subscriber already, which is the user's own choice.
    let _ = tracing_subscriber::registry().with(lines).with(levels(|name| env::var(name).ok())).try_init();
}

fn levels(variable: impl Fn(&str) -> Option<String>) -> Targets {
    ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"]
        .into_iter()
        .filter_map(variable)
        .find_map(|levels| levels.to_lowercase().parse().ok())
        .unwrap_or_else(|| Targets::new().with_default(tracing::Level::INFO))
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
