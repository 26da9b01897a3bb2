//! A line as it reads when escapes are undone.
//!
//! A secret that was escaped, by whichever rules and however often, is found in a view by its plain bytes. That is both surer and
//! cheaper than to look for every way to escape it.

use std::ops::Range;

use super::shapes::any;
use crate::scrub::Buffer;

/// How often in a row escapes are undone: a JSON text in a JSON text in a line of JSON.
const DEPTH: usize = 3;

/// Shows `look` each view of a line, the line itself first.
pub(super) fn each(line: &[u8], plus: bool, look: &mut dyn FnMut(&View<'_>)) {
    below(&View { bytes: line, origin: None }, DEPTH, plus, look);
}

fn below(view: &View<'_>, depth: usize, plus: bool, look: &mut dyn FnMut(&View<'_>)) {
    look(view);
    if depth == 0 || !any(view.bytes, starts_any) {
        return;
    }
    for escapes in [Escapes::Backslash, Escapes::Percent, Escapes::Form] {
        if escapes.might_be_in(view.bytes, plus)
            && let Some(undone) = Undone::of(view.bytes, escapes)
        {
            below(&View { bytes: undone.bytes.content(), origin: Some((&undone, view)) }, depth - 1, plus, look);
        }
    }
}

/// Whether a byte starts an escape of some kind. Without branches, so that many are looked at at once.
#[allow(clippy::needless_bitwise_bool, reason = "a lazy operator is a branch")]
fn starts_any(byte: u8) -> bool {
    (byte == b'\\') | (byte == b'%') | (byte == b'+')
}

/// A line, or what it reads like.
pub(super) struct View<'v> {
    pub(super) bytes: &'v [u8],
    origin: Option<(&'v Undone, &'v View<'v>)>,
}

impl View<'_> {
    /// Where in the line itself a part of the view stands. Escapes belong to it whole.
    pub(super) fn in_line(&self, range: Range<usize>) -> Range<usize> {
        match self.origin {
            None => range,
            Some((undone, parent)) => parent.in_line(undone.in_source(parent.bytes, range)),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    /// `\"`, `\n`, `\/`, `\u00e9`, `\u{e9}`, `\xe9`: JSON's and Rust's.
    Backslash,
    /// `%C3%A9`
    Percent,
    /// The same, where `+` is a space.
    Form,
}

impl Escapes {
    fn might_be_in(self, text: &[u8], plus: bool) -> bool {
        match self {
            Self::Backslash => text.contains(&b'\\'),
            Self::Percent => text.contains(&b'%'),
            // For the one character that it adds, and only where a secret has it.
            Self::Form => plus && text.contains(&b'+'),
        }
    }

    /// The first escape of a text, and how long it is.
    fn first(self, text: &[u8]) -> Option<(Plain, usize)> {
        match (self, text) {
            (Self::Backslash, [b'\\', rest @ ..]) => backslash(rest).map(|(plain, length)| (plain, length + 1)),
            (Self::Percent | Self::Form, [b'%', high, low, ..]) => Some((byte(hex(&[*high, *low])?), 3)),
            (Self::Form, [b'+', ..]) => Some((byte(u32::from(b' ')), 1)),
            _ => None,
        }
    }

    fn starts(self, byte: u8) -> bool {
        match self {
            Self::Backslash => byte == b'\\',
            Self::Percent => byte == b'%',
            Self::Form => byte == b'%' || byte == b'+',
        }
    }
}

/// What an escape stands for: up to four bytes.
type Plain = ([u8; 4], usize);

fn byte(value: u32) -> Plain {
    ([u8::try_from(value).unwrap_or_default(), 0, 0, 0], 1)
}

fn character(value: u32) -> Option<Plain> {
    let mut bytes = [0; 4];
    let length = char::from_u32(value)?.encode_utf8(&mut bytes).len();
    Some((bytes, length))
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, &digit| Some(value << 4 | char::from(digit).to_digit(16)?))
}

/// An escape, from behind its backslash.
fn backslash(text: &[u8]) -> Option<(Plain, usize)> {
    let plain = match text.first()? {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'f' => 12,
        b'0' => 0,
        &same @ (b'"' | b'\\' | b'/' | b'\'') => same,
        b'x' => return Some((byte(hex(text.get(1..3)?)?), 3)),
        b'u' if text.get(1) == Some(&b'{') => {
            let end = text.iter().take(9).position(|&byte| byte == b'}')?;
            return Some((character(hex(&text[2..end])?)?, end + 1));
        }
        b'u' => return utf16(text),
        _ => return None,
    };
    Some((byte(u32::from(plain)), 1))
}

/// `u00e9`, or `ud83d\ude00`.
fn utf16(text: &[u8]) -> Option<(Plain, usize)> {
    let unit = hex(text.get(1..5)?)?;
    if let Some(plain) = character(unit) {
        return Some((plain, 5));
    }
    let low = hex(text.get(5..11)?.strip_prefix(b"\\u")?)?;
    let is_pair = (0xD800..0xDC00).contains(&unit) && (0xDC00..0xE000).contains(&low);
    let value = is_pair.then(|| 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00))?;
    Some((character(value)?, 11))
}

/// A text without its escapes.
struct Undone {
    bytes: Buffer,
    escapes: Escapes,
}

