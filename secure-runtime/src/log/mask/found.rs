//! What was found in a text, and the text without it.

use std::ops::Range;

use crate::scrub::Buffer;

/// A part of a text that is not to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) range: Range<usize>,
    pub(super) kind: &'static str,
    /// What stands for it needs quotes to be JSON.
    pub(crate) quoted: bool,
}

/// Parts that overlap or touch become one, of the longer one's kind, and none cuts an escape or a character in two: half an
/// escape would change what follows, up to the end of the text that it is in.
pub(super) fn joined(text: &[u8], mut found: Vec<Found>) -> Vec<Found> {
    for part in &mut found {
        part.range = whole(text, part.range.clone());
    }
    found.sort_by_key(|part| (part.range.start, std::cmp::Reverse(part.range.end)));
    let mut joined: Vec<Found> = Vec::with_capacity(found.len());
    for part in found {
        match joined.last_mut() {
            Some(last) if part.range.start <= last.range.end => {
                if part.range.len() > last.range.len() {
                    last.kind = part.kind;
                }
                last.range.end = last.range.end.max(part.range.end);
                last.quoted |= part.quoted;
            }
            _ => joined.push(part),
        }
    }
    joined
}

fn whole(text: &[u8], Range { mut start, mut end }: Range<usize>) -> Range<usize> {
    while start > 0 && is_within_a_character(text, start) {
        start -= 1;
    }
    while is_within_a_character(text, end) {
        end += 1;
    }
    if let Some(escape) = escape_across(text, start) {
        start = escape.start;
    }
    if let Some(escape) = escape_across(text, end) {
        end = escape.end;
    }
    start..end
}

fn is_within_a_character(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(|byte| byte & 0xC0 == 0x80)
}

/// The escape that begins before a place and ends behind it.
fn escape_across(text: &[u8], at: usize) -> Option<Range<usize>> {
    (1..=5.min(at)).find_map(|back| {
        let start = at - back;
        let backslashes = text[..=start].iter().rev().take_while(|&&byte| byte == b'\\').count();
        let hex = |digits: &[u8]| digits.iter().take(4).take_while(|digit| digit.is_ascii_hexdigit()).count();
        let length = match text.get(start + 1)? {
            b'u' => 2 + hex(&text[start + 2..]),
            _ => 2,
        };
        (backslashes % 2 == 1 && length > back).then_some(start..start + length)
    })
}

/// Appends the text, with `[redacted secret, 12 bytes]` where something was found: what it was, and how much of the text.
pub(crate) fn write(text: &[u8], found: &[Found], out: &mut Buffer) {
    let mut from = 0;
    for Found { range, kind, quoted } in found {
        let quote: &[u8] = if *quoted { b"\"" } else { b"" };
        let kind = kind.strip_prefix("a ").or_else(|| kind.strip_prefix("an ")).unwrap_or(kind);
        out.push(&text[from..range.start]);
        out.push(quote);
        out.push(b"[redacted ");
        out.push(kind.as_bytes());
        out.push(b", ");
        out.push(range.len().to_string().as_bytes());
        out.push(b" bytes]");
        out.push(quote);
        from = range.end;
    }
    out.push(&text[from..]);
}

