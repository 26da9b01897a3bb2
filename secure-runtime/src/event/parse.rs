//! Parsing, with errors that don't quote what they found.

use std::fmt;

use serde::Deserialize;
#[cfg(feature = "http")]
use serde::{Deserializer, de::Visitor, forward_to_deserialize_any};
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
    pub(crate) const CONTEXT: Self = Self::of_kind("context");

    /// What it says of a payload that is of the right shape, and not what it has to be.
    pub(crate) const VALIDATION: &'static str = "validation";

    /// One of which no more is known.
    pub(crate) const fn of_kind(kind: &'static str) -> Self {
        Self { kind, path: String::new(), line: 0, column: 0 }
    }

    fn invalid(invalid: &Invalid) -> Self {
        Self { path: invalid.name().unwrap_or_default().to_owned(), ..Self::of_kind(Self::VALIDATION) }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, path, line, column } = self;
        let at = if path.is_empty() { "" } else { " at " };
        write!(f, "{kind}{at}{path}, line {line}, column {column}")
    }
}

/// Parses an event, and has it [validated].
pub(crate) fn event_from_slice<'de, T: SecureEvent + Deserialize<'de>>(json: &'de [u8]) -> Result<T, ParseError> {
    validated(from_slice(json)?)
}

/// Has an event validated where its type, or one that is nested in it, asks for that. Whatever a handler's event is made of
/// comes through here.
pub(crate) fn validated<T: SecureEvent>(event: T) -> Result<T, ParseError> {
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

/// Parses a form, as a body or as a query. Values borrow from it where nothing in them is escaped.
#[cfg(feature = "http")]
pub(crate) fn from_form<'de, T: Deserialize<'de>>(form: &'de [u8]) -> Result<T, ParseError> {
    let fields = || Form(serde_urlencoded::Deserializer::new(form_urlencoded::parse(form)));
    T::deserialize(fields())
        .map_err(|_| ParseError { path: path::of_error_in::<T, _>(fields()), ..ParseError::of_kind("form") })
}

/// A form that is there: of an `Option`, it is some.
#[cfg(feature = "http")]
struct Form<'de>(serde_urlencoded::Deserializer<'de>);

#[cfg(feature = "http")]
impl<'de> Deserializer<'de> for Form<'de> {
    type Error = serde_urlencoded::de::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_seq(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_unit(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit_struct newtype_struct
        tuple tuple_struct map struct enum identifier ignored_any
    }
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
