//! What a secret looks like in a log line, other than as it is.

use std::{fmt::Write as _, io::Write as _};

use base64::{Engine as _, alphabet, engine::general_purpose};

use zeroize::Zeroize as _;

use crate::scrub::Buffer;

/// A way to write bytes down that a [view](super::view) of the line doesn't undo, or not wherever the encoded secret may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As it is. The case of letters is looked past, here and in all others.
    Raw,
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
    pub(super) const ALL: [Self; 13] = [
        Self::Raw,
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
            let mut encoded = [0; 8];
            let length = STANDARD.encode_slice(secret, &mut encoded).unwrap_or_default();
            out.push(&encoded[..length]);
            encoded.zeroize();
        } else {
            self.write(secret, out);
        }
    }

    /// Appends the secret as this encoding writes it. `false`: it can't, or writes it as it is.
    pub(super) fn write(self, secret: &[u8], out: &mut Buffer) -> bool {
        match self {
            Self::Raw => out.push(secret),
            Self::Base64 { url, before } => base64(secret, url, before, out),
            Self::Hex => {
                for byte in secret {
                    out.push(&[digit(byte >> 4), digit(byte & 15)]);
                }
            }
            Self::List { spaced } => {
                for (index, byte) in secret.iter().enumerate() {
                    let separator: &[u8] = if spaced { b", " } else { b"," };
                    out.push(if index == 0 { b"" } else { separator });
                    let _ = write!(out, "{byte}");
                }
            }
            Self::Json | Self::Debug | Self::Bytes if secret.iter().all(u8::is_ascii_alphanumeric) => return false,
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

const STANDARD: general_purpose::GeneralPurpose =
    general_purpose::GeneralPurpose::new(&alphabet::STANDARD, general_purpose::NO_PAD);
const URL: general_purpose::GeneralPurpose =
    general_purpose::GeneralPurpose::new(&alphabet::URL_SAFE, general_purpose::NO_PAD);

/// The characters that depend on the secret alone: those at the edges hold bits of what stands beside it.
fn base64(secret: &[u8], url: bool, before: usize, out: &mut Buffer) {
    let mut whole = Buffer::of(before + secret.len());
    whole.push(&[0, 0, 0][..before]);
    whole.push(secret);
    let bits = 8 * whole.len();
    let mut encoded = Buffer::of(bits / 6 + 4);
    let room = encoded.room(bits / 6 + 4);
    let engine = if url { &URL } else { &STANDARD };
    let Ok(length) = engine.encode_slice(whole.content(), room) else { return };
    encoded.fill(length);
    out.push(&encoded.content()[(8 * before).div_ceil(6)..bits / 6]);
}

#[cfg(test)]
mod tests {
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
        for (url, engine) in [(false, &STANDARD), (true, &URL)] {
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
    }
}
