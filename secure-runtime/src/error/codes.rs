//! The codes of an error type, for API documents.

use std::{any::TypeId, fmt::Write as _, slice};

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::{Disposition, Opaque, OpaqueError};

/// All that the callers of a function may be told of its failures: for API documents, and for tests that compare them.
///
/// Codes come in the order in which they are declared; those of an inner error that is passed on (`delegate`) stand in its
/// place. What is declared several times is listed once.
///
/// ```
/// use secure_runtime::{Codes, prelude::*};
///
/// #[derive(Debug, thiserror::Error, OpaqueError)]
/// enum OrderError {
///     #[error("{0} is sold out")]
///     #[opaque(code = "sold_out", status = 409, message = "There is none left.", poison)]
///     SoldOut(String),
///     #[error(transparent)]
///     #[opaque(delegate)]
///     Payment(#[from] PaymentError),
///     #[error(transparent)]
///     Database(#[from] std::io::Error),
/// }
///
/// #[derive(Debug, thiserror::Error, OpaqueError)]
/// #[error("the bank says {0}")]
/// #[opaque(code = "bank_unavailable", status = 503, message = "Try again later.", retry)]
/// struct PaymentError(u32);
///
/// assert_eq!(
///     Codes::of::<OrderError>().to_markdown(),
///     "\
/// | code | status | message | the same request again |
/// | --- | --- | --- | --- |
/// | `sold_out` | 409 | There is none left. | will never succeed |
/// | `bank_unavailable` | 503 | Try again later. | may succeed later |
/// | `internal_error` | 500 | The request could not be processed. | |
/// "
/// );
/// ```
///
/// A test that compares them with a file of the repository keeps the document fresh:
/// `assert_eq!(include_str!("../errors.md"), Codes::of::<OrderError>().to_markdown())`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codes(Vec<Code>);

impl Codes {
    /// What an error type declares.
    ///
    /// Types of other crates, and a [`Failure`](crate::Failure) that another handler has made, count as `internal_error`.
    #[must_use]
    pub fn of<E: OpaqueError>() -> Self {
        let mut list = CodeList::default();
        inner::<E>().codes(&mut list);
        Self(list.codes)
    }

    /// What an error type declares, and what every function answers besides: `invalid_input` for a payload of the wrong shape,
    /// `timed_out` shortly before the deadline, `internal_error` for a panic.
    ///
    /// ```
    /// let codes = secure_runtime::Codes::of_function::<std::convert::Infallible>();
    /// let codes: Vec<_> = codes.iter().map(|code| code.code()).collect();
    /// assert_eq!(codes, ["invalid_input", "timed_out", "internal_error"]);
    /// ```
    #[must_use]
    pub fn of_function<E: OpaqueError>() -> Self {
        let mut list = CodeList::default();
        inner::<E>().codes(&mut list);
        for own in [Opaque::INVALID_INPUT, Opaque::TIMED_OUT, Opaque::INTERNAL] {
            list.add(own);
        }
        Self(list.codes)
    }

    /// One after the other.
    pub fn iter(&self) -> slice::Iter<'_, Code> {
        self.0.iter()
    }

    /// A table of [GitHub's Markdown](https://github.github.com/gfm/#tables-extension-), with a head and a line each.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut table =
            String::from("| code | status | message | the same request again |\n| --- | --- | --- | --- |\n");
        for Code(Opaque { code, status, message, disposition }) in self {
            let message = escaped(message);
            let again = match disposition {
                Disposition::Unknown => "",
                Disposition::Retry => "may succeed later ",
                Disposition::Poison => "will never succeed ",
            };
            writeln!(table, "| `{code}` | {status} | {message} | {again}|").expect("a String takes all");
        }
        table
    }

    /// An array of JSON objects with `code`, `status`, `message`, and `disposition`: `"retry"`, `"poison"` or `null`.
    ///
    /// ```
    /// use secure_runtime::{Codes, prelude::*};
    ///
    /// #[derive(Debug, OpaqueError)]
    /// #[opaque(code = "busy", status = 503, message = "Try again later.", retry)]
    /// struct Busy;
    ///
    /// let json: serde_json::Value = serde_json::from_str(&Codes::of::<Busy>().to_json()).unwrap();
    /// assert_eq!(
    ///     json,
    ///     serde_json::json!([
    ///         { "code": "busy", "status": 503, "message": "Try again later.", "disposition": "retry" },
    ///     ]),
    /// );
    /// ```
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "texts and numbers always serialise")]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers serialise")
    }
}

/// Backslashes before what Markdown would read as its own.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_[]<>|&~#".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

