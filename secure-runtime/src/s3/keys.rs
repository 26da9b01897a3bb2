//! A key for each object.

use std::{fmt, future::Future};

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroize;

use super::SealedObjectError;
use crate::{Secret, seal::KEY};

/// How long the caller's secret has to be, in bytes.
const LEAST: usize = 32;

/// How long the salt is that stands in an object in place of a wrapped key.
const SALT: usize = 32;

/// What a data key is derived from a secret for.
const PURPOSE: &[u8] = b"sealed object 1: data key";

/// What gives each object a key of its own.
///
/// It is implemented for a [`Secret`] of 32 bytes or more and, with the feature `kms`, by `KmsDataKeys`. Others that keep keys
/// and wrap them implement it like this:
///
/// ```
/// use secure_runtime::s3::{DataKey, DataKeys, SealedObjectError, WrappedKey};
///
/// # struct Vault;
/// # impl Vault {
/// #     async fn data_key(&self, _: &str) -> Result<([u8; 32], Vec<u8>), std::io::Error> { Ok(([7; 32], vec![1])) }
/// #     async fn decrypt(&self, _: &str, _: &[u8]) -> Result<[u8; 32], std::io::Error> { Ok([7; 32]) }
/// # }
/// impl DataKeys for Vault {
///     async fn generate(&self, object: &str) -> Result<WrappedKey, SealedObjectError> {
///         let (key, wrapped) = self.data_key(object).await.map_err(|error| SealedObjectError::KeyService(error.into()))?;
///         Ok(WrappedKey { key: DataKey::new(&key), wrapped })
///     }
///
///     async fn unwrap(&self, object: &str, wrapped: &[u8]) -> Result<DataKey, SealedObjectError> {
///         let key = self.decrypt(object, wrapped).await.map_err(|error| SealedObjectError::KeyService(error.into()))?;
///         Ok(DataKey::new(&key))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` gives no keys for sealed objects",
    label = "not `DataKeys`",
    note = "help: pass a reference to a `Secret` of 32 bytes or more, or to `KmsDataKeys` (feature `kms`)"
)]
pub trait DataKeys: Send + Sync {
    /// Makes a key for one object, never the same twice.
    ///
    /// # Errors
    /// [`SealedObjectError::KeyService`] and the like: nothing is put then.
    fn generate(&self, object: &str) -> impl Future<Output = Result<WrappedKey, SealedObjectError>> + Send;

    /// Gives the key again. `wrapped` comes from the object and is nobody's word: up to 2,048 bytes of anything.
    ///
    /// # Errors
    /// [`SealedObjectError::Forged`] when `wrapped` is not of this object or these keys.
    fn unwrap(&self, object: &str, wrapped: &[u8]) -> impl Future<Output = Result<DataKey, SealedObjectError>> + Send;
}

/// 32 bytes that an object's key is derived from. They are wiped on drop, and masked in the log until then.
pub struct DataKey(Secret<'static, [u8; KEY]>);

/// A key, and what stands for it in the object.
#[derive(Debug)]
pub struct WrappedKey {
    /// The key itself.
    pub key: DataKey,
    /// What [`DataKeys::unwrap`] makes the key of, for those who may have it: at most 2,048 bytes, which everybody can see.
    pub wrapped: Vec<u8>,
}

impl DataKey {
    /// Copies a key. What it is copied from is the caller's to wipe.
    #[must_use]
    pub fn new(bytes: &[u8; KEY]) -> Self {
        let mut key = Secret::brand([0; KEY]);
        let filled: Result<(), std::convert::Infallible> = key.fill(|key| {
            key.copy_from_slice(bytes);
            Ok(())
        });
        let Ok(()) = filled;
        Self(key)
    }

    /// HKDF-SHA-256 ([RFC 5869](https://www.rfc-editor.org/rfc/rfc5869)), with the purpose in one or more pieces.
    pub(super) fn derive(from: &[u8], salt: Option<&[u8]>, purpose: &[&[u8]]) -> Self {
        let mut key = Secret::brand([0; KEY]);
        let derived = key.fill(|key| Hkdf::<Sha256>::new(salt, from).expand_multi_info(purpose, key));
        derived.expect("32 bytes are what a hash gives");
        Self(key)
    }

    pub(super) fn bytes(&self) -> &[u8; KEY] {
        self.0.peek()
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey([redacted])")
    }
}

/// A key is derived from the secret and 32 random bytes, by HKDF-SHA-256; the random bytes stand in the object.
impl<T: Zeroize + AsRef<[u8]> + Send + Sync> DataKeys for Secret<'_, T> {
    async fn generate(&self, _: &str) -> Result<WrappedKey, SealedObjectError> {
        let mut salt = [0; SALT];
        getrandom::fill(&mut salt).map_err(|_| SealedObjectError::NoRandomness)?;
        let key = of_secret(self.peek().as_ref(), &salt)?;
        Ok(WrappedKey { key, wrapped: salt.to_vec() })
    }

    async fn unwrap(&self, _: &str, wrapped: &[u8]) -> Result<DataKey, SealedObjectError> {
        let salt = wrapped.try_into().map_err(|_| SealedObjectError::Forged)?;
        of_secret(self.peek().as_ref(), salt)
    }
}

fn of_secret(secret: &[u8], salt: &[u8; SALT]) -> Result<DataKey, SealedObjectError> {
    if secret.len() < LEAST {
        return Err(SealedObjectError::ShortKey);
    }
    Ok(DataKey::derive(secret, Some(salt), &[PURPOSE]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::testing::ready;

    fn secret(text: &str) -> Secret<'static, String> {
        Secret::brand(text.to_owned())
    }

    /// The expected bytes are those of Python's `cryptography`.
    #[test]
    fn a_key_is_derived_from_secret_and_salt() {
        let secret = secret("0123456789abcdef0123456789abcdef");
        let key = ready(secret.unwrap("any", &[9; 32])).unwrap();
        let hex = key.bytes().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        assert_eq!(hex, "f7e21494d72be553d3ec1ee0c193b15335e0789ed6a2091a2d3e8c5da537f3e3");
    }

    #[test]
    fn each_object_has_another_key_and_the_salt_gives_it_again() {
        let secret = secret("a secret of thirty-two bytes, or more");
        let [first, second] = [(); 2].map(|()| ready(secret.generate("any")).unwrap());
        assert_ne!(first.key.bytes(), second.key.bytes());
        assert_eq!(ready(secret.unwrap("any", &first.wrapped)).unwrap().bytes(), first.key.bytes());
    }

    #[test]
    fn a_short_secret_and_a_wrong_salt_are_errors() {
        let short = secret("thirty-one bytes, which are few");
        assert!(matches!(ready(short.generate("any")), Err(SealedObjectError::ShortKey)));
        assert!(matches!(ready(short.unwrap("any", &[9; 32])), Err(SealedObjectError::ShortKey)));
        let enough = secret("thirty-two bytes, which suffices");
        assert!(ready(enough.unwrap("any", &[9; 32])).is_ok());
        for len in [0, 31, 33] {
            assert!(matches!(ready(enough.unwrap("any", &vec![9; len])), Err(SealedObjectError::Forged)));
        }
    }

    #[test]
    fn it_says_nothing_of_itself() {
        let key = WrappedKey { key: DataKey::new(&[77; 32]), wrapped: vec![1] };
        assert_eq!(format!("{key:?}"), "WrappedKey { key: DataKey([redacted]), wrapped: [1] }");
    }
}
