//! What a secret looks like in a log line, other than as it is.

use std::{fmt::Write as _, io::Write as _};

use crate::scrub::Buffer;

/// A way to write bytes down that a [view](super::view) of the line doesn't undo, or not wherever the encoded secret may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As it is. The case of ASCII's letters is looked past, here and in all others.
    Raw,
    /// In capitals, or in small letters, where it has letters that are none of ASCII's.
    Case { upper: bool },
    /// Base64 of a text in which `before` bytes, modulo 3, stand before the secret.
    Base64 { url: bool, before: usize },
    /// `68756e746572`
    Hex,
    /// `[104, 117, 110]`, as Rust's `Debug` and JSON write bytes, without the brackets.
    List { spaced: bool },
    /// `\"`, `\n`, as JSON writes a text.
    Json,
    /// `\'`, `\u{301}`, as Rust's `Debug` writes a text.
    Debug,
    /// `\xff`, as Rust's `b".."` and `Bytes` write bytes.
    Bytes,
}

impl Encoding {
    pub(super) const ALL: [Self; 15] = [
        Self::Raw,
        Self::Case { upper: true },
        Self::Case { upper: false },
        Self::Base64 { url: false, before: 0 },
        Self::Base64 { url: false, before: 1 },
        Self::Base64 { url: false, before: 2 },
        Self::Base64 { url: true, before: 0 },
        Self::Base64 { url: true, before: 1 },
        Self::Base64 { url: true, before: 2 },
        Self::Hex,
        Self::List { spaced: true },
        Self::List { spaced: false },
        Self::Json,
        Self::Debug,
        Self::Bytes,
    ];

    /// Those that a secret under six bytes is looked for in, and that don't depend on what stands around it.
    pub(super) const WHOLE: [Self; 3] = [Self::Raw, Self::Base64 { url: false, before: 0 }, Self::Hex];

    /// The same for a secret that nothing stands beside: base64 of it alone has no edges.
    pub(super) fn write_whole(self, secret: &[u8], out: &mut Buffer) {
        if matches!(self, Self::Base64 { .. }) {
            let mut padded = Buffer::of(secret.len() + 2);
            padded.push(secret);
            padded.push(&[0; 2][..2 * usize::from(!secret.len().is_multiple_of(3))]);
            let start = out.len();
            self.write(padded.content(), out);
            out.truncate(start + (8 * secret.len()).div_ceil(6));
        } else {
            self.write(secret, out);
        }
    }

    /// How many bytes of a secret it takes to write `length` characters.
    pub(super) fn enough_for(self, length: usize) -> usize {
        match self {
            Self::Hex | Self::List { .. } => length.div_ceil(2),
            Self::Base64 { .. } => length * 6 / 8 + 2,
            // A letter of three bytes may have a capital of one.
            Self::Case { .. } => 3 * length,
            Self::Raw | Self::Json | Self::Debug | Self::Bytes => length,
        }
    }

    /// Appends the secret as this encoding writes it. `false`: it can't, or writes it as it is.
    pub(super) fn write(self, secret: &[u8], out: &mut Buffer) -> bool {
        match self {
            Self::Raw => out.push(secret),
            Self::Case { upper } => {
                let Some(text) = text(secret).filter(|text| !text.is_ascii()) else { return false };
                let mut push = |letter: char| out.push(letter.encode_utf8(&mut [0; 4]).as_bytes());
                for letter in text.chars() {
                    if upper {
                        letter.to_uppercase().for_each(&mut push);
                    } else {
                        letter.to_lowercase().for_each(&mut push);
                    }
                }
            }
            Self::Base64 { url, before } => base64(secret, url, before, out),
            Self::Hex => {
                let room = out.room(2 * secret.len());
                for (pair, byte) in room.as_chunks_mut::<2>().0.iter_mut().zip(secret) {
                    *pair = [digit(byte >> 4), digit(byte & 15)];
                }
                out.fill(2 * secret.len());
            }
            Self::List { spaced } => {
                let room = out.room(5 * secret.len());
                let mut at = 0;
                for (index, &byte) in secret.iter().enumerate() {
                    let all = [b',', b' ', b'0' + byte / 100, b'0' + byte / 10 % 10, b'0' + byte % 10];
                    let separator = &all[..if index == 0 { 0 } else { 1 + usize::from(spaced) }];
                    let digits = &all[2 + usize::from(byte < 100) + usize::from(byte < 10)..];
                    for &byte in separator.iter().chain(digits) {
                        room[at] = byte;
                        at += 1;
                    }
                }
                out.fill(at);
            }
            Self::Json | Self::Debug | Self::Bytes if !secret.iter().copied().any(is_escaped) => return false,
            Self::Json => {
                let Some(text) = text(secret) else { return false };
                let mut json = Buffer::of(6 * text.len() + 2);
                serde_json::to_writer(&mut json, text).expect("a text serialises, and the buffer takes everything");
                out.push(&json.content()[1..json.len() - 1]);
            }
            Self::Debug => {
                let Some(text) = text(secret) else { return false };
                let mut shown = Buffer::of(8 * text.len() + 2);
                let _ = write!(Utf8(&mut shown), "{text:?}");
                out.push(&shown.content()[1..shown.len() - 1]);
            }
            Self::Bytes => {
                for &byte in secret {
                    let _ = write!(out, "{}", byte.escape_ascii());
                }
            }
        }
        true
    }
}

