//! JSON, a value a line.

use std::fmt::Write as _;

use serde::Serialize;
use zeroize::Zeroizing;

use super::text::is_obeyed;

/// A value in one line, without its end. It may be shown by a terminal: what that obeys is escaped, which means the same to who parses it.
/// Wiped on drop.
pub(crate) fn line(value: &impl Serialize) -> Zeroizing<String> {
    let json = Zeroizing::new(serde_json::to_string(value).expect("texts and numbers are JSON"));
    if !json.contains(is_obeyed) {
        return json;
    }
    let mut safe = Zeroizing::new(String::with_capacity(json.len() * 2));
    for char in json.chars() {
        if is_obeyed(char) {
            // All of them are below U+10000: one unit of UTF-16.
            write!(safe, "\\u{:04x}", u32::from(char)).expect("a text takes all");
        } else {
            safe.push(char);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_told_nothing_and_a_parser_all() {
        let text = "a\u{1b}[2J\n\u{7f}\u{9b}2J\u{202e}€";
        let line = line(&text);
        assert!(!line.contains(is_obeyed), "{line:?}");
        assert!(line.contains('€'), "{line:?}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }
}
