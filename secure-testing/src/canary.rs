//! Values that can't occur by chance.

use std::fmt;

const LENGTH: usize = 32;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A random value to send in an event and to search for afterwards.
///
/// 32 ASCII letters and digits, 190 bits from the operating system's random source. It needs no escaping in JSON, URLs or
/// shells, and no two canaries share a prefix, so a fragment of 8 bytes already tells which one it came from.
///
/// ```
/// use secure_testing::Canary;
///
/// let (a, b) = (Canary::random(), Canary::random());
/// assert_eq!(a.as_str().len(), 32);
/// assert!(a.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric()));
/// assert_ne!(a, b);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Canary(String);

impl Canary {
    /// Draws a new canary.
    ///
    /// # Panics
    /// When the operating system has no randomness to give.
    #[must_use]
    pub fn random() -> Self {
        let mut text = String::with_capacity(LENGTH);
        while text.len() < LENGTH {
            // Six bits pick a letter; the two values beyond the alphabet are drawn again, so that all are as likely.
            let draws = random_bytes::<LENGTH>();
            let letters = draws.iter().filter_map(|draw| ALPHABET.get(usize::from(draw & 63)));
            text.extend(letters.take(LENGTH - text.len()).map(|&letter| char::from(letter)));
        }
        Self(text)
    }

    /// The canary's text.
    ///
    /// ```
    /// let canary = secure_testing::Canary::random();
    /// assert_eq!(canary.as_str(), canary.to_string());
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Canary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<[u8]> for Canary {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl AsRef<str> for Canary {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Bytes of the operating system's random source.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
