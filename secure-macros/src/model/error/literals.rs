//! The parts of a declaration: literals, checked where they are written.

use crate::{
    args::{self, Arg},
    diag::Diagnostics,
};

/// The most characters of a code. Dashboards, metric names and state machines have to hold it.
const LONGEST_CODE: usize = 64;

/// The most characters of a message: a sentence or two.
const LONGEST_MESSAGE: usize = 256;

pub(super) fn code(arg: &Arg, diagnostics: &mut Diagnostics) -> Option<String> {
    let (code, _) = args::string(arg, diagnostics)?;
    if !is_snake_case(&code) {
        let instead = snake_case(&code);
        let instead = if is_snake_case(&instead) { &instead } else { "insufficient_funds" };
        diagnostics.usage(
            &arg.value,
            "a code is in `snake_case`: lower-case letters, digits and single `_` between them",
            &format!("write `code = \"{instead}\"`: alarms and `ErrorEquals` compare it"),
        );
        return None;
    }
    if code.len() > LONGEST_CODE {
        diagnostics.usage(
            &arg.value,
            &format!("a code has {LONGEST_CODE} characters at most"),
            "name the failure in a word or three, and say the rest in `message`",
        );
        return None;
    }
    Some(code)
}

fn is_snake_case(code: &str) -> bool {
    code.starts_with(|c: char| c.is_ascii_lowercase())
        && code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !code.contains("__")
        && !code.ends_with('_')
}

/// What somebody may have meant: `sold_out` for `SoldOut`, `SOLD-OUT` and `sold out`.
fn snake_case(text: &str) -> String {
    let mut snake = String::new();
    let mut lower = false;
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && lower) {
            snake.push('_');
        }
        if c.is_ascii_alphanumeric() {
            snake.push(c.to_ascii_lowercase());
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    snake.split('_').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
}

pub(super) fn status(arg: &Arg, diagnostics: &mut Diagnostics) -> Option<u16> {
    let status: u64 = args::number(arg, "404", diagnostics)?;
    if let Ok(status @ 400..=599) = u16::try_from(status) {
        return Some(status);
    }
    diagnostics.usage(
        &arg.value,
        "a status of an error is between 400 and 599",
        "write 4xx for the caller's mistakes, 5xx for the function's own",
    );
    None
}

pub(super) fn message(arg: &Arg, diagnostics: &mut Diagnostics) -> Option<String> {
    let (message, _) = args::string(arg, diagnostics)?;
    let problem = if message.trim().is_empty() || message.contains(breaks_a_line) {
        (
            "a message is one line that says something".to_owned(),
            "write a sentence for the caller: \"The account does not cover the amount.\"",
        )
    } else if message.trim() != message {
        ("a message has no blanks at its ends".to_owned(), "remove them: the request id follows the message")
    } else if message.chars().count() > LONGEST_MESSAGE {
        (
            format!("a message has {LONGEST_MESSAGE} characters at most"),
            "write what the caller can do about it, and the rest into your API's documents",
        )
    } else if let Some(placeholder) = placeholder(&message) {
        (
            format!("`{placeholder}` is not filled in: no value of the program gets into a message"),
            "write a sentence that is always true; values go into the error's `Display`, which only the log has",
        )
    } else {
        return Some(message);
    };
    diagnostics.usage(&arg.value, &problem.0, problem.1);
    None
}

fn breaks_a_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// What reads as if something were filled in: `{}`, `{0}`, `{name}`, `{name:?}`, `{self.field}`.
fn placeholder(message: &str) -> Option<&str> {
    message.match_indices('{').find_map(|(at, _)| {
        let rest = &message[at..];
        let placeholder = &rest[..=rest.find('}')?];
        let inner = &placeholder[1..placeholder.len() - 1];
        let name = inner.split(':').next().unwrap_or_default();
        name.chars().all(|c| c.is_alphanumeric() || "_.".contains(c)).then_some(placeholder)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_words_between_single_underscores() {
        for code in ["a", "sold_out", "v2", "http_2_only"] {
            assert!(is_snake_case(code), "{code}");
        }
        for code in ["", "_", "_a", "a_", "a__b", "2a", "soldOut", "sold-out", "sold out", "über", "a\n"] {
            assert!(!is_snake_case(code), "{code}");
        }
    }

    #[test]
    fn a_code_is_suggested() {
        for code in ["SoldOut", "SOLD-OUT", "sold out", "sold__out_", " soldOut!"] {
            assert_eq!(snake_case(code), "sold_out", "{code}");
        }
        assert_eq!(snake_case("HTTPError"), "httperror");
        assert_eq!(snake_case("v2Only"), "v2_only");
        assert_eq!(snake_case("é"), "");
    }

    #[test]
    fn placeholders_are_what_format_would_fill_in() {
        for (message, found) in [
            ("no {}", "{}"),
            ("no {0} or {1}", "{0}"),
            ("no {name:?}", "{name:?}"),
            ("no {:>8}", "{:>8}"),
            ("{{name}}", "{name}"),
            ("{self.name}", "{self.name}"),
        ] {
            assert_eq!(placeholder(message), Some(found));
        }
        for message in ["send {\"id\": 1}", "use { or }", "} {", "one of {a, b}", "a {"] {
            assert_eq!(placeholder(message), None, "{message}");
        }
    }
}
