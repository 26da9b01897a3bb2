//! What tokens are signed with, and what they are verified with.

use std::fmt;

use pasetors::{
    keys::{AsymmetricKeyPair, AsymmetricSecretKey, Generate},
    version4::V4,
};
use zeroize::{Zeroize, Zeroizing};

use crate::Secret;

/// An Ed25519 seed, and the public key that belongs to it.
const PAIR: usize = 64;
const PUBLIC: usize = 32;
/// The longest name of a key.
const ID: usize = 64;

/// What [`SignedToken`](super::SignedToken)s are signed with: an Ed25519 key pair with a name.
///
/// It is wiped when it is dropped, known to the [log](crate::log) while it lives, and as long-lived as the secret that it is made of. There is no
/// `Clone` and no `Serialize`, and `Debug` shows the name alone.
///
/// Keep the 64 bytes in a secrets manager. Every token names its key, so a new key takes the place of an old one without an end of all
/// sessions: verify with both, sign with the new one, and forget the old one when its last token has expired.
///
/// ```
/// use secure_runtime::{prelude::*, token::{InvalidKey, SigningKey}};
/// # async fn from_secrets_manager() -> Vec<u8> { vec![] }
///
/// #[secure_handler]
/// async fn handler(event: LambdaEvent<()>) -> Result<(), InvalidKey> {
///     #[secret]
///     let pair = from_secrets_manager().await;
///     let key = SigningKey::from_secret("2026-01", &pair)?; // branded with this invocation, as the secret is
///     # let _ = key;
///     Ok(event.payload)
/// }
/// ```
///
/// Source: [PASETO, version 4](https://github.com/paseto-standard/paseto-spec/blob/master/docs/01-Protocol-Versions/Version4.md).
pub struct SigningKey<'inv> {
    id: String,
    pair: Secret<'inv, [u8; PAIR]>,
}

impl<'inv> SigningKey<'inv> {
    /// Makes a key of a secret: 64 bytes, the seed and then the public key, as PASETO's `k4.secret` and libsodium have them.
    ///
    /// # Errors
    /// When the bytes are no key pair, or `id` is no name: 1 to 64 letters, digits, `.`, `_` and `-`.
    pub fn from_secret<T: AsRef<[u8]> + Zeroize>(
        id: impl Into<String>,
        secret: &Secret<'inv, T>,
    ) -> Result<Self, InvalidKey> {
        Self::of(id.into(), secret.peek().as_ref())
    }

    fn of(id: String, pair: &[u8]) -> Result<Self, InvalidKey> {
        let pair = Zeroizing::new(<[u8; PAIR]>::try_from(pair).map_err(|_| InvalidKey)?);
        // pasetors panics at a seed of zeroes.
        let is_key = pair[..PAIR - PUBLIC].iter().any(|byte| *byte != 0) && checked(&pair).is_some();
        if is_key && is_id(&id) { Ok(Self { id, pair: Secret::brand(*pair) }) } else { Err(InvalidKey) }
    }

    /// The key's name, which every token that it signs has in its footer.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the tokens of this key are verified with.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        let mut public = [0; PUBLIC];
        public.copy_from_slice(&self.pair.peek()[PAIR - PUBLIC..]);
        VerifyingKey(public)
    }

    pub(super) fn key(&self) -> Option<AsymmetricSecretKey<V4>> {
        checked(self.pair.peek())
    }
}

