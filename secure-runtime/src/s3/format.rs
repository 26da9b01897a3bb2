//! What an object is made of.
//!
//! ```text
//! magic, 8 bytes: "sealobj1" | length of the wrapped key, 2 bytes, little-endian | wrapped key | chunk | chunk | …
//! chunk: nonce, 8 bytes | encrypted, up to 65,536 bytes | tag, 16 bytes            (crate::seal)
//! ```
//!
//! - Every chunk but the last holds 65,536 bytes. There is a last one always, which may be empty: an object that is cut off
//!   anywhere, to nothing at all even, is seen to be.
//! - The wrapped key is what `DataKeys` makes a data key of. The key of the chunks is
//!   HKDF-SHA-256(data key, info = "sealed object 1: chunks of " and the object's name): an object opens under the name that it was put
//!   under, in any bucket. The header is bound in by that: with another there is another key.
//! - Nonces count from 0. A data key is of one object alone, so that none comes twice.

use super::{DataKey, SealedObjectError};
use crate::{
    scrub::Buffer,
    seal::{CHUNK, OVERHEAD, Place, Sealer},
};

/// How long a whole chunk is, sealed.
pub(super) const RECORD: usize = CHUNK + OVERHEAD;

/// How long that is which says how long the header is.
pub(super) const PREFIX: usize = MAGIC.len() + size_of::<u16>();

const MAGIC: [u8; 8] = *b"sealobj1";

/// What chunks' keys are derived for, with the object's name behind it.
const PURPOSE: &[u8] = b"sealed object 1: chunks of ";

/// How long a wrapped key may be. KMS's are less than 1 KiB.
const LONGEST: usize = 2048;

/// What stands before the chunks.
pub(super) fn header(wrapped: &[u8]) -> Result<Vec<u8>, SealedObjectError> {
    let len = u16::try_from(wrapped.len()).ok().filter(|&len| usize::from(len) <= LONGEST);
    let len = len.ok_or_else(|| SealedObjectError::KeyService("a wrapped key is longer than 2,048 bytes".into()))?;
    Ok([&MAGIC[..], &len.to_le_bytes(), wrapped].concat())
}

/// How long the wrapped key is, by what an object begins with.
pub(super) fn wrapped_len(prefix: &[u8]) -> Result<usize, SealedObjectError> {
    let len = prefix.strip_prefix(&MAGIC).and_then(|len| len.try_into().ok());
    let len = usize::from(u16::from_le_bytes(len.ok_or(SealedObjectError::Forged)?));
    if len <= LONGEST { Ok(len) } else { Err(SealedObjectError::Forged) }
}

/// The chunks of one object, one after another: sealed or opened.
pub(super) struct Chunks {
    key: DataKey,
    next: u64,
}

impl Chunks {
    pub(super) fn of(object: &str, key: &DataKey) -> Self {
        Self { key: DataKey::derive(key.bytes(), None, &[PURPOSE, object.as_bytes()]), next: 0 }
    }

    fn place(&mut self, last: bool) -> Place {
        let index = self.next;
        self.next += 1;
        Place { index, last }
    }

    /// Appends the next chunk to `out`, sealed.
    pub(super) fn seal(&mut self, text: &[u8], last: bool, out: &mut Vec<u8>) {
        let place = self.place(last);
        let start = out.len();
        out.resize(start + text.len() + OVERHEAD, 0);
        Sealer::new(self.key.bytes()).seal(text, place.index, place, &mut out[start..]);
    }

    /// Opens the next chunk into `text`, in place of what it holds. What is forged leaves it empty.
    pub(super) fn open(&mut self, sealed: &[u8], last: bool, text: &mut Buffer) -> Result<(), SealedObjectError> {
        let place = self.place(last);
        let len = sealed.len().checked_sub(OVERHEAD).ok_or(SealedObjectError::Forged)?;
        text.wipe();
        let opened = Sealer::new(self.key.bytes()).open(sealed, place, &mut text.room(len)[..len]);
        text.fill(len);
        opened.map(drop).map_err(|_| {
            text.wipe();
            SealedObjectError::Forged
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_how_long_it_is() {
        for len in [0, 1, 255, 256, LONGEST] {
            let header = header(&vec![7; len]).unwrap();
            assert_eq!(wrapped_len(&header[..PREFIX]).unwrap(), len);
            assert_eq!(header[PREFIX..], vec![7; len]);
        }
        assert!(matches!(header(&[7; LONGEST + 1]), Err(SealedObjectError::KeyService(_))));
    }

    #[test]
    fn what_is_no_header_is_refused() {
        let too_long = [&MAGIC[..], &[1, 8]].concat();
        for prefix in [&b""[..], b"sealobj1", b"sealobj1\x01", b"sealobj2\x01\x00", b"sealobj1\x01\x00\x00", &too_long]
        {
            assert!(matches!(wrapped_len(prefix), Err(SealedObjectError::Forged)), "{prefix:?}");
        }
        assert_eq!(wrapped_len(b"sealobj1\x00\x08").unwrap(), LONGEST);
    }

    /// The expected bytes are those of Python's `cryptography`.
    #[test]
    fn it_is_hkdf_and_aes_gcm() {
        let mut chunks = Chunks::of("reports/1", &DataKey::new(&[7; 32]));
        let mut out = Vec::new();
        chunks.seal(b"a text", true, &mut out);
        let hex = out.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        assert_eq!(hex, "000000000000000021849455c49a0915d7a39bb3d94b7118d6f43ec69fb3");
    }

    #[test]
    fn what_is_forged_leaves_no_text() {
        let (key, mut sealed, mut text) = (DataKey::new(&[7; 32]), Vec::new(), Buffer::default());
        Chunks::of("one", &key).seal(b"a text", true, &mut sealed);
        Chunks::of("one", &key).open(&sealed, true, &mut text).unwrap();
        assert_eq!(text.content(), b"a text");
        assert!(matches!(Chunks::of("other", &key).open(&sealed, true, &mut text), Err(SealedObjectError::Forged)));
        assert!(text.content().is_empty() && text.block().iter().all(|&byte| byte == 0));
        assert!(matches!(Chunks::of("one", &key).open(&sealed[..23], true, &mut text), Err(SealedObjectError::Forged)));
    }
}
