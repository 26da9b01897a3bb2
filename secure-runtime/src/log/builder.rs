//! How the log is set up.

use std::{
    env, fmt, io,
    io::IsTerminal as _,
    sync::{Mutex, PoisonError},
};

use tracing::Level;
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use super::line::LogLayer;

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// For people: time, level, message, fields.
    Text,
}

/// There is a `tracing` subscriber already, so the log was not set up.
#[derive(Debug)]
pub struct AlreadySet(());

impl fmt::Display for AlreadySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the program has a `tracing` subscriber already")
    }
}

impl std::error::Error for AlreadySet {}

/// What [`builder`](super::builder) gives.
pub struct Builder {
    format: Option<Format>,
    level: Level,
    writer: Option<Box<dyn io::Write + Send>>,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self { format: None, level: Level::INFO, writer: None }
    }

    /// From which level on, where the environment doesn't say: `AWS_LAMBDA_LOG_LEVEL`, or else `RUST_LOG`. The default is `INFO`.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// How lines are written, whatever the environment says.
    #[must_use]
    pub fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Where masked lines go, each in one `write_all`, instead of standard output. A buffer in it is its own to wipe.
    #[must_use]
    pub fn writer(mut self, writer: impl io::Write + Send + 'static) -> Self {
        self.writer = Some(Box::new(writer));
        self
    }

    /// The layer alone, for a subscriber of one's own, whose filters are its own, too: the level isn't looked at.
    #[must_use]
    pub fn layer(self) -> LogLayer {
        let is_terminal = self.writer.is_none() && io::stdout().is_terminal();
        let format =
            self.format.unwrap_or_else(|| format(env::var("AWS_LAMBDA_LOG_FORMAT").ok().as_deref(), is_terminal));
        let output = Mutex::new(self.writer.or_else(unbuffered));
        LogLayer::new(format, move |line: &[u8]| {
            let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
            // There is nobody to be told that the log can't be written.
            let _ = output.as_mut().map(|output| output.write_all(line).and_then(|()| output.flush()));
        })
    }

    /// Sets up the log of this process; where it has a subscriber already, nothing happens.
    pub fn init(self) {
        // That there is one is the user's own choice.
        let _ = self.try_init();
    }

    /// Sets up the log of this process.
    ///
    /// # Errors
    /// It has a subscriber already.
    pub fn try_init(self) -> Result<(), AlreadySet> {
        let levels = levels(self.level, |name| env::var(name).ok());
        tracing_subscriber::registry().with(self.layer()).with(levels).try_init().map_err(|_| AlreadySet(()))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("format", &self.format).field("level", &self.level).finish_non_exhaustive()
    }
}

/// Lambda sets the variable, to `Text` unless the function is configured otherwise.
fn format(variable: Option<&str>, is_terminal: bool) -> Format {
    match variable {
        Some(format) if format.eq_ignore_ascii_case("json") => Format::Json,
        Some(format) if format.eq_ignore_ascii_case("text") => Format::Text,
        _ if is_terminal => Format::Text,
        _ => Format::Json,
    }
}

/// Standard output, past the buffer that std puts before it.
#[cfg(unix)]
fn unbuffered() -> Option<Box<dyn io::Write + Send>> {
    use std::os::fd::AsFd as _;

    let stdout = io::stdout().as_fd().try_clone_to_owned().ok()?;
    Some(Box::new(std::fs::File::from(stdout)))
}

/// Standard output. Its buffer keeps the last lines.
#[cfg(not(unix))]
fn unbuffered() -> Option<Box<dyn io::Write + Send>> {
    Some(Box::new(io::stdout()))
}

fn levels(default: Level, variable: impl Fn(&str) -> Option<String>) -> Targets {
    ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"]
        .into_iter()
        .filter_map(|name| Some((name, variable(name)?)))
        .find_map(|(name, levels)| match levels.to_lowercase().as_str() {
            // Lambda's highest level, which tracing doesn't have.
            "fatal" => Some(Targets::new().with_default(Level::ERROR)),
            // A word that is no level would be a target, and turn off all others.
            word if name != "RUST_LOG" && !word.contains([',', '=']) => {
                word.parse().ok().map(|level: LevelFilter| Targets::new().with_default(level))
            }
            levels => levels.parse().ok(),
        })
        .unwrap_or_else(|| Targets::new().with_default(default))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &'static [(&str, &str)]) -> Targets {
        levels(Level::INFO, |name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn lambdas_level_comes_before_rusts_and_both_before_the_programs() {
        assert_eq!(with(&[]).default_level(), Some(Level::INFO.into()));
        assert_eq!(levels(Level::WARN, |_| None).default_level(), Some(Level::WARN.into()));
        assert_eq!(with(&[("RUST_LOG", "debug")]).default_level(), Some(Level::DEBUG.into()));
        let both = with(&[("RUST_LOG", "debug"), ("AWS_LAMBDA_LOG_LEVEL", "WARN")]);
        assert_eq!(both.default_level(), Some(Level::WARN.into()));
        assert_eq!(with(&[("AWS_LAMBDA_LOG_LEVEL", "FATAL")]).default_level(), Some(Level::ERROR.into()));
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
        assert_eq!(with(&[("AWS_LAMBDA_LOG_LEVEL", "verbose")]).default_level(), Some(Level::INFO.into()));
    }

    #[test]
    fn lambda_says_which_format_and_without_it_a_terminal_gets_text() {
        for (variable, is_terminal, expected) in [
            (Some("JSON"), true, Format::Json),
            (Some("Text"), false, Format::Text),
            (Some("odd"), false, Format::Json),
            (None, false, Format::Json),
            (None, true, Format::Text),
        ] {
            assert_eq!(format(variable, is_terminal), expected, "{variable:?}");
        }
    }

    #[test]
    fn a_builder_writes_masked_lines_where_it_is_told_to() {
        #[derive(Clone, Default)]
        struct Sink(std::sync::Arc<Mutex<Vec<u8>>>);
        impl io::Write for Sink {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().extend_from_slice(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let sink = Sink::default();
        let layer = Builder::new().level(Level::DEBUG).format(Format::Text).writer(sink.clone()).layer();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::info!("http://u:hunter2@h");
        });
        let written = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        assert!(written.contains("http://[redacted URL with a password, 9 bytes]@h"), "{written}");
    }
}
