//! One sealed chunk: AES-256-GCM ([NIST SP 800-38D](https://doi.org/10.6028/NIST.SP.800-38D)).
//!
//! ```text
//! nonce, 8 bytes | encrypted, 1 to 65,536 bytes | tag, 16 bytes
//! ```
//!
//! A nonce is a number that is counted up for each chunk that is sealed with a key, and never used twice. Bound in, but not
//! written: what this is, the chunk's place, and whether it is the last.

use aes_gcm::{
    Aes256Gcm,
    aead::{AeadInOut, KeyInit, inout::InOutBuf},
};

/// How much of a text is in a chunk, in bytes; there may be less in the last.
pub(crate) const CHUNK: usize = 64 * 1024;

/// How much longer a sealed chunk is than its text.
pub(crate) const OVERHEAD: usize = NONCE + TAG;

/// The length of a key.
pub(crate) const KEY: usize = 32;

const NONCE: usize = 8;
const TAG: usize = 16;

/// What a chunk is sealed for: it opens nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Which chunk of the text, from 0.
    pub(crate) index: u64,
    /// Whether the text ends with it.
    pub(crate) last: bool,
}

impl Place {
    fn bound(self) -> [u8; 25] {
        let mut bound = *b"sealed chunk 1: ________?";
        bound[16..24].copy_from_slice(&self.index.to_le_bytes());
        bound[24] = u8::from(self.last);
        bound
    }
}

/// It is no chunk of this key and place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Forged;

/// A cipher with its key. Its memory is wiped on drop.
pub(crate) struct Sealer(Aes256Gcm);

impl Sealer {
    pub(crate) fn new(key: &[u8; KEY]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Seals a text. `sealed` is as long as the text and [`OVERHEAD`].
    pub(crate) fn seal(&self, text: &[u8], nonce: u64, place: Place, sealed: &mut [u8]) {
        let (head, rest) = sealed.split_at_mut(NONCE);
        let (body, tail) = rest.split_at_mut(text.len());
        head.copy_from_slice(&nonce.to_le_bytes());
        let body = InOutBuf::new(text, body).expect("both are of the text's length");
        let tag = self.0.encrypt_inout_detached(&whole(nonce).into(), &place.bound(), body);
        tail.copy_from_slice(&tag.expect("a chunk is far shorter than what a nonce is good for"));
    }

    /// Opens a sealed chunk into `text`, which is as long as what was sealed, and says under which nonce that was.
    pub(crate) fn open(&self, sealed: &[u8], place: Place, text: &mut [u8]) -> Result<u64, Forged> {
        let (head, rest) = sealed.split_first_chunk::<NONCE>().ok_or(Forged)?;
        let (body, tag) = rest.split_last_chunk::<TAG>().ok_or(Forged)?;
        let nonce = u64::from_le_bytes(*head);
        let body = InOutBuf::new(body, text).map_err(|_| Forged)?;
        let opened = self.0.decrypt_inout_detached(&whole(nonce).into(), &place.bound(), body, tag.into());
        opened.map(|()| nonce).map_err(|_| Forged)
    }
}

/// The 96 bits that the cipher takes.
fn whole(nonce: u64) -> [u8; 12] {
    let mut whole = [0; 12];
    whole[..NONCE].copy_from_slice(&nonce.to_le_bytes());
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Place = Place { index: 0, last: false };

    fn sealed(text: &[u8], nonce: u64, place: Place) -> Vec<u8> {
        let mut sealed = vec![0; text.len() + OVERHEAD];
        Sealer::new(&[7; KEY]).seal(text, nonce, place, &mut sealed);
        sealed
    }

    fn opened(sealed: &[u8], place: Place) -> Result<(Vec<u8>, u64), Forged> {
        let mut text = vec![0; sealed.len().saturating_sub(OVERHEAD)];
        let nonce = Sealer::new(&[7; KEY]).open(sealed, place, &mut text)?;
        Ok((text, nonce))
    }

    #[test]
    fn a_chunk_opens_where_it_was_sealed_for() {
        for text in [&b"x"[..], &vec![0xA5; CHUNK], b""] {
            let chunk = sealed(text, 3, FIRST);
            assert_eq!(opened(&chunk, FIRST), Ok((text.to_vec(), 3)));
        }
    }

    #[test]
    fn a_chunk_opens_nowhere_else_and_under_no_other_key() {
        let chunk = sealed(b"a text", 3, FIRST);
        for place in [Place { index: 1, ..FIRST }, Place { last: true, ..FIRST }] {
            assert_eq!(opened(&chunk, place), Err(Forged));
        }
        assert_eq!(Sealer::new(&[8; KEY]).open(&chunk, FIRST, &mut [0; 6]), Err(Forged));
        for short in 0..chunk.len() {
            assert_eq!(opened(&chunk[..short], FIRST), Err(Forged));
        }
    }

    #[test]
    fn every_bit_counts() {
        let chunk = sealed(b"a text", 3, FIRST);
        for bit in 0..8 * chunk.len() {
            let mut forged = chunk.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(opened(&forged, FIRST), Err(Forged), "bit {bit}");
        }
    }

    /// The expected bytes are OpenSSL's.
    #[test]
    fn it_is_aes_256_gcm() {
        let sealed = sealed(b"a text", 3, FIRST);
        let hex = sealed.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        assert_eq!(hex, ["0300000000000000", "ed9d58ca355f", "71783f31a42b81aa3e5c96c162ab79b9"].concat());
    }
}
