//! What a store keeps of a token.

use std::{fmt, time::SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use subtle::ConstantTimeEq;

use super::{lifetime::Expiry, text};

/// What a store keeps of a [`Token`](super::Token): its SHA-256 and when it ends, never the token.
///
/// Whoever reads the store can't make a token of it. It is serialized as two fields, the hash in base64url and the end in
/// milliseconds since 1970:
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use secure_runtime::token::{Token, TokenRecord};
///
/// let (token, record) = Token::issue_at(Duration::from_secs(60), UNIX_EPOCH);
/// let json = serde_json::to_value(&record)?;
/// assert_eq!(json, serde_json::json!({"hash": record.key(), "expires_at": 60_000}));
///
/// let record: TokenRecord = serde_json::from_value(json)?;
/// assert!(record.verify_at(token.as_str(), UNIX_EPOCH));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Other fields beside these are ignored, so that a row may hold more. An error of its `Deserialize` quotes nothing of the input.
///
/// # What is not guaranteed
/// - Whoever can write to the store can put a record of his own there.
/// - A logout, or a change of the password, has to delete the record: nothing else ends a token before its time.
///
/// Source: [CWE-613](https://cwe.mitre.org/data/definitions/613.html), insufficient session expiration.
#[derive(Clone, PartialEq, Eq)]
#[must_use = "a token is worth nothing without its record"]
pub struct TokenRecord {
    hash: [u8; 32],
    expiry: Expiry,
}

/// As it is serialized.
#[derive(Serialize, Deserialize)]
struct Fields {
    hash: String,
    expires_at: u64,
}

impl TokenRecord {
    pub(super) fn of(token: &str, expiry: Expiry) -> Self {
        Self { hash: text::hash(token), expiry }
    }

    /// Whether `presented` is the token, and it is still valid. What is malformed, too long or no token at all is not.
    ///
    /// Takes the same time whichever bytes of a well-formed token differ
    /// ([CWE-208](https://cwe.mitre.org/data/definitions/208.html)).
    ///
    /// ```
    /// # use secure_runtime::{prelude::*, token::TokenRecord};
    /// # #[secure_event] struct Request<'inv> { session: Secret<'inv, String> }
    /// # #[secure_handler] async fn handler(event: LambdaEvent<Request<'_>>, record: &TokenRecord) -> Result<bool, Error> {
    /// let valid = event.payload.session.expose(|presented| record.verify(presented));
    /// # Ok(valid) }
    /// ```
    #[must_use]
    pub fn verify(&self, presented: &str) -> bool {
        self.verify_at(presented, SystemTime::now())
    }

    /// [`verify`](Self::verify) by a clock of one's own, for tests. Nothing is valid before 1970.
    ///
    /// ```
    /// # use std::time::{Duration, UNIX_EPOCH};
    /// # use secure_runtime::token::Token;
    /// let (token, record) = Token::issue_at(Duration::from_secs(60), UNIX_EPOCH);
    /// assert!(!record.verify_at(token.as_str(), record.expires_at()));
    /// ```
    #[must_use]
    pub fn verify_at(&self, presented: &str, now: SystemTime) -> bool {
        text::is_well_formed(presented)
            && bool::from(text::hash(presented).ct_eq(&self.hash))
            && self.expiry.is_after(now)
    }

    /// When the token is not valid any more, to the millisecond: for a store that deletes what is old.
    ///
    /// ```
    /// # use std::time::{Duration, UNIX_EPOCH};
    /// # let (_, record) = secure_runtime::token::Token::issue_at(Duration::from_secs(60), UNIX_EPOCH);
    /// // DynamoDB's TTL attribute
    /// assert_eq!(record.expires_at().duration_since(UNIX_EPOCH).unwrap().as_secs(), 60);
    /// ```
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.expiry.time()
    }

    /// By what the store finds the record: 43 characters of base64url, which tell nothing of the token. [`key_of`] makes it of a
    /// token that is presented.
    ///
    /// ```
    /// # use secure_runtime::token::{self, Token};
    /// # let (token, record) = Token::issue(std::time::Duration::from_secs(60));
    /// # let mut store = std::collections::HashMap::new();
    /// store.insert(record.key(), record);
    /// let found = token::key_of(token.as_str()).and_then(|key| store.get(&key));
    /// assert!(found.is_some_and(|record| record.verify(token.as_str())));
    /// ```
    #[must_use]
    pub fn key(&self) -> String {
        text::encoded(&self.hash)
    }
}

/// By what the store finds the [record](TokenRecord::key) of a token that was presented. `None` when it is no token by its prefix, length, alphabet
/// or checksum: then no store needs to be asked.
///
/// It tells nothing of the token, so it may be asked for in clear:
///
/// ```
/// # use secure_runtime::{prelude::*, token};
/// # #[secure_event] struct Request<'inv> { session: Secret<'inv, String> }
/// # #[secure_handler] async fn handler(event: LambdaEvent<Request<'_>>) -> Result<Option<String>, Error> {
/// let session = event.payload.session;
/// let key = session.declassify("a key tells nothing of its token", |presented| token::key_of(presented));
/// # Ok(key) }
/// # assert_eq!(token::key_of("guessed"), None);
/// ```
#[must_use]
pub fn key_of(presented: &str) -> Option<String> {
    text::is_well_formed(presented).then(|| text::encoded(&text::hash(presented)))
}