/// In lines of JSON, widens what was found outside of texts (a number, say) to the whole value, and has it quoted.
pub(crate) fn quote_values(text: &[u8], found: &mut [Found]) {
    if !text.split(|&byte| byte == b'\n').any(|line| line.starts_with(b"{")) {
        return;
    }
    let (mut in_json, mut in_text, mut escaped) = (text.starts_with(b"{"), false, false);
    let mut parts = found.iter_mut().peekable();
    let mut opened_outside = false;
    for (at, &byte) in text.iter().enumerate() {
        let Some(part) = parts.peek_mut() else { return };
        if at == part.range.start {
            opened_outside = in_json && !in_text;
        }
        if at + 1 == part.range.end {
            let closes_outside = in_json && (!in_text || (byte == b'"' && !escaped));
            if opened_outside && closes_outside {
                let bare = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
                let before = text[..part.range.start].iter().rev().take_while(bare).count();
                let after = text[part.range.end..].iter().take_while(bare).count();
                part.range = part.range.start - before..part.range.end + after;
                part.quoted = true;
            }
            parts.next();
        }
        match byte {
            b'\n' => (in_json, in_text, escaped) = (text[at + 1..].starts_with(b"{"), false, false),
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(range: Range<usize>) -> Found {
        Found { range, kind: "a secret", quoted: false }
    }

    fn masked(text: &str, found: Vec<Found>) -> String {
        let mut found = joined(text.as_bytes(), found);
        quote_values(text.as_bytes(), &mut found);
        let found = joined(text.as_bytes(), found);
        let mut out = Buffer::default();
        write(text.as_bytes(), &found, &mut out);
        String::from_utf8(out.content().to_vec()).unwrap()
    }

    #[test]
    fn parts_that_overlap_or_touch_become_one() {
        for parts in [vec![2..5, 4..8], vec![2..8, 3..4], vec![5..8, 2..5], vec![2..3, 3..8, 2..8]] {
            let parts = parts.into_iter().map(found).collect();
            assert_eq!(masked("0123456789", parts), "01[redacted secret, 6 bytes]89");
        }
        assert_eq!(
            masked("0123", vec![found(0..1), found(3..4)]),
            "[redacted secret, 1 bytes]12[redacted secret, 1 bytes]"
        );
        let kinds = vec![found(0..2), Found { kind: "an npm token", ..found(1..5) }];
        assert_eq!(masked("012345", kinds), "[redacted npm token, 5 bytes]5");
    }

    #[test]
    fn no_escape_and_no_character_is_cut() {
        for (text, range, expected) in [
            ("a\\nbcd", 2..4, "a[redacted secret, 3 bytes]cd"),
            ("ab\\\"cd", 0..3, "[redacted secret, 4 bytes]cd"),
            ("ab\\\\\"cd", 0..4, "[redacted secret, 4 bytes]\"cd"),
            ("a\\\\bcd", 3..5, "a\\\\[redacted secret, 2 bytes]d"),
            ("\\u00e9bc", 4..7, "[redacted secret, 7 bytes]c"),
            ("bc\\u00e9d", 0..5, "[redacted secret, 8 bytes]d"),
            ("\\\\u00e9b", 5..8, "\\\\u00[redacted secret, 3 bytes]"),
            ("\u{e9}bc", 1..3, "[redacted secret, 3 bytes]c"),
            ("b\u{1f600}c", 0..2, "[redacted secret, 5 bytes]c"),
            ("ab\\", 0..3, "[redacted secret, 3 bytes]"),
            ("ab\\u0", 0..3, "[redacted secret, 5 bytes]"),
        ] {
            assert_eq!(masked(text, vec![found(range)]), expected, "{text}");
        }
    }

    #[test]
    fn a_value_of_json_stays_one() {
        for (text, range, expected) in [
            (r#"{"n":12345,"m":1}"#, 6..8, r#"{"n":"[redacted secret, 5 bytes]","m":1}"#),
            (r#"{"n":[12345,1]}"#, 6..11, r#"{"n":["[redacted secret, 5 bytes]",1]}"#),
            (r#"{"n":-1.5e9,"m":1}"#, 8..9, r#"{"n":"[redacted secret, 6 bytes]","m":1}"#),
            (r#"{"n":"12345"}"#, 6..11, r#"{"n":"[redacted secret, 5 bytes]"}"#),
            (r#"{"n":"a\"5,6"}"#, 9..10, r#"{"n":"a\"[redacted secret, 1 bytes],6"}"#),
            (r#"{"n":"x"}"#, 5..8, r#"{"n":"[redacted secret, 3 bytes]"}"#),
            ("text 12345", 5..10, "text [redacted secret, 5 bytes]"),
            ("text\n{\"n\":12}", 10..12, "text\n{\"n\":\"[redacted secret, 2 bytes]\"}"),
        ] {
            assert_eq!(masked(text, vec![found(range)]), expected, "{text}");
        }
    }
}
