//! A letter that only who has the private key can read.
//!
//! ```text
//! dead-letter.VERSION.KEY.SEALED.
//! KEY     16 hexadecimal digits: the id of the public key
//! SEALED  base64url without padding of: encapsulated key, 32 bytes | encrypted | tag, 16 bytes
//! ```
//!
//! Version 1 is HPKE in base mode ([RFC 9180](https://www.rfc-editor.org/rfc/rfc9180)) with X25519, HKDF-SHA256 and AES-256-GCM, with
//! [`INFO`] as its info and all that is before `SEALED` bound in. What is sealed is in `contents`. The full stop at the end
//! is how a letter that was cut is told from one that was changed.

use std::{fmt, str::FromStr};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hpke::{
    Deserializable as _, HpkeError, OpModeR, OpModeS, Serializable as _,
    aead::{AeadTag, AesGcm256 as Aead},
    inout::InOutBuf,
    kdf::HkdfSha256 as Kdf,
    kem::X25519HkdfSha256 as Kem,
};

use super::{DeadLetter, OpenedLetter, PrivateKey, PublicKey, contents};
use crate::scrub::Buffer;

const MARK: &str = "dead-letter.";
const VERSION: &str = "1";
const INFO: &[u8] = b"secure-runtime dead letter 1";

const ENCAPSULATED: usize = 32;
const TAG: usize = 16;
const KEY_ID: usize = 16;
const HEAD: usize = MARK.len() + VERSION.len() + 1 + KEY_ID + 1;

/// A letter that is sealed to a [`PublicKey`]: a line of ASCII. What it is about (the code, the request id, when) is sealed as well as
/// the body; to be seen are its length and the id of the key.
///
/// ```
/// use secure_runtime::{Error, dead_letter::{DeadLetter, DeadLetterSink, PublicKey, SealedLetter}};
///
/// /// A sink of one's own: a table, a topic.
/// struct Table(PublicKey);
/// # impl Table { async fn insert(&self, _: &str) -> Result<(), Error> { Ok(()) } }
///
/// impl DeadLetterSink for Table {
///     async fn put(&self, letter: DeadLetter<'_>) -> Result<(), Error> {
///         let sealed = SealedLetter::seal(&letter, &self.0);
///         self.insert(sealed.as_str()).await
///     }
/// }
/// ```
///
/// Whoever has the public key can seal a letter to it: a letter that opens is not known to come from the function.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedLetter(String);

impl SealedLetter {
    /// Seals a letter.
    ///
    /// # Panics
    /// When the operating system gives no random bytes.
    #[must_use]
    pub fn seal(letter: &DeadLetter<'_>, key: &PublicKey) -> Self {
        Self::of(contents::letter(letter), key)
    }

    /// Encrypts where it lies.
    pub(super) fn of(mut plain: Buffer, key: &PublicKey) -> Self {
        let mut text = format!("{MARK}{VERSION}.{}.", key.id());
        let (encapsulated, mut sealer) = hpke::setup_sender::<Aead, Kdf, Kem>(&OpModeS::Base, &key.kem(), INFO)
            .expect("a key that hides nothing is none");
        let tag = sealer
            .seal_inout_detached(InOutBuf::from(plain.content_mut()), text.as_bytes())
            .expect("a record is far shorter than what a nonce is good for");
        let bytes = [&encapsulated.to_bytes()[..], plain.content(), &tag.to_bytes()].concat();
        text.reserve_exact(base64_len(bytes.len()) + 1);
        BASE64_URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
        text.push('.');
        Self(text)
    }

    /// How long a letter of so many bytes is, once it is sealed.
    #[cfg(feature = "sqs-sink")]
    pub(super) fn len_of(plain: usize) -> usize {
        HEAD + base64_len(ENCAPSULATED + plain + TAG) + 1
    }

    /// The letter as it is sent and stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[cfg(feature = "sqs-sink")]
    pub(super) fn into_text(self) -> String {
        self.0
    }

    /// Opens the letter.
    ///
    /// ```
    /// use secure_runtime::dead_letter::{OpenError, PrivateKey, SealedLetter};
    ///
    /// let key = PrivateKey::generate();
    /// let error = "hello".parse::<SealedLetter>().and_then(|letter| letter.open(&key)).unwrap_err();
    /// assert_eq!(error, OpenError::Foreign);
    /// ```
    ///
    /// # Errors
    /// When it was sealed to another key, or is not what was sealed.
    pub fn open(&self, key: &PrivateKey) -> Result<OpenedLetter, OpenError> {
        let (head, rest) = self.0.split_at_checked(HEAD).ok_or(OpenError::Truncated)?;
        let sealed_to = &head[HEAD - 1 - KEY_ID..HEAD - 1];
        let ours = key.public_key().id();
        if sealed_to != ours {
            return Err(OpenError::OtherKey { sealed_to: sealed_to.to_owned(), ours });
        }
        let text = rest.strip_suffix('.').ok_or(OpenError::Truncated)?;
        let mut plain = Buffer::from(BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| OpenError::Forged)?);
        let content = decrypt(plain.content_mut(), head, key).map_err(|_| OpenError::Forged)?;
        OpenedLetter::read(content).map_err(|_| OpenError::Strange)
    }
}

