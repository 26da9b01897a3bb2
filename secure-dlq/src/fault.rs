//! How the work ends.

use std::{error::Error, fmt};

/// How the work ended that could be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// All letters were processed.
    All,
    /// Some letters could not be processed; each was told of.
    Some,
    /// By Ctrl-C, or a signal that means the same.
    Interrupted,
}

/// Why the work can't be done, or not to its end. Its text says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Fault(String);

impl Fault {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// An error and what it comes of, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        // Some errors say what they come of themselves.
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        source = error.source();
    }
    text
}

/// `1 letter`, `2 letters`.
pub(crate) fn letters(count: usize) -> impl fmt::Display {
    format!("{count} letter{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the file is lost")]
    struct Lost(#[source] io::Error);

    #[test]
    fn an_error_says_what_it_comes_of() {
        assert_eq!(chain(&Lost(io::Error::other("it rained"))), "the file is lost: it rained");
        let twice = io::Error::other(Lost(io::Error::other("it rained")));
        assert_eq!(chain(&twice), "the file is lost: it rained");
    }

    #[test]
    fn one_letter_is_no_letters() {
        assert_eq!([0, 1, 2].map(|count| letters(count).to_string()), ["0 letters", "1 letter", "2 letters"]);
    }
}
