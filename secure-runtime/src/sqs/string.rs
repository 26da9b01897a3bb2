//! What a JSON string stands for, in a buffer that is wiped.

use crate::scrub::Buffer;

/// Appends what a JSON string, quotes and all, stands for. `None`: it is no string, or stands for no text, with half a surrogate
/// pair in it.
///
/// `serde_json` would put it together in memory of its own.
pub(super) fn unescape(literal: &[u8], into: &mut Buffer) -> Option<()> {
    let mut rest = literal.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    // Nothing is longer unescaped, so that no part is left in a block that was too small.
    into.reserve(rest.len());
    while let Some(plain) = rest.iter().position(|&byte| byte == b'\\') {
        into.push(&rest[..plain]);
        let (&escape, after) = rest[plain + 1..].split_first()?;
        rest = after;
        let character = match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = unit(&mut rest)?;
                match char::from_u32(first) {
                    Some(character) => character,
                    None => pair(first, &mut rest)?,
                }
            }
            _ => return None,
        };
        into.push(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    into.push(rest);
    Some(())
}

/// The four digits behind `\u`.
fn unit(rest: &mut &[u8]) -> Option<u32> {
    let (digits, after) = rest.split_at_checked(4)?;
    *rest = after;
    digits.iter().try_fold(0, |unit, &digit| Some(unit * 16 + char::from(digit).to_digit(16)?))
}

/// The character whose first half was read.
fn pair(first: u32, rest: &mut &[u8]) -> Option<char> {
    *rest = rest.strip_prefix(br"\u")?;
    char::decode_utf16([u16::try_from(first).ok()?, u16::try_from(unit(rest)?).ok()?]).next()?.ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unescaped(literal: &[u8]) -> Option<Vec<u8>> {
        let mut buffer = Buffer::default();
        unescape(literal, &mut buffer).map(|()| buffer.content().to_vec())
    }

    #[test]
    fn it_reads_every_escape() {
        let literal = br#""\"\\\/\b\f\n\r\t \u00e9\u20AC \ud83d\ude00 plain""#;
        assert_eq!(unescaped(literal).unwrap(), "\"\\/\u{8}\u{c}\n\r\t é€ 😀 plain".as_bytes());
        assert_eq!(unescaped(b"\"\"").unwrap(), b"");
    }

    #[test]
    fn what_stands_for_no_text_is_none() {
        for literal in
            [&br#""\ud83d""#[..], br#""\ud83dx""#, br#""\ud83d\u0041""#, br#""\ude00""#, b"7", b"\"", b"", br#""\x""#]
        {
            assert_eq!(unescaped(literal), None, "{}", String::from_utf8_lossy(literal));
        }
    }

    proptest! {
        #[test]
        fn it_reads_what_serde_json_reads(text in any::<String>(), ascii in any::<bool>()) {
            let mut literal = serde_json::to_string(&text).unwrap();
            if ascii {
                let units: Vec<u16> = literal.encode_utf16().collect();
                let escaped = |unit: u16| if unit < 128 { String::from_utf16_lossy(&[unit]) } else { format!("\\u{unit:04x}") };
                literal = units.into_iter().map(escaped).collect::<Vec<_>>().concat();
            }
            prop_assert_eq!(unescaped(literal.as_bytes()).unwrap(), text.as_bytes());
        }

        #[test]
        fn it_agrees_with_serde_json_on_anything(inner in "[\\\\\"u0-9a-fDd]{0,12}") {
            let literal = format!("\"{inner}\"");
            // Quotes in the middle end the string: what comes here is a string already.
            if let Ok(raw) = serde_json::from_str::<&serde_json::value::RawValue>(&literal) {
                let expected = serde_json::from_str::<String>(raw.get()).ok().map(String::into_bytes);
                prop_assert_eq!(unescaped(literal.as_bytes()), expected);
            }
        }
    }
}