/// Decrypts where it lies.
fn decrypt<'a>(sealed: &'a mut [u8], head: &str, key: &PrivateKey) -> Result<&'a [u8], HpkeError> {
    let (encapsulated, rest) = sealed.split_first_chunk_mut::<ENCAPSULATED>().ok_or(HpkeError::OpenError)?;
    let (content, tag) = rest.split_last_chunk_mut::<TAG>().ok_or(HpkeError::OpenError)?;
    let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated)?;
    let mut opener = hpke::setup_receiver::<Aead, Kdf, Kem>(&OpModeR::Base, &key.kem(), &encapsulated, INFO)?;
    let tag = AeadTag::from_bytes(tag)?;
    opener.open_inout_detached(InOutBuf::from(&mut *content), head.as_bytes(), &tag)?;
    Ok(content)
}

const fn base64_len(len: usize) -> usize {
    (len * 4).div_ceil(3)
}

impl FromStr for SealedLetter {
    type Err = OpenError;

    /// Takes what looks like a letter of this version.
    fn from_str(text: &str) -> Result<Self, OpenError> {
        let text = text.trim();
        let rest = text.strip_prefix(MARK).ok_or(OpenError::Foreign)?;
        let (version, rest) = rest.split_once('.').ok_or(OpenError::Truncated)?;
        if version != VERSION {
            return Err(OpenError::UnknownVersion { version: version.chars().take(16).collect() });
        }
        let (key, _) = rest.split_once('.').ok_or(OpenError::Truncated)?;
        let is_id = key.len() == KEY_ID && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_id || !text.is_ascii() {
            return Err(OpenError::Forged);
        }
        if text.ends_with('.') { Ok(Self(text.to_owned())) } else { Err(OpenError::Truncated) }
    }
}

impl fmt::Display for SealedLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SealedLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedLetter({} bytes)", self.0.len())
    }
}

/// Why a letter can't be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// It is no sealed letter.
    Foreign,
    /// It is of a version that this crate doesn't know.
    UnknownVersion {
        /// Which, as it says.
        version: String,
    },
    /// Its end is missing.
    Truncated,
    /// It was sealed to another key.
    OtherKey {
        /// The [id](PublicKey::id) of that key, as the letter says.
        sealed_to: String,
        /// The id of the key that was to open it.
        ours: String,
    },
    /// It is not what was sealed.
    Forged,
    /// It was sealed to this key, but holds nothing that this version writes.
    Strange,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("not a sealed letter"),
            Self::UnknownVersion { version } => {
                write!(f, "a letter of version {version:?}: a newer release may know it")
            }
            Self::Truncated => f.write_str("the letter's end is missing"),
            Self::OtherKey { sealed_to, ours } => write!(f, "sealed to the key {sealed_to}, not to {ours}"),
            Self::Forged => f.write_str("the letter is not what was sealed"),
            Self::Strange => f.write_str("sealed to this key, but not as this release writes letters"),
        }
    }
}

impl std::error::Error for OpenError {}

#[cfg(test)]
pub(super) mod tests {
    use std::{
        collections::BTreeMap,
        time::{Duration, SystemTime},
    };

    use super::*;
    use crate::dead_letter::{Body, Brought, Facts, Held};

    pub(in super::super) fn letter<'a>(body: &'a [u8], attributes: &'a BTreeMap<String, String>) -> DeadLetter<'a> {
        let facts = Facts {
            request_id: "8476a536",
            function: "orders",
            handler: "take_order",
            message_id: "059f36b4",
            code: "card_declined",
            reason: "declined",
            receive_count: 3,
            at: SystemTime::UNIX_EPOCH + Duration::from_millis(1_764_000_000_123),
        };
        DeadLetter { body: Body(body), facts, brought: Brought { group_id: Some("shop 7"), attributes } }
    }

    fn sealed(body: &[u8], key: &PrivateKey) -> SealedLetter {
        SealedLetter::seal(&letter(body, &BTreeMap::new()), &key.public_key())
    }

    fn opened(text: &str, key: &PrivateKey) -> Result<OpenedLetter, OpenError> {
        text.parse::<SealedLetter>()?.open(key)
    }

    #[test]
    fn who_has_the_key_reads_all_of_it() {
        let key = PrivateKey::generate();
        let attributes = BTreeMap::from([("source".to_owned(), "shop".to_owned())]);
        for body in [&b"{\"card\": 1}"[..], b"", &vec![0xFF; 70_000]] {
            let letter = SealedLetter::seal(&letter(body, &attributes), &key.public_key());
            let opened = opened(&format!("{letter}\n"), &key).unwrap();
            assert_eq!(
                (opened.request_id(), opened.function(), opened.handler()),
                ("8476a536", "orders", "take_order")
            );
            assert_eq!((opened.message_id(), opened.group_id()), ("059f36b4", Some("shop 7")));
            assert_eq!((opened.code(), opened.reason(), opened.receive_count()), ("card_declined", "declined", 3));
            assert_eq!(opened.at(), SystemTime::UNIX_EPOCH + Duration::from_millis(1_764_000_000_123));
            let Held::Here(contents) = opened.held() else { panic!("no object was asked for") };
            assert!(contents.body() == body);
            assert_eq!(contents.attributes().collect::<Vec<_>>(), [("source", "shop")]);
        }
    }

