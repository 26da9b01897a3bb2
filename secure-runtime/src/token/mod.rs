//! Session tokens that can't be guessed, and records of them that hold none.
//!
//! A login handler [issues](Token::issue) a token, gives its text to the caller and its [`TokenRecord`] to a store. Whoever reads the
//! store can't log in with what he finds there. A function without a store signs a `SignedToken` (feature `signed-token`).
//! `docs/session-tokens.md` goes through both, from login to the next request.
//!
//! ```
//! use std::time::Duration;
//! use secure_runtime::token::{self, Token};
//!
//! let (token, record) = Token::issue(Duration::from_secs(15 * 60));
//! assert!(record.verify(token.as_str()));
//! assert_eq!(token::key_of(token.as_str()), Some(record.key()));
//! ```
//!
//! ```text
//! text         what a token looks like: prefix, body, checksum
//! lifetime     how long one may live, and until when
//! issued       the token, for its owner
//! record       what the store keeps of it
//! signed       a token that needs no store; signing_key, what it is signed and verified with
//! date         the dates in it
//! ```
//!
//! Sources: [RFC 4648](https://www.rfc-editor.org/rfc/rfc4648#section-5), section 5, base64url;
//! [OWASP, session management](https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html);
//! [CWE-331](https://cwe.mitre.org/data/definitions/331.html), insufficient entropy;
//! [CWE-613](https://cwe.mitre.org/data/definitions/613.html), insufficient session expiration.

#[cfg(feature = "signed-token")]
mod date;
mod issued;
mod lifetime;
mod record;
#[cfg(feature = "signed-token")]
mod signed;
#[cfg(feature = "signed-token")]
mod signing_key;
mod text;

pub use self::{
    issued::Token,
    record::{TokenRecord, key_of},
};
#[cfg(feature = "signed-token")]
pub use self::{
    signed::{InvalidToken, NotSigned, SignedToken},
    signing_key::{InvalidKey, SigningKey, VerifyingKey},
};