impl Undone {
    /// `None`: it has none.
    fn of(source: &[u8], escapes: Escapes) -> Option<Self> {
        let mut undone = Self { bytes: Buffer::of(source.len()), escapes };
        let mut any = false;
        pieces(source, escapes, |piece| {
            match piece {
                Piece::Same(range) => undone.bytes.push(&source[range]),
                Piece::Escape((plain, length), _) => {
                    any = true;
                    undone.bytes.push(&plain[..length]);
                }
            }
            true
        });
        any.then_some(undone)
    }

    /// Where a part of it stood. Asked only where something was found, so it goes through the source again.
    fn in_source(&self, source: &[u8], range: Range<usize>) -> Range<usize> {
        let (mut start, mut end, mut at) = (source.len(), source.len(), 0);
        pieces(source, self.escapes, |piece| {
            let (from, to, length) = match &piece {
                Piece::Same(same) => (same.start, same.end, same.len()),
                Piece::Escape((_, length), escape) => (escape.start, escape.end, *length),
            };
            let plain = at..at + length;
            let same = matches!(piece, Piece::Same(_));
            if plain.contains(&range.start) {
                start = if same { from + range.start - at } else { from };
            }
            if range.end > plain.start && range.end <= plain.end {
                end = if same { from + range.end - at } else { to };
            }
            at += length;
            at < range.end
        });
        start..end
    }
}

enum Piece {
    Same(Range<usize>),
    Escape(Plain, Range<usize>),
}

/// Takes a text apart, until `take` has enough.
fn pieces(source: &[u8], escapes: Escapes, mut take: impl FnMut(Piece) -> bool) {
    let mut at = 0;
    while at < source.len() {
        let piece = if let Some((plain, length)) = escapes.first(&source[at..]) {
            Piece::Escape(plain, at..at + length)
        } else {
            // What starts no escape here starts none: it is taken with what follows.
            let more = source[at + 1..].iter().position(|&byte| escapes.starts(byte));
            Piece::Same(at..more.map_or(source.len(), |more| at + 1 + more))
        };
        at = match &piece {
            Piece::Same(range) | Piece::Escape(_, range) => range.end,
        };
        if !take(piece) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(line: &str) -> Vec<String> {
        let mut views = Vec::new();
        each(line.as_bytes(), true, &mut |view| views.push(String::from_utf8_lossy(view.bytes).into_owned()));
        views
    }

    #[test]
    fn a_line_without_escapes_has_one_view() {
        for line in ["", "plain \u{e9}", "100 % of it", "C:\\wiki\\", "\\u12", "\\u{110000}", "\\xg0", "\\ud83d\\n"] {
            assert_eq!(views(line)[0], line);
        }
        assert_eq!(views("plain 100 %").len(), 1);
        assert_eq!(views("C:\\wiki\\"), ["C:\\wiki\\"]);
    }

    #[test]
    fn escapes_of_json_rust_and_urls_are_undone() {
        for (line, plain) in [
            (r#"a\"b\\c\/d\ne"#, "a\"b\\c/d\ne"),
            (r"\u00e9\u00E9\ud83d\ude00", "\u{e9}\u{e9}\u{1f600}"),
            (r"\u{301}\u{e9}\'\0\x41\r\t\b\f", "\u{301}\u{e9}'\0A\r\t\u{8}\u{c}"),
            ("%C3%a9%20%%41+", "\u{e9} %A+"),
            ("%41+b", "A b"),
            (r"\q\u00e9", "\\q\u{e9}"),
        ] {
            assert!(views(line).contains(&plain.to_owned()), "{line} {:?}", views(line));
        }
    }

    #[test]
    fn escapes_in_escapes_are_undone_too() {
        let text = "say \"\\\u{e9}\"";
        let once = serde_json::to_string(text).unwrap();
        let twice = serde_json::to_string(&once).unwrap();
        let thrice = serde_json::to_string(&twice).unwrap();
        for line in [once, twice, thrice, r"%5C%22say %22%5C%5C%C3%A9".to_owned()] {
            assert!(views(&line).iter().any(|view| view.contains(&text[..8])), "{line} {:?}", views(&line));
        }
    }

    #[test]
    fn a_part_of_a_view_is_found_in_the_line_with_its_whole_escapes() {
        let line = r#"x\u00e9yz\"q %41 \\\"w"#;
        let mut parts = Vec::new();
        each(line.as_bytes(), false, &mut |view| {
            for part in ["\u{e9}", "\u{e9}yz", "yz\"q", "z\"", "A", "\"w"] {
                if let Some(at) = view.bytes.windows(part.len()).position(|window| window == part.as_bytes()) {
                    parts.push((part, line[view.in_line(at..at + part.len())].to_owned()));
                }
            }
        });
        for (part, written) in [
            ("\u{e9}", r"\u00e9"),
            ("\u{e9}yz", r"\u00e9yz"),
            ("yz\"q", r#"yz\"q"#),
            ("z\"", r#"z\""#),
            ("A", "%41"),
            ("\"w", r#"\"w"#),
            ("\"w", r#"\\\"w"#),
        ] {
            assert!(parts.contains(&(part, written.to_owned())), "{part} {written} {parts:?}");
        }
    }
}
