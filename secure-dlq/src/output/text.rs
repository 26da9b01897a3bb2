//! Lines for people.

use std::{borrow::Cow, time::SystemTime};

use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};

/// How much of a reason is shown, in characters. JSON has all of it.
const REASON: usize = 200;

/// A text without what a terminal obeys: anybody who has the public key can have written the letter. Line ends, control characters
/// ([CWE-150](https://cwe.mitre.org/data/definitions/150.html)) and what turns the direction of writing become `\u{..}`.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().fold(String::new(), |mut safe, char| {
        if is_obeyed(char) {
            safe.extend(char.escape_default());
        } else {
            safe.push(char);
        }
        safe
    }))
}

/// Control characters, line and paragraph separators, and what turns the direction of writing.
pub(crate) fn is_obeyed(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The beginning of a reason, fit for a line.
pub(crate) fn short(reason: &str) -> String {
    match reason.char_indices().nth(REASON) {
        Some((end, _)) => format!("{}…", escaped(&reason[..end])),
        None => escaped(reason).into_owned(),
    }
}

/// A time in UTC, as [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339) has it. `None`: a year beyond 9999, which only a forged letter has.
pub(crate) fn time(at: SystemTime) -> Option<String> {
    DateTime::from(at).fmt(DateTimeFormat::DateTime).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_terminal_is_told_nothing() {
        assert_eq!(escaped("déjà vu €"), "déjà vu €");
        assert_eq!(escaped("a\u{1b}[2Jb\nc\rd\u{9b}e\u{202e}f"), "a\\u{1b}[2Jb\\nc\\rd\\u{9b}e\\u{202e}f");
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        assert_eq!(short("declined"), "declined");
        assert_eq!(short(&"€".repeat(200)), "€".repeat(200));
        assert_eq!(short(&"€".repeat(201)), format!("{}…", "€".repeat(200)));
    }

    #[test]
    fn times_are_utc() {
        let at = |millis| time(SystemTime::UNIX_EPOCH + Duration::from_millis(millis));
        assert_eq!(at(0).unwrap(), "1970-01-01T00:00:00Z");
        assert_eq!(at(1_764_000_000_123).unwrap(), "2025-11-24T16:00:00.123Z");
        assert_eq!(at(u64::MAX), None);
    }
}