impl SigningKey<'static> {
    /// Makes a key of bytes, which are wiped: for `main`, where there is no invocation, and whose key handlers borrow.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use secure_runtime::{prelude::*, token::{NotSigned, SignedToken, SigningKey}};
    /// # async fn from_secrets_manager() -> Vec<u8> { vec![] }
    ///
    /// #[secure_handler]
    /// async fn handler(event: LambdaEvent<()>, key: &SigningKey<'static>) -> Result<String, NotSigned> {
    ///     let token = SignedToken::issue("a guest", Duration::from_secs(60), key)?;
    ///     Ok(token.as_str().to_owned())
    /// }
    ///
    /// #[secure_runtime::main]
    /// async fn main() -> Result<(), secure_runtime::Error> {
    ///     let key = SigningKey::from_bytes("2026-01", from_secrets_manager().await)?;
    ///     secure_runtime::run(service_fn(|event| handler(event, &key))).await
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`from_secret`](Self::from_secret).
    pub fn from_bytes(id: impl Into<String>, pair: Vec<u8>) -> Result<Self, InvalidKey> {
        Self::of(id.into(), &Zeroizing::new(pair))
    }

    /// Draws a key, for tests and for a first one.
    ///
    /// ```
    /// use secure_runtime::token::SigningKey;
    ///
    /// let key = SigningKey::generate("test")?;
    /// assert_eq!(format!("{key:?}"), r#"SigningKey { id: "test", .. }"#);
    /// # Ok::<(), secure_runtime::token::InvalidKey>(())
    /// ```
    ///
    /// # Errors
    /// When `id` is no name.
    ///
    /// # Panics
    /// When the operating system gives no random bytes.
    pub fn generate(id: impl Into<String>) -> Result<Self, InvalidKey> {
        let pair = AsymmetricKeyPair::<V4>::generate().expect("the operating system gives random bytes");
        Self::of(id.into(), pair.secret.as_bytes())
    }

    /// The 64 bytes of the key, to be kept in a secrets manager. `reason` says who gets them; it is what a reviewer greps for.
    ///
    /// ```
    /// # use secure_runtime::token::SigningKey;
    /// # let key = SigningKey::generate("test")?;
    /// let bytes = key.declassify("goes to the secrets manager", |pair| pair.to_vec());
    /// assert_eq!(SigningKey::from_bytes("test", bytes)?.verifying_key(), key.verifying_key());
    /// # Ok::<(), secure_runtime::token::InvalidKey>(())
    /// ```
    pub fn declassify<R>(&self, reason: &'static str, f: impl FnOnce(&[u8; PAIR]) -> R) -> R {
        self.pair.declassify(reason, f)
    }
}

/// The key, if the second half belongs to the first.
fn checked(pair: &[u8; PAIR]) -> Option<AsymmetricSecretKey<V4>> {
    AsymmetricSecretKey::from(pair).ok()
}

/// What may name a key. It comes back in tokens that anybody can have made, before they are verified: nothing of it means anything
/// in a path, a query or a line of the log.
pub(super) fn is_id(id: &str) -> bool {
    (1..=ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

impl fmt::Debug for SigningKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What [`SignedToken`](super::SignedToken)s are verified with: 32 bytes, and no secret.
///
/// ```
/// use secure_runtime::token::{SigningKey, VerifyingKey};
///
/// let public = SigningKey::generate("test")?.verifying_key();
/// assert_eq!(VerifyingKey::from_bytes(public.as_bytes())?, public);
/// # Ok::<(), secure_runtime::token::InvalidKey>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey([u8; PUBLIC]);

impl VerifyingKey {
    /// Takes a public key of Ed25519.
    ///
    /// # Errors
    /// When there are not 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidKey> {
        bytes.try_into().map(Self).map_err(|_| InvalidKey)
    }

    /// The public key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The bytes are no key, or what should name it is no name. It says nothing of them; to a caller it is `internal_error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidKey;

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the key for tokens is not valid")
    }
}

impl std::error::Error for InvalidKey {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::live;

    fn bytes(key: &SigningKey<'static>) -> Vec<u8> {
        key.declassify("the test looks at it", |pair| pair.to_vec())
    }

    #[test]
    fn what_is_no_pair_is_no_key() {
        let pair = bytes(&SigningKey::generate("k").unwrap());
        let mut other = pair.clone();
        other[40] ^= 1;
        for wrong in
            [vec![], vec![0; 64], vec![7; 64], vec![0; 32], pair[..63].to_vec(), [&pair[..], &[0]].concat(), other]
        {
            assert_eq!(SigningKey::from_bytes("k", wrong).unwrap_err(), InvalidKey);
        }
        let secret = Secret::brand(pair);
        let key = SigningKey::from_secret("k", &secret).unwrap();
        assert_eq!(key.verifying_key(), SigningKey::from_bytes("k", secret.peek().clone()).unwrap().verifying_key());
        assert!(VerifyingKey::from_bytes(&[7; 31]).is_err() && VerifyingKey::from_bytes(&[7; 33]).is_err());
    }

    #[test]
    fn a_name_means_nothing_anywhere_else() {
        for id in ["k", "2026-01", "arn_like.name-1", &"x".repeat(64)] {
            assert!(SigningKey::generate(id).is_ok(), "{id}");
        }
        for id in ["", "a b", "../k", "k\n", "k\"", "é", &"x".repeat(65)] {
            assert!(SigningKey::generate(id).is_err(), "{id}");
        }
    }

    #[test]
    fn it_is_known_to_the_masker_while_it_lives() {
        let _turn = live::turn();
        let key = SigningKey::generate("k").unwrap();
        let pair = bytes(&key);
        let knows = || live::with_all(|all| all.contains(&pair.as_slice()));
        assert!(knows());
        assert_eq!(format!("{key:?}"), r#"SigningKey { id: "k", .. }"#);
        drop(key);
        assert!(!knows());
    }
}