/// Whether anybody escapes it.
fn is_escaped(byte: u8) -> bool {
    !(b' '..=b'~').contains(&byte) || b"\"'\\/".contains(&byte)
}

struct Utf8<'b>(&'b mut Buffer);

impl std::fmt::Write for Utf8<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.push(text.as_bytes());
        Ok(())
    }
}

/// The secret as a text, but for a character at its end that was cut in two.
fn text(secret: &[u8]) -> Option<&str> {
    match std::str::from_utf8(secret) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&secret[..error.valid_up_to()]).ok(),
        Err(_) => None,
    }
}

fn digit(nibble: u8) -> u8 {
    b"0123456789abcdef"[usize::from(nibble)]
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The characters that depend on the secret alone: those at the edges hold bits of what stands beside it.
fn base64(secret: &[u8], url: bool, before: usize, out: &mut Buffer) {
    let alphabet = if url { URL } else { STANDARD };
    // A character is six bits; the first one whole begins some bits into the secret.
    let skipped = [0, 4, 2][before];
    let room = out.room(8 * secret.len() / 6 + 1);
    let (mut bits, mut held, mut at) = (0u32, 0, 0);
    for (index, &byte) in secret.iter().enumerate() {
        bits = bits << 8 | u32::from(byte);
        held += if index == 0 { 8 - skipped } else { 8 };
        while held >= 6 {
            held -= 6;
            room[at] = alphabet[(bits >> held & 63) as usize];
            at += 1;
        }
    }
    out.fill(at);
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, prelude::*};

    use super::*;

    fn written(encoding: Encoding, secret: &[u8]) -> Option<String> {
        let mut out = Buffer::default();
        encoding.write(secret, &mut out).then(|| String::from_utf8_lossy(out.content()).into_owned())
    }

    #[test]
    fn each_encoding_writes_what_its_name_says() {
        let text = "p\"\\\n\u{e9}'/".as_bytes();
        for (encoding, secret, expected) in [
            (Encoding::Raw, &b"hunter2"[..], Some("hunter2")),
            (Encoding::Case { upper: true }, "a\u{e9}\u{df}Z".as_bytes(), Some("A\u{c9}SSZ")),
            (Encoding::Case { upper: false }, "a\u{c9}Z".as_bytes(), Some("a\u{e9}z")),
            (Encoding::Case { upper: true }, b"hunter2", None),
            (Encoding::Hex, b"\x0a\xffk", Some("0aff6b")),
            (Encoding::List { spaced: true }, b"\x00\x09k", Some("0, 9, 107")),
            (Encoding::List { spaced: false }, b"\x00\x09k", Some("0,9,107")),
            (Encoding::Json, text, Some("p\\\"\\\\\\n\u{e9}'/")),
            (Encoding::Debug, text, Some("p\\\"\\\\\\n\u{e9}'/")),
            (Encoding::Bytes, text, Some("p\\\"\\\\\\n\\xc3\\xa9\\'/")),
            (Encoding::Json, b"hunter2", None),
            (Encoding::Json, b"\xff\xfe..", None),
            (Encoding::Debug, b"\xff\xfe..", None),
        ] {
            assert_eq!(written(encoding, secret).as_deref(), expected, "{encoding:?}");
        }
    }

    #[test]
    fn base64_is_what_any_neighbours_leave_of_it() {
        let secret = b"a secret of some length?>";
        for (url, engine) in [(false, &BASE64_STANDARD), (true, &BASE64_URL_SAFE)] {
            for before in 0..3 {
                let own = written(Encoding::Base64 { url, before }, secret).unwrap();
                for (left, right) in [("\0\0", ""), ("\u{7f}~", "~"), ("xy", "xyz")] {
                    let whole = [&left.as_bytes()[..before], secret, right.as_bytes()].concat();
                    let whole = engine.encode(whole);
                    assert!(whole.contains(&own), "{own} {whole}");
                    assert!(whole.len() <= own.len() + 12, "no more than the edges is left out");
                }
            }
        }
        let whole = |secret: &[u8]| {
            let mut out = Buffer::default();
            Encoding::Base64 { url: false, before: 0 }.write_whole(secret, &mut out);
            String::from_utf8(out.content().to_vec()).unwrap()
        };
        for secret in [&b"abc"[..], b"abcd", b"abcde", b"\xff\xff\xff\xff"] {
            assert_eq!(whole(secret), BASE64_STANDARD_NO_PAD.encode(secret));
        }
    }
}