    #[test]
    fn nothing_of_it_is_to_be_seen() {
        let key = PrivateKey::generate();
        let (first, second) = (sealed(b"a body", &key), sealed(b"a body", &key));
        assert_ne!(first, second);
        let binary = BASE64_URL_SAFE_NO_PAD.decode(&first.as_str()[HEAD..first.as_str().len() - 1]).unwrap();
        for told in ["a body", "8476a536", "orders", "card_declined", "declined", "shop"] {
            assert!(!first.as_str().contains(told), "{told}");
            assert!(!binary.windows(told.len()).any(|window| window == told.as_bytes()), "{told}");
        }
        assert_eq!(format!("{first:?}"), format!("SealedLetter({} bytes)", first.as_str().len()));
    }

    #[test]
    fn every_bit_of_it_counts() {
        let key = PrivateKey::generate();
        let sealed = sealed(b"a body", &key);
        assert!(opened(sealed.as_str(), &key).is_ok());
        for at in 0..sealed.as_str().len() {
            for bit in 0..7 {
                let mut changed = sealed.as_str().as_bytes().to_vec();
                changed[at] ^= 1 << bit;
                let changed = String::from_utf8(changed).unwrap();
                // The end mark may become white space, which is none of the letter.
                assert!(opened(&changed, &key).is_err(), "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn a_letter_that_was_cut_says_so() {
        let key = PrivateKey::generate();
        let sealed = sealed(b"a body", &key);
        for len in MARK.len()..sealed.as_str().len() {
            let error = opened(&sealed.as_str()[..len], &key).unwrap_err();
            // Before the end of its head a cut may look like an end.
            let expected = len >= HEAD || !sealed.as_str()[..len].ends_with('.');
            assert_eq!(error == OpenError::Truncated, expected || len <= HEAD, "{len}: {error}");
        }
        let (head, rest) = sealed.as_str().split_at(HEAD + 20);
        assert_eq!(opened(&format!("{head}{}", &rest[8..]), &key).unwrap_err(), OpenError::Forged);
    }

    #[test]
    fn what_is_no_letter_of_ours_says_what_it_is() {
        let (key, other) = (PrivateKey::generate(), PrivateKey::generate());
        let sealed = sealed(b"a body", &key);
        let (ours, sealed_to) = (other.public_key().id(), key.public_key().id());
        assert_eq!(opened(sealed.as_str(), &other).unwrap_err(), OpenError::OtherKey { sealed_to, ours });
        for foreign in ["", "hello", "{\"order_id\": 1}", "dead-lette", "DEAD-LETTER.1.", "déjà vu"] {
            assert_eq!(opened(foreign, &key).unwrap_err(), OpenError::Foreign, "{foreign}");
        }
        let newer = sealed.as_str().replacen(".1.", ".2.", 1);
        assert_eq!(opened(&newer, &key).unwrap_err(), OpenError::UnknownVersion { version: "2".into() });
        assert_eq!(opened("dead-letter.1.0123456789abcdeé.x.", &key).unwrap_err(), OpenError::Forged);
        let strange = SealedLetter::of(b"no facts".to_vec().into(), &key.public_key());
        assert_eq!(strange.open(&key).unwrap_err(), OpenError::Strange);
    }

    #[test]
    fn a_long_reason_is_cut_between_letters() {
        let key = PrivateKey::generate();
        let reason = "€".repeat(9_000); // of three bytes
        let attributes = BTreeMap::new();
        let mut letter = letter(b"", &attributes);
        letter.facts.reason = &reason;
        let letter = SealedLetter::seal(&letter, &key.public_key()).open(&key).unwrap();
        assert_eq!(letter.reason().len(), 8 * 1024 - 2);
    }

    /// The letter is pyhpke's, an implementation of somebody else's: this is what version 1 means, and has to be opened for ever.
    #[test]
    fn a_letter_of_version_1_is_opened() {
        let key: PrivateKey = include_str!("version_1.key").parse().unwrap();
        let letter = opened(include_str!("version_1.letter"), &key).unwrap();
        assert_eq!((letter.code(), letter.group_id(), letter.receive_count()), ("card_declined", None, 5));
        let Held::Here(contents) = letter.held() else { panic!("it is in the letter") };
        assert_eq!(contents.body(), b"{\"order_id\":\"A-1\"}");
        assert_eq!(contents.attributes().collect::<Vec<_>>(), [("source", "shop")]);
    }

    #[cfg(feature = "sqs-sink")]
    #[test]
    fn its_length_is_known_before() {
        let key = PrivateKey::generate().public_key();
        for len in 0..100 {
            assert_eq!(SealedLetter::of(vec![7; len].into(), &key).as_str().len(), SealedLetter::len_of(len));
        }
    }
}
