//! Password hashes.

use argon2::{Argon2, PasswordHash, PasswordVerifier};
use secure_runtime::Public;

/// A hash in the database that is none.
#[derive(Debug, thiserror::Error, Public)]
#[error("the stored hash is broken")]
pub struct BrokenHash;

/// Whether `password` is the one that `hash` was made of: Argon2id, in the PHC string format.
///
/// # Errors
/// When `hash` is no hash at all.
///
/// # Panics
/// When the hash is of an algorithm that this function doesn't know. The panic quotes the password: it is the kind of
/// mistake that is made while searching for another one, and the demo shows where it ends up.
pub fn verify(password: &str, hash: &str) -> Result<bool, BrokenHash> {
    let hash = PasswordHash::new(hash).map_err(|_| BrokenHash)?;
    match Argon2::default().verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => panic!("can't check {password:?} with {}: {error}", hash.algorithm),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::tests::{HASH, PASSWORD};

    #[test]
    fn a_password_is_verified_against_its_hash() {
        assert!(verify(PASSWORD, HASH).unwrap());
        assert!(!verify("guess", HASH).unwrap());
        assert!(verify(PASSWORD, "plain text").is_err());
    }

    #[test]
    #[should_panic(expected = "can't check \"guess\" with scrypt")]
    fn another_algorithm_panics() {
        let _ =
            verify("guess", "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E");
    }
}
