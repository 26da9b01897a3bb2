//! The token that its owner gets.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use zeroize::Zeroizing;

use super::{lifetime::Lifetime, record::TokenRecord, text};
use crate::Secret;

/// A token that nobody can guess, for the one who has logged in.
///
/// 256 bits of the operating system's randomness, as a text of 53 characters: `srt_`, 43 characters of base64url, and a checksum of
/// 6 by which secret scanners tell a token from what only looks like one. It is wiped when it is dropped, and known to the
/// [log](crate::log) while it lives, in any encoding; as it is, it is masked by its shape ever after. SH016 rejects one in the source.
///
/// There is no `Clone` and no `Serialize`, and `Debug` prints a constant: [`as_str`](Self::as_str) is the one way out.
///
/// ```
/// use std::{io::Write, time::Duration};
/// use secure_runtime::{log::MaskingWriter, token::Token};
///
/// fn logged(line: &str) -> String {
///     let mut written = Vec::new();
///     write!(MaskingWriter::new(&mut written), "{line}").unwrap();
///     String::from_utf8(written).unwrap()
/// }
///
/// let (token, record) = Token::issue(Duration::from_secs(15 * 60));
/// let text = token.as_str().to_owned();
/// let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
/// assert!(!logged(&hex).contains(&hex) && !logged(&text).contains(&text));
///
/// drop(token); // all that stays is the record
/// assert!(record.verify(&text));
/// assert!(!logged(&text).contains(&text), "it still looks like one");
/// ```
///
/// ```compile_fail
/// # let (token, _) = secure_runtime::token::Token::issue(std::time::Duration::ZERO);
/// let copy = token.clone();
/// ```
///
/// ```compile_fail
/// # let (token, _) = secure_runtime::token::Token::issue(std::time::Duration::ZERO);
/// serde_json::to_string(&token)?;
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Sources: [RFC 4648](https://www.rfc-editor.org/rfc/rfc4648#section-5), section 5;
/// [OWASP, session management](https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html#session-id-entropy);
/// [CWE-331](https://cwe.mitre.org/data/definitions/331.html), insufficient entropy.
#[must_use = "nobody else has it"]
pub struct Token(Secret<'static, String>);

impl Token {
    /// Issues a token that is valid for as long as `ttl`, and the record of it, which is all that is kept.
    ///
    /// ```
    /// use std::time::Duration;
    /// use secure_runtime::token::Token;
    ///
    /// let (token, record) = Token::issue(Duration::from_secs(15 * 60));
    /// assert!(record.verify(token.as_str()) && !record.verify("srt_guessed"));
    /// ```
    ///
    /// Source: [CWE-613](https://cwe.mitre.org/data/definitions/613.html), insufficient session expiration.
    ///
    /// # Panics
    /// When `ttl` is more than an hour: [`issue_long`](Self::issue_long) is for that. When the operating system gives no random bytes,
    /// as the standard library's `HashMap` does: there is nothing that could be issued instead.
    #[track_caller]
    #[must_use = "nobody else has it"]
    pub fn issue(ttl: Duration) -> (Self, TokenRecord) {
        Self::issue_at(ttl, SystemTime::now())
    }

    /// [`issue`](Self::issue) by a clock of one's own, for tests.
    ///
    /// ```
    /// use std::time::{Duration, UNIX_EPOCH};
    /// use secure_runtime::token::Token;
    ///
    /// let (token, record) = Token::issue_at(Duration::from_secs(60), UNIX_EPOCH);
    /// assert!(record.verify_at(token.as_str(), UNIX_EPOCH + Duration::from_millis(59_999)));
    /// assert!(!record.verify_at(token.as_str(), UNIX_EPOCH + Duration::from_secs(60)));
    /// ```
    ///
    /// # Panics
    /// As [`issue`](Self::issue) does.
    #[track_caller]
    #[must_use = "nobody else has it"]
    pub fn issue_at(ttl: Duration, now: SystemTime) -> (Self, TokenRecord) {
        Self::draw(Lifetime::usual(ttl), now)
    }

    /// [`issue`](Self::issue) for more than an hour. `reason` says why; it is what a reviewer greps for.
    ///
    /// What would end after the year 9999 ends with it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use secure_runtime::token::Token;
    ///
    /// let month = Duration::from_secs(30 * 24 * 60 * 60);
    /// let (token, record) = Token::issue_long(month, "devices without a keyboard stay logged in");
    /// # assert!(record.verify(token.as_str()));
    /// ```
    ///
    /// # Panics
    /// When `reason` has fewer than 10 characters, and when the operating system gives no random bytes.
    #[track_caller]
    #[must_use = "nobody else has it"]
    pub fn issue_long(ttl: Duration, reason: &'static str) -> (Self, TokenRecord) {
        Self::draw(Lifetime::long(ttl, reason), SystemTime::now())
    }

    #[track_caller]
    fn draw(lifetime: Lifetime, now: SystemTime) -> (Self, TokenRecord) {
        let mut random = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *random).expect("the operating system gives random bytes");
        let token = Self(Secret::brand(text::of(&random)));
        let record = TokenRecord::of(token.as_str(), lifetime.from(now));
        (token, record)
    }

    /// The token itself, to be handed to its owner and to nobody else.
    ///
    /// ```
    /// # let (token, _) = secure_runtime::token::Token::issue(std::time::Duration::ZERO);
    /// let cookie = format!("session={}; Secure; HttpOnly; SameSite=Strict; Path=/", token.as_str());
    /// # assert!(cookie.starts_with("session=srt_"));
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.peek()
    }
}

/// Says nothing of the token.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::{log, secret::live, token};

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn no_two_are_alike() {
        let texts: HashSet<String> = (0..100_000).map(|_| Token::issue(MINUTE).0.as_str().to_owned()).collect();
        assert_eq!(texts.len(), 100_000);
        let all_well_formed = texts.iter().all(|text| text.len() == text::LENGTH && text::is_well_formed(text));
        assert!(all_well_formed);
    }

    #[test]
    fn it_says_nothing() {
        let (token, _) = Token::issue(MINUTE);
        assert_eq!(format!("{token:?} {:#?}", Some(&token)), "Token([redacted]) Some(\n    Token([redacted]),\n)");
    }

    #[test]
    fn it_can_be_sent_to_where_it_is_handed_over() {
        fn assert_send_sync<T: Send + Sync>() {}
        assert_send_sync::<(Token, TokenRecord)>();
    }

    #[test]
    fn the_masker_knows_it_while_it_lives() {
        let _turn = live::turn();
        let knows = |text: &str| live::with_all(|all| all.contains(&text.as_bytes()));
        let (token, _) = Token::issue(MINUTE);
        let text = token.as_str().to_owned();
        assert!(knows(&text));
        drop(token);
        assert!(!knows(&text));
    }

    #[test]
    fn the_masker_knows_it_by_its_shape() {
        for _ in 0..200 {
            let (token, record) = Token::issue(MINUTE);
            let line = log::masked(&format!("session={} of ann", token.as_str()));
            assert_eq!(line, "session=[redacted secure-runtime token, 53 bytes] of ann");
            let key = format!("session={} of ann", record.key());
            assert_eq!(log::masked(&key), key, "which is no secret");
        }
    }

    #[test]
    fn the_key_is_the_same_for_both_sides() {
        let (token, record) = Token::issue(MINUTE);
        assert_eq!(token::key_of(token.as_str()), Some(record.key()));
        assert_ne!(Some(record.key()), token::key_of(Token::issue(MINUTE).0.as_str()));
    }
}
