//! Standard output and standard error. A progress bar stands on the latter while it is a terminal.

use std::{
    fmt::Display,
    io::{self, Write as _},
};

use indicatif::{ProgressBar, ProgressStyle};

use super::text::escaped;

/// Says something to whoever has started this. What can't be said isn't.
pub(crate) fn say(text: impl Display) {
    let _ = writeln!(io::stderr(), "secure-dlq: {}", escaped(&text.to_string()));
}

/// How far the work is. It shows nothing where standard error is no terminal.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// `total` is what a queue says, which is about right.
    pub(crate) fn start(total: Option<u64>) -> Self {
        let (bar, template) = match total {
            Some(total) => (ProgressBar::new(total), "{wide_bar} {pos} of about {len} letters, {eta} left"),
            None => (ProgressBar::no_length(), "{spinner} {pos} letters, {elapsed}"),
        };
        Self(match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        })
    }

    pub(crate) fn add(&self, letters: usize) {
        self.0.inc(letters as u64);
        if let Some(total) = self.0.length().filter(|&total| total < self.0.position()) {
            self.0.set_length(self.0.position().max(total));
        }
    }

    pub(crate) fn say(&self, text: impl Display) {
        self.0.suspend(|| say(text));
    }

    /// Writes a line to standard output.
    pub(crate) fn print(&self, line: &str) -> io::Result<()> {
        self.0.suspend(|| writeln!(io::stdout(), "{line}"))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
