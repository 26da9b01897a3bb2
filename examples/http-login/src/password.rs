//! Password hashes.

use argon2::{Argon2, PasswordHash, PasswordVerifier};
use secure_runtime::Public;

/// A hash in the database that is none.
#[derive(Debug, thiserror::Error, Public)]
#[error("the stored hash is broken")]
pub struct BrokenHash;

/// What the password of an unknown user is checked against, so that an answer takes as long as for a known one. No password has
/// this hash: its last bytes are all zero.
pub const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Whether `password` is the one that `hash` was made of: Argon2id, in the PHC string format. Hashes are compared in constant
/// time.
///
/// # Errors
/// When `hash` is no Argon2 hash.
pub fn verify(password: &str, hash: &str) -> Result<bool, BrokenHash> {
    let hash = PasswordHash::new(hash).map_err(|_| BrokenHash)?;
    match Argon2::default().verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(_) => Err(BrokenHash),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::users::tests::{HASH, PASSWORD};

    #[test]
    fn a_password_is_verified_against_its_hash() {
        assert!(verify(PASSWORD, HASH).unwrap());
        assert!(!verify("guess", HASH).unwrap());
        assert!(verify(PASSWORD, "plain text").is_err());
    }

    #[test]
    fn the_hash_of_nobody_is_a_hash_like_those_of_users() {
        assert!(!verify(PASSWORD, NOBODY).unwrap());
        let parameters = |hash| PasswordHash::new(hash).unwrap().params;
        assert_eq!(parameters(NOBODY), parameters(HASH));
    }
}
