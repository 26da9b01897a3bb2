//! Parsing, with errors that don't quote what they found.

use serde::Deserialize;
use serde_json::error::Category;

use super::{SecureEvent, path};
use crate::Invalid;

/// Why a payload is no event: where and of what kind, and nothing of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    pub(crate) kind: &'static str,
    /// Which field, in names of the program's own; empty where it isn't known.
    pub(crate) path: String,
    /// Counted from 1; 0 where it isn't known.
    pub(crate) line: usize,
    /// In bytes, counted from 1; 0 where it isn't known.
    pub(crate) column: usize,
}

impl ParseError {
    /// What the caller says of himself in the event's head does not parse.
    pub(crate) const CONTEXT: Self = Self { kind: "context", path: String::new(), line: 0, column: 0 };

    /// What it says of a payload that is of the right shape, and not what it has to be.
    pub(crate) const VALIDATION: &'static str = "validation";

    fn invalid(invalid: &Invalid) -> Self {
        let path = invalid.name().unwrap_or_default().to_owned();
        Self { kind: Self::VALIDATION, path, line: 0, column: 0 }
    }
}

/// Parses an event, and has it validated where its type, or one that is nested in it, asks for that. Whatever a handler's event is
/// made of comes through here.
pub(crate) fn event_from_slice<'de, T: SecureEvent + Deserialize<'de>>(json: &'de [u8]) -> Result<T, ParseError> {
    let event: T = from_slice(json)?;
    event.__validate().map_err(|invalid| ParseError::invalid(&invalid))?;
    Ok(event)
}

/// Parses a whole JSON text. Which field is wrong is worked out when one is.
pub(crate) fn from_slice<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Result<T, ParseError> {
    serde_json::from_slice(json).map_err(|error| {
        // serde_json's error quotes values and keys; it ends here.
        let kind = match error.classify() {
            Category::Io => "io",
            Category::Syntax => "syntax",
            Category::Data => "data",
            Category::Eof => "eof",
        };
        ParseError { kind, path: path::of_error::<T>(json), line: error.line(), column: error.column() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_where_and_of_what_kind_and_quotes_nothing() {
        for (json, kind, line, column) in [
            ("", "eof", 1, 0),
            ("[1,\n \"hunter2\"]", "data", 2, 10),
            ("[1, 2] trailing", "syntax", 1, 8),
            ("[hunter2]", "syntax", 1, 2),
        ] {
            let error = from_slice::<Vec<u8>>(json.as_bytes()).unwrap_err();
            assert_eq!((error.kind, error.line, error.column), (kind, line, column), "{json}");
            assert!(!format!("{error:?}").contains("hunter2"));
        }
    }
}
