//! The keys that letters are sealed to, and opened with.

use std::{fmt, str::FromStr};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hpke::{Deserializable as _, Kem as _, Serializable as _, kem::X25519HkdfSha256 as Kem};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::Secret;

const KEY: usize = 32;
/// Behind the key in its text: letters that are sealed to a key with a typo could be opened by nobody.
const CHECKSUM: usize = 4;

const PUBLIC: &str = "dead-letter-public-1-";
const PRIVATE: &str = "dead-letter-private-1-";

/// What letters are sealed to: an X25519 public key, and no secret. Made by `secure-dlq keygen`, and given to the function as text,
/// in its environment for instance.
///
/// ```
/// use secure_runtime::dead_letter::{PrivateKey, PublicKey};
///
/// let text = PrivateKey::generate().public_key().to_string();
/// assert!(text.starts_with("dead-letter-public-1-"));
/// let key: PublicKey = text.parse()?;
/// assert_eq!(key.to_string(), text);
/// # Ok::<(), secure_runtime::dead_letter::InvalidKey>(())
/// ```
///
/// Source: [RFC 7748](https://www.rfc-editor.org/rfc/rfc7748).
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey([u8; KEY]);

impl PublicKey {
    /// What a letter says of the key that opens it: 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        let hash = Sha256::new().chain_update("secure-runtime dead letter key 1").chain_update(self.0).finalize();
        hash[..8].iter().fold(String::new(), |id, byte| format!("{id}{byte:02x}"))
    }

    pub(super) fn kem(&self) -> <Kem as hpke::Kem>::PublicKey {
        <Kem as hpke::Kem>::PublicKey::from_bytes(&self.0).expect("any 32 bytes are a key")
    }
}

impl FromStr for PublicKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        if text.trim_start().starts_with(PRIVATE) {
            return Err(InvalidKey::Private);
        }
        let key = Self(*read(text, PUBLIC)?);
        // A point of small order: whatever is sealed to it can be opened by anybody.
        Kem::encap(&key.kem(), None).map_err(|_| InvalidKey::Malformed)?;
        Ok(key)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written(&self.0, PUBLIC))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

/// What letters are opened with. No function needs it: it belongs to the people who look into what failed.
///
/// It is wiped on drop. There is no `Clone`, `Display` or `Serialize`, and `Debug` shows the id of the public key alone.
///
/// ```
/// use secure_runtime::dead_letter::PrivateKey;
///
/// let key = PrivateKey::generate();
/// let text = key.declassify("goes to the analysts' vault", |text| text.to_owned());
/// let again: PrivateKey = text.parse()?;
/// assert_eq!(again.public_key(), key.public_key());
/// # Ok::<(), secure_runtime::dead_letter::InvalidKey>(())
/// ```
pub struct PrivateKey(Secret<'static, [u8; KEY]>);

impl PrivateKey {
    /// Draws a key.
    ///
    /// # Panics
    /// When the operating system gives no random bytes.
    #[must_use]
    pub fn generate() -> Self {
        let (key, _) = Kem::gen_keypair();
        Self::of(&Zeroizing::new(key.to_bytes().into()))
    }

    fn of(key: &[u8; KEY]) -> Self {
        Self(Secret::brand(*key))
    }

    /// The key that letters are sealed to.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey(Kem::sk_to_pk(&self.kem()).to_bytes().into())
    }

    /// Lends the key's text, which is wiped afterwards. `reason` says who gets it; it is what a reviewer greps for.
    pub fn declassify<R>(&self, reason: &'static str, f: impl FnOnce(&str) -> R) -> R {
        f(&Zeroizing::new(self.0.declassify(reason, |key| written(key, PRIVATE))))
    }

    pub(super) fn kem(&self) -> <Kem as hpke::Kem>::PrivateKey {
        <Kem as hpke::Kem>::PrivateKey::from_bytes(self.0.peek()).expect("any 32 bytes are a key")
    }
}

impl FromStr for PrivateKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        if text.trim_start().starts_with(PUBLIC) {
            return Err(InvalidKey::Public);
        }
        read(text, PRIVATE).map(|key| Self::of(&key))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey([redacted], of {})", self.public_key().id())
    }
}

