//! The forms that a canary can lie in memory in.

use std::{fmt, fmt::Write as _, ops::Range};

use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD, Engine as _};

/// How a canary was encoded where it was found.
///
/// ```
/// use secure_testing::memory::Encoding;
///
/// assert_eq!(Encoding::Base64Url.to_string(), "base64url");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// As it is.
    Raw,
    /// Base64 with the standard alphabet (RFC 4648, section 4), at any of its three alignments.
    Base64,
    /// Base64 with the URL-safe alphabet (RFC 4648, section 5). What both alphabets write alike
    /// counts as [`Base64`](Self::Base64).
    Base64Url,
    /// Hexadecimal with lower-case letters.
    HexLower,
    /// Hexadecimal with upper-case letters. Digits alone count as [`HexLower`](Self::HexLower).
    HexUpper,
    /// With its ASCII letters in upper case.
    Upper,
    /// With its ASCII letters in lower case.
    Lower,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Raw => "raw",
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
            Self::HexLower => "hex lower",
            Self::HexUpper => "hex upper",
            Self::Upper => "upper",
            Self::Lower => "lower",
        })
    }
}

/// A canary's text in one encoding: the characters that the canary alone determines.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) canary: usize,
    pub(super) encoding: Encoding,
    pub(super) text: Vec<u8>,
    bits_per_character: usize,
    /// The canary's first bits that share a character with what stands before it.
    skipped_bits: usize,
}

impl Form {
    pub(super) fn all(canary: usize, bytes: &[u8]) -> Vec<Self> {
        let plain =
            |encoding, text, bits_per_character| Self { canary, encoding, text, bits_per_character, skipped_bits: 0 };
        let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let mut forms = vec![
            plain(Encoding::Raw, bytes.to_vec(), 8),
            plain(Encoding::HexLower, hex.clone().into_bytes(), 4),
            plain(Encoding::HexUpper, hex.to_uppercase().into_bytes(), 4),
            plain(Encoding::Upper, bytes.to_ascii_uppercase(), 8),
            plain(Encoding::Lower, bytes.to_ascii_lowercase(), 8),
        ];
        for before in 0..3 {
            let input = [&[0; 3][..before], bytes].concat();
            // Six bits a character: those at either end may hold bits of a neighbour.
            let first = (8 * before).div_ceil(6);
            let known = first..8 * input.len() / 6;
            for (encoding, text) in [
                (Encoding::Base64, BASE64_STANDARD_NO_PAD.encode(&input)),
                (Encoding::Base64Url, BASE64_URL_SAFE_NO_PAD.encode(&input)),
            ] {
                let text = text.as_bytes()[known.clone()].to_vec();
                let skipped_bits = 6 * first - 8 * before;
                forms.push(Self { canary, encoding, text, bits_per_character: 6, skipped_bits });
            }
        }
        forms
    }

    /// The canary's bytes that a part of the text tells something about.
    pub(super) fn bytes(&self, part: &Range<usize>) -> Range<usize> {
        let bit = |character| self.skipped_bits + character * self.bits_per_character;
        bit(part.start) / 8..bit(part.end).div_ceil(8)
    }
}
