//! Session ids. Whoever shows one is its user: it is as good as the password until it expires.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};

/// The system gives no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("no random bytes: {0}")]
pub struct NoRandomness(#[from] getrandom::Error);

/// A new session's id: 256 bits of the system's random source, which nobody guesses.
///
/// A real function stores the id's hash here, with its user and when it expires.
///
/// # Errors
/// When the system gives no random bytes.
pub fn open() -> Result<String, NoRandomness> {
    let mut id = [0; 32];
    getrandom::fill(&mut id)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_long_and_different() {
        let id = open().unwrap();
        assert_eq!(id.len(), 43);
        assert_ne!(id, open().unwrap());
    }
}