/// A key's text. White space around it is fine: it may come from a file.
fn read(text: &str, prefix: &str) -> Result<Zeroizing<[u8; KEY]>, InvalidKey> {
    let text = text.trim().strip_prefix(prefix).ok_or(InvalidKey::Malformed)?;
    let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidKey::Malformed)?);
    let (key, sum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(InvalidKey::Malformed)?;
    let key = Zeroizing::new(<[u8; KEY]>::try_from(key).map_err(|_| InvalidKey::Malformed)?);
    if *sum == checksum(&key, prefix) { Ok(key) } else { Err(InvalidKey::Malformed) }
}

fn written(key: &[u8; KEY], prefix: &str) -> String {
    let mut bytes = Zeroizing::new([0; KEY + CHECKSUM]);
    bytes[..KEY].copy_from_slice(key);
    bytes[KEY..].copy_from_slice(&checksum(key, prefix));
    let mut text = String::with_capacity(prefix.len() + (KEY + CHECKSUM).div_ceil(3) * 4);
    text.push_str(prefix);
    BASE64_URL_SAFE_NO_PAD.encode_string(&bytes[..], &mut text);
    text
}

fn checksum(key: &[u8; KEY], prefix: &str) -> [u8; CHECKSUM] {
    let hash = Sha256::new().chain_update(prefix).chain_update(key).finalize();
    let mut sum = [0; CHECKSUM];
    sum.copy_from_slice(&hash[..CHECKSUM]);
    sum
}

/// A text is no key. It says nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidKey {
    /// It is none, or one with a typo.
    Malformed,
    /// It is a private key, where a public one is needed. Whoever has seen it can open what was sealed to it.
    Private,
    /// It is a public key, where a private one is needed.
    Public,
}

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "no key for dead letters, or one with a typo",
            Self::Private => "a private key where a public one is needed: keep it where the function can't read it",
            Self::Public => "a public key where a private one is needed",
        })
    }
}

impl std::error::Error for InvalidKey {}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(key: &PrivateKey) -> String {
        key.declassify("the test looks at it", str::to_owned)
    }

    #[test]
    fn keys_come_back_from_their_texts() {
        let private = PrivateKey::generate();
        let again: PrivateKey = format!(" {}\n", text(&private)).parse().unwrap();
        assert_eq!(again.public_key(), private.public_key());
        let public: PublicKey = format!("{}\n", private.public_key()).parse().unwrap();
        assert_eq!(public.id(), again.public_key().id());
        assert_ne!(public.id(), PrivateKey::generate().public_key().id());
    }

    #[test]
    fn a_typo_is_found() {
        let public = PrivateKey::generate().public_key().to_string();
        for at in 0..public.len() {
            let mut typo = public.clone().into_bytes();
            typo[at] = if typo[at] == b'A' { b'B' } else { b'A' };
            let typo = String::from_utf8(typo).unwrap();
            assert_eq!(typo.parse::<PublicKey>(), Err(InvalidKey::Malformed), "{typo}");
            assert_eq!(public[..at].parse::<PublicKey>(), Err(InvalidKey::Malformed));
        }
    }

    #[test]
    fn one_half_is_not_taken_for_the_other() {
        let private = PrivateKey::generate();
        assert_eq!(text(&private).parse::<PublicKey>(), Err(InvalidKey::Private));
        assert_eq!(private.public_key().to_string().parse::<PrivateKey>().unwrap_err(), InvalidKey::Public);
    }

    #[test]
    fn a_key_that_hides_nothing_is_none() {
        for point in [[0; KEY], {
            let mut one = [0; KEY];
            one[0] = 1;
            one
        }] {
            assert_eq!(written(&point, PUBLIC).parse::<PublicKey>(), Err(InvalidKey::Malformed));
        }
    }

    #[test]
    fn debug_tells_which_key_it_is_and_nothing_more() {
        let key = PrivateKey::generate();
        assert_eq!(format!("{key:?}"), format!("PrivateKey([redacted], of {})", key.public_key().id()));
    }
}