impl<'a> IntoIterator for &'a Codes {
    type Item = &'a Code;
    type IntoIter = slice::Iter<'a, Code>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Serialize for Codes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

/// What a caller may be told of one failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code(Opaque);

impl Code {
    /// The code in `snake_case`: the `errorType` of a function's answer.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The HTTP status, 400 to 599.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The sentence, which a request id follows.
    #[must_use]
    pub fn message(&self) -> &'static str {
        self.0.message
    }

    /// Whether it was declared as `retry`.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.disposition == Disposition::Retry
    }

    /// Whether it was declared as `poison`: the same event will never succeed.
    #[must_use]
    pub fn is_poison(&self) -> bool {
        self.0.disposition == Disposition::Poison
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let disposition = match self.0.disposition {
            Disposition::Unknown => None,
            Disposition::Retry => Some("retry"),
            Disposition::Poison => Some("poison"),
        };
        let mut code = serializer.serialize_struct("Code", 4)?;
        code.serialize_field("code", self.code())?;
        code.serialize_field("status", &self.status())?;
        code.serialize_field("message", self.message())?;
        code.serialize_field("disposition", &disposition)?;
        code.end()
    }
}

/// Codes while they are gathered.
#[derive(Default)]
pub struct CodeList {
    codes: Vec<Code>,
    /// Types that were asked: errors may pass on one another in a circle.
    asked: Vec<TypeId>,
}

impl CodeList {
    /// Adds what one variant declares.
    pub fn add(&mut self, opaque: Opaque) {
        let code = Code(opaque);
        if !self.codes.contains(&code) {
            self.codes.push(code);
        }
    }
}

/// What is known of the type of an error that is passed on.
///
/// Only what makes it asks for an `OpaqueError`: one bound, one error of the compiler.
pub struct Inner<E> {
    opaque: fn(&E) -> Opaque,
    codes: fn(&mut CodeList),
    id: TypeId,
}

/// Asks for an `OpaqueError`, with its words where there is none.
#[must_use]
pub fn inner<E: OpaqueError>() -> Inner<E> {
    Inner { opaque: E::__opaque, codes: E::__codes, id: typeid::of::<E>() }
}

impl<E> Inner<E> {
    /// What the error declares.
    #[must_use]
    pub fn opaque(&self, error: &E) -> Opaque {
        (self.opaque)(error)
    }

    /// What its type declares.
    pub fn codes(&self, list: &mut CodeList) {
        if !list.asked.contains(&self.id) {
            list.asked.push(self.id);
            (self.codes)(list);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, sync::Arc};

    use super::*;
    use crate::{Error, Failure};

    fn codes<E: OpaqueError>() -> Vec<&'static str> {
        Codes::of::<E>().iter().map(Code::code).collect()
    }

    #[test]
    fn what_other_crates_say_is_internal() {
        assert_eq!(codes::<Error>(), ["internal_error"]);
        assert_eq!(codes::<Failure>(), ["internal_error"]);
        assert_eq!(codes::<Box<Arc<std::io::Error>>>(), ["internal_error"]);
        assert!(codes::<Arc<Infallible>>().is_empty());
    }

    #[test]
    fn a_code_is_listed_once_for_all_that_is_the_same_of_it() {
        let mut list = CodeList::default();
        let busy = |message, disposition| Opaque::declared("busy", 503, message, disposition);
        list.add(busy("Try again.", Disposition::Retry));
        list.add(busy("Try again.", Disposition::Retry));
        list.add(busy("Go away.", Disposition::Poison));
        let codes = Codes(list.codes);
        let messages: Vec<_> = codes.iter().map(Code::message).collect();
        assert_eq!(messages, ["Try again.", "Go away."]);
        assert!(codes.0[0].is_retryable() && !codes.0[0].is_poison());
        assert!(codes.0[1].is_poison() && !codes.0[1].is_retryable());
    }

    #[test]
    fn markdown_shows_a_message_as_it_is() {
        assert_eq!(escaped("a|b `c` *d* <e> [f](g) \\ &amp;"), r"a\|b \`c\` \*d\* \<e\> \[f\](g) \\ \&amp;");
        assert_eq!(escaped("The account does not cover the amount."), "The account does not cover the amount.");
    }

    #[test]
    fn json_has_all_parts() {
        let json: serde_json::Value = serde_json::from_str(&Codes::of_function::<Infallible>().to_json()).unwrap();
        let internal = serde_json::json!({
            "code": "internal_error", "status": 500, "message": "The request could not be processed.", "disposition": null,
        });
        assert_eq!(json.as_array().unwrap().len(), 3);
        assert_eq!(json[2], internal);
        assert_eq!(json[0]["disposition"], "poison");
    }
}