/// Says when the token ends, and not which one it is.
impl fmt::Debug for TokenRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRecord").field("expires_at", &self.expiry.unix_ms()).finish_non_exhaustive()
    }
}

impl Serialize for TokenRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields { hash: self.key(), expires_at: self.expiry.unix_ms() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TokenRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // What the input's own error says may quote it.
        let fields = Fields::deserialize(deserializer).ok();
        fields
            .and_then(|fields| {
                Some(Self { hash: text::decoded(&fields.hash)?, expiry: Expiry::at(fields.expires_at)? })
            })
            .ok_or_else(|| de::Error::custom("not the record of a token"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::token::Token;

    const MINUTE: Duration = Duration::from_secs(60);
    const NOW: Duration = Duration::from_nanos(1_700_000_000_123_456_789);

    #[test]
    fn it_ends_to_the_millisecond() {
        let now = UNIX_EPOCH + NOW;
        let (token, record) = Token::issue_at(MINUTE, now);
        let valid = |at| record.verify_at(token.as_str(), at);
        assert!(valid(now) && valid(now + MINUTE - Duration::from_millis(1)));
        assert!(!valid(now + MINUTE) && !valid(now + MINUTE * 1000) && !valid(record.expires_at()));
        assert_eq!(record.expires_at(), UNIX_EPOCH + Duration::from_millis(1_700_000_060_123));
        let (token, record) = Token::issue_at(Duration::ZERO, now);
        assert!(!record.verify_at(token.as_str(), now), "never valid");
        let (token, record) = Token::issue(MINUTE);
        assert!(record.verify(token.as_str()));
    }

    #[test]
    fn what_differs_in_any_byte_is_refused() {
        let (token, record) = Token::issue(MINUTE);
        let text = token.as_str();
        for at in 0..text.len() {
            for bit in 0..7 {
                let mut bytes = text.as_bytes().to_vec();
                bytes[at] ^= 1 << bit;
                let tampered = String::from_utf8(bytes).unwrap();
                assert!(!record.verify(&tampered), "{at} {bit}");
                assert_eq!(key_of(&tampered), None, "{at} {bit}");
            }
        }
        for wrong in ["", "srt_", "é", &text[1..], &format!("{text} "), &text.to_uppercase(), &"x".repeat(1 << 20)] {
            assert!(!record.verify(wrong) && key_of(wrong).is_none());
        }
        assert!(!record.verify(Token::issue(MINUTE).0.as_str()), "another one, well-formed");
    }

    /// A row of a table of one's own.
    #[derive(Deserialize)]
    struct Row {
        user: String,
        #[serde(flatten)]
        record: TokenRecord,
    }

    #[test]
    fn it_comes_back_as_it_was() {
        let (token, record) = Token::issue(MINUTE);
        let json = serde_json::to_string(&record).unwrap();
        assert!(!json.contains(token.as_str()) && !json.contains(&token.as_str()[4..47]));
        let back: TokenRecord = serde_json::from_str(&json).unwrap();
        assert_eq!(back, record);
        assert!(back.verify(token.as_str()));
        let row: Row = serde_json::from_str(&json.replace('{', r#"{"user":"ann","#)).unwrap();
        assert!(row.user == "ann" && row.record == record);
    }

    #[test]
    fn what_is_malformed_is_not_quoted() {
        let hash = "A".repeat(43);
        for json in [
            "hunter2".to_owned(),
            r#""hunter2""#.to_owned(),
            r#"{"hash": "hunter2", "expires_at": 1}"#.to_owned(),
            format!(r#"{{"hash": "{hash}", "expires_at": "hunter2"}}"#),
            format!(r#"{{"hash": "{hash}", "expires_at": -1}}"#),
            format!(r#"{{"hash": "{hash}", "expires_at": 253402300800000}}"#),
            format!(r#"{{"hash": "{hash}", "expires_at": 1.5}}"#),
            format!(r#"{{"hash": "{hash}="}}"#),
            format!(r#"{{"hash": "{hash}", "hash": "hunter2", "expires_at": 1}}"#),
        ] {
            let error = serde_json::from_str::<TokenRecord>(&json).unwrap_err().to_string();
            assert!(error.starts_with("not the record of a token"), "{error}");
        }
        let fine = format!(r#"{{"expires_at": 0, "more": [], "hash": "{hash}"}}"#);
        assert!(!serde_json::from_str::<TokenRecord>(&fine).unwrap().verify("srt_"));
    }

    #[test]
    fn it_says_when_it_ends_and_nothing_else() {
        let (_token, record) = Token::issue_at(MINUTE, UNIX_EPOCH);
        assert_eq!(format!("{record:?}"), "TokenRecord { expires_at: 60000, .. }");
    }
}
