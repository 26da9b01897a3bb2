//! What an error says to the people on call. It goes to the log, through the masker, and nowhere else.

use std::{error::Error, fmt};

use crate::probe::Asked;

/// The words of an error, as far as its type has any.
#[derive(Clone, Copy)]
pub enum Text<'a> {
    /// An error with its sources.
    Error(&'a (dyn Error + 'a)),
    /// Words without sources.
    Display(&'a dyn fmt::Display),
    /// No words, but a structure.
    Debug(&'a dyn fmt::Debug),
    /// None.
    None,
}

impl Text<'_> {
    /// The text itself.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Error(error) => error.to_string(),
            Self::Display(words) => words.to_string(),
            Self::Debug(structure) => format!("{structure:?}"),
            Self::None => String::new(),
        }
    }

    /// The texts of the error's sources, outermost first. What repeats the one before it says nothing new.
    pub(crate) fn sources(&self) -> Vec<String> {
        /// Errors that are their own sources end somewhere.
        const MOST: usize = 32;
        let Self::Error(error) = self else { return Vec::new() };
        let mut texts = vec![error.to_string()];
        let mut source = error.source();
        while let Some(error) = source.filter(|_| texts.len() < MOST) {
            let text = error.to_string();
            if texts.last() != Some(&text) {
                texts.push(text);
            }
            source = error.source();
        }
        texts.split_off(1)
    }
}

/// First: an error, which has sources.
pub trait AsError<'a> {
    /// Answers by its type.
    fn __text(self) -> Text<'a>;
}

impl<'a, T: Error> AsError<'a> for &&&Asked<'a, T> {
    fn __text(self) -> Text<'a> {
        Text::Error(self.0)
    }
}

/// Second: what can at least be shown.
pub trait AsShown<'a> {
    /// Answers by its type.
    fn __text(self) -> Text<'a>;
}

impl<'a, T: fmt::Debug> AsShown<'a> for &&Asked<'a, T> {
    fn __text(self) -> Text<'a> {
        Text::Debug(self.0)
    }
}

/// Third: anything.
pub trait AsMute<'a> {
    /// Answers by its type.
    fn __text(self) -> Text<'a>;
}

impl<'a, T> AsMute<'a> for &Asked<'a, T> {
    fn __text(self) -> Text<'a> {
        Text::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::io::Error);

    #[derive(Debug, thiserror::Error)]
    #[error(transparent)]
    struct Transparent(Outer);

    #[derive(Debug)]
    struct Structure {
        #[allow(dead_code, reason = "shown by `Debug`")]
        field: u8,
    }

    struct Mute;

    #[test]
    #[allow(clippy::needless_borrow, reason = "as the expansion writes it, which doesn't know the type")]
    fn a_type_says_what_it_can() {
        let outer = Transparent(Outer(std::io::Error::other("inner")));
        let text = (&&&Asked(&outer)).__text();
        assert_eq!((text.words().as_str(), text.sources()), ("outer", vec!["inner".to_owned()]));
        let structure = Structure { field: 7 };
        let text = (&&&Asked(&structure)).__text();
        assert_eq!((text.words().as_str(), text.sources().len()), ("Structure { field: 7 }", 0));
        assert_eq!((&&&Asked(&Mute)).__text().words(), "");
    }
}
