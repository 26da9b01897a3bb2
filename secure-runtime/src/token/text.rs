//! What a token looks like: a prefix by which scanners find it, 256 random bits, and a checksum by which they know that it is one.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// In `credential_shapes!` too, so that the log masks tokens and SH016 rejects them in the source.
const PREFIX: &str = "srt_";
/// 32 bytes in base64url.
const BODY: usize = 43;
/// 4 bytes in base64url.
const CHECKSUM: usize = 6;
const CHECKED: usize = PREFIX.len() + BODY;
pub(super) const LENGTH: usize = CHECKED + CHECKSUM;

/// The text of a token, written once and where it stays.
pub(super) fn of(random: &[u8; 32]) -> String {
    let mut text = vec![0; LENGTH];
    text[..PREFIX.len()].copy_from_slice(PREFIX.as_bytes());
    encode(random, &mut text[PREFIX.len()..CHECKED]);
    let checksum = checksum(&text[..CHECKED]);
    text[CHECKED..].copy_from_slice(&checksum);
    String::from_utf8(text).expect("base64url is ASCII")
}

/// Whether a text is one that [`of`] gives: length, prefix, alphabet and checksum.
pub(super) fn is_well_formed(text: &str) -> bool {
    let Some((checked, sum)) = text.as_bytes().split_at_checked(CHECKED) else { return false };
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    sum.len() == CHECKSUM
        && checked.starts_with(PREFIX.as_bytes())
        && checked.iter().all(word)
        && sum == checksum(checked)
}

/// By what a store knows a token, and what tells nobody else anything: there is no way back from it to 256 random bits.
pub(super) fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// A hash as a text.
pub(super) fn encoded(hash: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(hash)
}

/// The hash of a text that [`encoded`] gives.
pub(super) fn decoded(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

fn checksum(checked: &[u8]) -> [u8; CHECKSUM] {
    let mut sum = [0; CHECKSUM];
    encode(&Sha256::digest(checked)[..4], &mut sum);
    sum
}

fn encode(bytes: &[u8], out: &mut [u8]) {
    let written = URL_SAFE_NO_PAD.encode_slice(bytes, out).expect("there is room for it");
    debug_assert_eq!(written, out.len());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By `hashlib` and `base64` of another language.
    const KNOWN: &str = "srt_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh86hrUIA";

    #[test]
    fn a_text_and_its_hash_are_known_answers() {
        let bytes: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).unwrap());
        assert_eq!(of(&bytes), KNOWN);
        assert_eq!(encoded(&hash(KNOWN)), "btdhFWABOsSgZXJ_Lp-Rtvf5DUFW4m12cHeOJ4pBWCo");
        assert_eq!(decoded(&encoded(&hash(KNOWN))), Some(hash(KNOWN)));
    }

    #[test]
    fn what_differs_in_any_byte_is_not_well_formed() {
        assert!(is_well_formed(KNOWN));
        for at in 0..KNOWN.len() {
            for byte in (0..128).filter(|byte| *byte != KNOWN.as_bytes()[at]) {
                let mut bytes = KNOWN.as_bytes().to_vec();
                bytes[at] = byte;
                assert!(!is_well_formed(&String::from_utf8(bytes).unwrap()), "{at} {byte}");
            }
            assert!(!is_well_formed(&KNOWN[..at]) && !is_well_formed(&KNOWN[at + 1..]), "{at}");
        }
        assert!(!is_well_formed(&format!("{KNOWN}A")) && !is_well_formed(&format!(" {KNOWN}")));
        assert!(!is_well_formed(&"é".repeat(LENGTH)) && !is_well_formed(&"é".repeat(LENGTH / 2)));
    }

    #[test]
    fn a_hash_is_written_in_one_way_only() {
        let text = encoded(&[0xff; 32]);
        assert_eq!(decoded(&text), Some([0xff; 32]));
        for wrong in [&text[1..], &format!("{text}="), &format!("{text}A"), &text.replace("_8", "_9"), ""] {
            assert_eq!(decoded(wrong), None, "{wrong}");
        }
    }
}
