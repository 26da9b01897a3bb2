//! Text that can't end a line, and can't move a terminal's cursor.

use std::fmt;

use crate::scrub::Buffer;

/// What a text stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// Quotes: they are escaped, and so is what escapes.
    Quotes,
    /// Nothing: only what would end the line or act on a terminal is escaped.
    Line,
}

/// Takes text, escapes it as JSON does, and appends it. `\"` and `\\` in quotes, control characters anywhere; also those that
/// JSON allows: U+007F to U+009F, line and paragraph separators, and what changes the direction of text.
pub(super) struct Escaping<'b> {
    pub(super) out: &'b mut Buffer,
    pub(super) within: Within,
}

impl fmt::Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let bytes = text.as_bytes();
        let (mut from, mut at) = (0, 0);
        while at < bytes.len() {
            // Most of most texts is plain, and is looked at many bytes at once.
            if let Some(chunk) = bytes.get(at..at + 16)
                && chunk.iter().fold(true, |all, &byte| all & is_plain(byte))
            {
                at += 16;
                continue;
            }
            let chunk = at..bytes.len().min(at + 16);
            at = chunk.end;
            for place in chunk.filter(|&place| !PLAIN[usize::from(bytes[place])]) {
                if self.within == Within::Line && matches!(bytes[place], b'"' | b'\\') {
                    continue;
                }
                // The characters in question begin with one of three bytes, as harmless ones do.
                let character = text.get(place..).and_then(|rest| rest.chars().next());
                let Some(character) = character.filter(|&character| is_escaped(character)) else { continue };
                self.out.push(&bytes[from..place]);
                escape(character, self.out);
                from = place + character.len_utf8();
            }
        }
        self.out.push(&bytes[from..]);
        Ok(())
    }
}

/// Whether a byte is a whole character that isn't escaped. Without branches, so that many are looked at at once.
#[allow(clippy::needless_bitwise_bool, clippy::manual_range_contains, reason = "a lazy operator is a branch")]
fn is_plain(byte: u8) -> bool {
    (byte >= b' ') & (byte < 0x7F) & (byte != b'"') & (byte != b'\\')
}

/// Whether nothing that begins with the byte is escaped.
const PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut control = 0;
    while control < 0x20 {
        plain[control] = false;
        control += 1;
    }
    let others = [b'"', b'\\', 0x7F, 0xC2, 0xD8, 0xE2];
    let mut at = 0;
    while at < others.len() {
        plain[others[at] as usize] = false;
        at += 1;
    }
    plain
};

fn is_escaped(character: char) -> bool {
    character.is_control()
        || matches!(character, '"' | '\\')
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escape(character: char, out: &mut Buffer) {
    let short = match character {
        '"' => b'"',
        '\\' => b'\\',
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        _ => {
            let hex = |shift: u32| b"0123456789abcdef"[(u32::from(character) >> shift & 15) as usize];
            out.push(&[b'\\', b'u', hex(12), hex(8), hex(4), hex(0)]);
            return;
        }
    };
    out.push(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn escaped(text: &str, within: Within) -> String {
        let mut out = Buffer::default();
        Escaping { out: &mut out, within }.write_str(text).unwrap();
        String::from_utf8(out.content().to_vec()).unwrap()
    }

    #[test]
    fn what_ends_a_line_or_moves_a_cursor_is_escaped() {
        let text =
            "a\"\\\n\r\t\u{1b}[2J\u{7f}\u{85}\u{2028}\u{202e}\u{2067}\u{61c}\u{e9}\u{a9}\u{20ac}\u{1f600}\u{634}";
        let shared = r"\n\r\t\u001b[2J\u007f\u0085\u2028\u202e\u2067\u061c";
        let same = "\u{e9}\u{a9}\u{20ac}\u{1f600}\u{634}";
        assert_eq!(escaped(text, Within::Quotes), format!(r#"a\"\\{shared}{same}"#));
        assert_eq!(escaped(text, Within::Line), format!("a\"\\{shared}{same}"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn json_reads_it_back(text in any::<String>()) {
            let quoted = format!("\"{}\"", escaped(&text, Within::Quotes));
            prop_assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text);
        }
    }
}
