//! A token that needs no store: it says itself what it is good for, signed.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use pasetors::{
    keys::AsymmetricPublicKey,
    token::{Public, UntrustedToken},
    version4::{PublicToken, V4},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    date,
    lifetime::{Lifetime, unix_ms},
    signing_key::{SigningKey, VerifyingKey, is_id},
};
use crate::{
    OpaqueError, Secret,
    error::{CodeList, Derived, Disposition, Opaque, Text},
};

/// The longest token that is looked at, in bytes.
const LONGEST: usize = 8 * 1024;
/// How much one clock may be behind another.
const SKEW: u64 = 30 * 1000;

/// A token for functions without a store: claims, signed, with an end.
///
/// PASETO `v4.public`: Ed25519, and no header that could ask for anything else. What is signed is
/// `{"exp": "…", "nbf": "…", "iat": "…", "data": claims}`, with dates of RFC 3339 in UTC and milliseconds, and the footer
/// `{"kid": "…"}` names the key. Claims are any type of serde's, and none of them can stand for the end.
///
/// ```
/// use std::time::Duration;
/// use secure_runtime::token::{InvalidToken, SignedToken, SigningKey};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Session { user: String }
///
/// let key = SigningKey::generate("2026-01")?;
/// let public = key.verifying_key();
///
/// let token = SignedToken::issue(&Session { user: "ann".into() }, Duration::from_secs(15 * 60), &key)?;
///
/// let session: Session = SignedToken::verify(token.as_str(), |id| (id == "2026-01").then_some(public))?;
/// assert_eq!(session.user, "ann");
/// assert_eq!(SignedToken::verify::<Session>("v4.public.guessed", |_| Some(public)), Err(InvalidToken));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It is wiped when it is dropped, known to the [log](crate::log) while it lives and masked by its shape afterwards. There is no `Clone` and no
/// `Serialize`, and `Debug` prints a constant.
///
/// # What is not guaranteed
/// - Claims are signed, not encrypted: whoever has the token can read them.
/// - A token can't be taken back before its end. What has to be, needs a [`Token`](super::Token) and its store.
/// - Which keys there are: an unknown one is refused sooner than a wrong signature.
///
/// Sources: [PASETO, version 4](https://github.com/paseto-standard/paseto-spec/blob/master/docs/01-Protocol-Versions/Version4.md),
/// [its claims](https://github.com/paseto-standard/paseto-spec/blob/master/docs/02-Implementation-Guide/04-Claims.md),
/// [CWE-347](https://cwe.mitre.org/data/definitions/347.html), improper verification of a signature.
#[must_use = "nobody else has it"]
pub struct SignedToken(Secret<'static, String>);

/// What is signed.
#[derive(Serialize, Deserialize)]
struct Payload<C> {
    exp: String,
    nbf: String,
    iat: String,
    data: C,
}

/// What is signed as well, and read before.
#[derive(Serialize, Deserialize)]
struct Footer<'a> {
    kid: &'a str,
}

impl SignedToken {
    /// Signs claims, for as long as `ttl`.
    ///
    /// # Errors
    /// When the claims can't be serialized, or the token would be longer than the 8 KiB that are verified.
    ///
    /// # Panics
    /// When `ttl` is more than an hour: [`issue_long`](Self::issue_long) is for that.
    #[track_caller]
    pub fn issue<C: Serialize + ?Sized>(claims: &C, ttl: Duration, key: &SigningKey<'_>) -> Result<Self, NotSigned> {
        Self::issue_at(claims, ttl, key, SystemTime::now())
    }

    /// [`issue`](Self::issue) by a clock of one's own, for tests.
    ///
    /// # Errors
    /// As [`issue`](Self::issue).
    ///
    /// # Panics
    /// As [`issue`](Self::issue).
    #[track_caller]
    pub fn issue_at<C: Serialize + ?Sized>(
        claims: &C,
        ttl: Duration,
        key: &SigningKey<'_>,
        now: SystemTime,
    ) -> Result<Self, NotSigned> {
        Self::sign(claims, Lifetime::usual(ttl), key, now)
    }

    /// [`issue`](Self::issue) for more than an hour. `reason` says why; it is what a reviewer greps for.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use secure_runtime::token::{SignedToken, SigningKey};
    /// # let key = SigningKey::generate("test")?;
    /// let day = Duration::from_secs(24 * 60 * 60);
    /// let token = SignedToken::issue_long("ann@example.com", day, "a link in a mail that is read tomorrow", &key)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`issue`](Self::issue).
    ///
    /// # Panics
    /// When `reason` has fewer than 10 characters.
    #[track_caller]
    pub fn issue_long<C: Serialize + ?Sized>(
        claims: &C,
        ttl: Duration,
        reason: &'static str,
        key: &SigningKey<'_>,
    ) -> Result<Self, NotSigned> {
        Self::sign(claims, Lifetime::long(ttl, reason), key, SystemTime::now())
    }

    fn sign<C: Serialize + ?Sized>(
        data: &C,
        lifetime: Lifetime,
        key: &SigningKey<'_>,
        now: SystemTime,
    ) -> Result<Self, NotSigned> {
        let begins = Lifetime::none().from(now).unix_ms();
        let (exp, iat) = (date::write(lifetime.from(now).unix_ms()), date::write(begins));
        let payload = Payload { exp, nbf: iat.clone(), iat, data };
        let payload = serde_json::to_vec(&payload).map_err(|_| NotSigned)?;
        let signed = PublicToken::sign(&key.key().ok_or(NotSigned)?, &payload, Some(&footer(key.id())), None);
        let token = Self(Secret::brand(signed.map_err(|_| NotSigned)?));
        if token.as_str().len() <= LONGEST { Ok(token) } else { Err(NotSigned) }
    }

    /// The claims of a token that was signed with a key that `key` knows by its name, and that is valid now.
    ///
    /// The name is the token's own word, and has not been verified when `key` is asked: 1 to 64 letters, digits, `.`, `_` and `-`.
    ///
    /// # Errors
    /// In every other case, with one error: [`InvalidToken`] does not say why.
    pub fn verify<C: DeserializeOwned>(
        presented: &str,
        key: impl FnOnce(&str) -> Option<VerifyingKey>,
    ) -> Result<C, InvalidToken> {
        Self::verify_at(presented, key, SystemTime::now())
    }

    /// [`verify`](Self::verify) by a clock of one's own, for tests.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_at<C: DeserializeOwned>(
        presented: &str,
        key: impl FnOnce(&str) -> Option<VerifyingKey>,
        now: SystemTime,
    ) -> Result<C, InvalidToken> {
        verified(presented, key, now).ok_or(InvalidToken)
    }

    /// The token itself, to be handed to its owner and to nobody else.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.peek()
    }
}

fn verified<C: DeserializeOwned>(
    presented: &str,
    key: impl FnOnce(&str) -> Option<VerifyingKey>,
    now: SystemTime,
) -> Option<C> {
    if presented.len() > LONGEST {
        return None;
    }
    let untrusted = UntrustedToken::<Public, V4>::try_from(presented).ok()?;
    let Footer { kid } = serde_json::from_slice(untrusted.untrusted_footer()).ok()?;
    if !is_id(kid) {
        return None;
    }
    let key = AsymmetricPublicKey::<V4>::from(key(kid)?.as_bytes()).ok()?;
    // The footer as we write it, and no other one that says the same.
    let trusted = PublicToken::verify(&key, &untrusted, Some(&footer(kid)), None).ok()?;
    let payload: Payload<C> = serde_json::from_str(trusted.payload()).ok()?;
    let (ends, begins) = (date::read(&payload.exp)?, date::read(&payload.nbf)?);
    date::read(&payload.iat)?;
    let now = u64::try_from(unix_ms(now)?).ok()?;
    (begins <= now.saturating_add(SKEW) && now < ends).then_some(payload.data)
}

fn footer(kid: &str) -> Vec<u8> {
    serde_json::to_vec(&Footer { kid }).expect("a text is JSON")
}

/// Says nothing of the token.
impl fmt::Debug for SignedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedToken([redacted])")
    }
}

/// A token is not valid. Whether it was forged, has expired or was never one, it does not say.
///
/// An [`OpaqueError`](crate::OpaqueError): the caller gets `invalid_token` and the status 401.
///
/// ```
/// use secure_runtime::{Codes, token::InvalidToken};
///
/// let codes = Codes::of::<InvalidToken>();
/// assert!(codes.to_markdown().contains("| `invalid_token` | 401 | The token is not valid. |"));
/// ```
///
/// Source: [RFC 6750](https://www.rfc-editor.org/rfc/rfc6750#section-3.1), section 3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidToken;

impl InvalidToken {
    const OPAQUE: Opaque = Opaque::declared("invalid_token", 401, "The token is not valid.", Disposition::Poison);
}

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token is not valid")
    }
}

impl std::error::Error for InvalidToken {}

impl Derived for InvalidToken {}
impl OpaqueError for InvalidToken {
    fn __opaque(&self) -> Opaque {
        Self::OPAQUE
    }

    fn __codes(codes: &mut CodeList) {
        codes.add(Self::OPAQUE);
    }

    fn __text(&self) -> Text<'_> {
        Text::Error(self)
    }
}

/// A token could not be signed: its claims can't be serialized, or are too long. To a caller it is `internal_error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotSigned;

impl fmt::Display for NotSigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the claims can't be serialized, or are too long for a token")
    }
}

impl std::error::Error for NotSigned {}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::{log, secret::live};

    const MINUTE: Duration = Duration::from_secs(60);
    const NOW: Duration = Duration::from_millis(1_700_000_000_500);

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Session {
        user: String,
        admin: bool,
    }

    fn ann() -> Session {
        Session { user: "ann".into(), admin: false }
    }

    fn key() -> SigningKey<'static> {
        SigningKey::generate("k1").unwrap()
    }

    fn now() -> SystemTime {
        UNIX_EPOCH + NOW
    }

    fn asked(token: &str, key: &SigningKey<'_>, now: SystemTime) -> Result<Session, InvalidToken> {
        SignedToken::verify_at(token, |id| (id == key.id()).then(|| key.verifying_key()), now)
    }

    /// A token as pasetors makes it of anything.
    fn forged(payload: &str, footer: Option<&[u8]>, key: &SigningKey<'_>) -> String {
        PublicToken::sign(&key.key().unwrap(), payload.as_bytes(), footer, None).unwrap()
    }

    fn payload(from: u64, to: u64) -> String {
        let (from, to) = (date::write(from), date::write(to));
        format!(r#"{{"exp":"{to}","nbf":"{from}","iat":"{from}","data":{{"user":"ann","admin":false}}}}"#)
    }

    #[test]
    fn claims_come_back() {
        let key = key();
        let token = SignedToken::issue(&ann(), MINUTE, &key).unwrap();
        assert_eq!(SignedToken::verify(token.as_str(), |_| Some(key.verifying_key())), Ok(ann()));
        let claims = SignedToken::issue("just a text", MINUTE, &key).unwrap();
        let text: String = SignedToken::verify(claims.as_str(), |_| Some(key.verifying_key())).unwrap();
        assert_eq!(text, "just a text");
        let session: Result<Session, _> = SignedToken::verify(claims.as_str(), |_| Some(key.verifying_key()));
        assert_eq!(session, Err(InvalidToken), "claims of another type");
    }

    #[test]
    fn the_form_is_what_the_docs_say() {
        let key = key();
        let token = SignedToken::issue_at(&ann(), MINUTE, &key, now()).unwrap();
        let untrusted = UntrustedToken::<Public, V4>::try_from(token.as_str()).unwrap();
        assert_eq!(untrusted.untrusted_footer(), br#"{"kid":"k1"}"#);
        let (from, to) = ("2023-11-14T22:13:20.500Z", "2023-11-14T22:14:20.500Z");
        let expected =
            format!(r#"{{"exp":"{to}","nbf":"{from}","iat":"{from}","data":{{"user":"ann","admin":false}}}}"#);
        assert_eq!(std::str::from_utf8(untrusted.untrusted_payload()), Ok(expected.as_str()));
    }

    #[test]
    fn it_ends_to_the_millisecond_and_begins_when_it_was_signed() {
        let (key, ms) = (key(), Duration::from_millis(1));
        let token = SignedToken::issue_at(&ann(), MINUTE, &key, now()).unwrap();
        let at = |time| asked(token.as_str(), &key, time);
        assert_eq!(at(now()), Ok(ann()));
        assert_eq!(at(now() + MINUTE - ms), Ok(ann()));
        assert_eq!(at(now() + MINUTE), Err(InvalidToken));
        let skew = Duration::from_millis(SKEW);
        assert_eq!(at(now() - skew), Ok(ann()));
        assert_eq!(at(now() - skew - ms), Err(InvalidToken));
        assert_eq!(at(UNIX_EPOCH - MINUTE), Err(InvalidToken));
        let reason = "the test wants it";
        let forever = SignedToken::issue_long(&ann(), Duration::MAX, reason, &key).unwrap();
        assert!(asked(forever.as_str(), &key, now() + MINUTE * 60 * 24 * 365 * 1000).is_ok());
    }

    #[test]
    #[should_panic(expected = "needs a reason")]
    fn more_than_an_hour_takes_a_reason() {
        let _ = SignedToken::issue(&ann(), MINUTE * 61, &key());
    }

    #[test]
    fn what_differs_in_any_byte_is_refused() {
        let key = key();
        let token = SignedToken::issue_at(&ann(), MINUTE, &key, now()).unwrap();
        for at in 0..token.as_str().len() {
            for other in [0, 1, 2, 16, 32] {
                let mut bytes = token.as_str().as_bytes().to_vec();
                bytes[at] = if other == 0 { b'.' } else { bytes[at] ^ other };
                let tampered = String::from_utf8(bytes).unwrap();
                if tampered != token.as_str() {
                    assert_eq!(asked(&tampered, &key, now()), Err(InvalidToken), "{at} {tampered}");
                }
            }
            assert!(asked(&token.as_str()[..at], &key, now()).is_err());
            assert!(asked(&token.as_str()[at + 1..], &key, now()).is_err());
        }
        for more in ["A", "=", ".", ".e30", " ", "\n"] {
            assert!(asked(&format!("{}{more}", token.as_str()), &key, now()).is_err(), "{more:?}");
        }
    }

    #[test]
    fn the_last_characters_can_be_no_others() {
        // They stand for bits that aren't there.
        const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let key = key();
        for user in ["a", "an", "ann"] {
            let token =
                SignedToken::issue_at(&Session { user: user.into(), admin: true }, MINUTE, &key, now()).unwrap();
            let (body, footer) = token.as_str().rsplit_once('.').unwrap();
            for character in ALPHABET.chars() {
                for other in [
                    format!("{}{character}.{footer}", &body[..body.len() - 1]),
                    format!("{body}.{}{character}", &footer[..footer.len() - 1]),
                ] {
                    assert_eq!(asked(&other, &key, now()).is_ok(), other == token.as_str(), "{other}");
                }
            }
        }
    }

    #[test]
    fn another_key_a_wrong_name_and_none_are_refused() {
        let (key, other) = (key(), key());
        let footer = |name: &str| format!(r#"{{"kid":"{name}"}}"#).into_bytes();
        let fine = payload(1_700_000_000_000, 1_700_000_060_000);
        assert!(asked(&forged(&fine, Some(&footer("k1")), &key), &key, now()).is_ok());
        assert!(asked(&forged(&fine, Some(&footer("k1")), &other), &key, now()).is_err());
        assert!(asked(&forged(&fine, Some(&footer("k2")), &key), &key, now()).is_err());
        assert!(asked(&forged(&fine, None, &key), &key, now()).is_err());
        for wrong in [r#"{ "kid":"k1"}"#, r#"{"kid":"k1","x":1}"#, r#"{"kid":"k\u0031"}"#, "k1", "{}", r#"{"kid":1}"#] {
            assert!(asked(&forged(&fine, Some(wrong.as_bytes()), &key), &key, now()).is_err(), "{wrong}");
        }
        for name in ["", "../../etc/passwd", "k1 or 1=1", &"k".repeat(65)] {
            let token = forged(&fine, Some(&footer(name)), &key);
            let looked_up = |_: &str| -> Option<VerifyingKey> { panic!("nobody is asked for {name:?}") };
            assert_eq!(SignedToken::verify_at::<Session>(&token, looked_up, now()), Err(InvalidToken));
        }
    }

    #[test]
    fn a_payload_without_an_end_is_refused() {
        let key = key();
        let fine = payload(1_700_000_000_000, 1_700_000_060_000);
        for wrong in [
            fine.replace(r#""exp""#, r#""ex""#),
            fine.replace(r#""nbf""#, r#""nb""#),
            fine.replace(r#""iat""#, r#""ia""#),
            fine.replace(r#""data""#, r#""dat""#),
            fine.replace("22:14:20.000Z", "22:14:20Z"),
            fine.replacen('{', r#"{"exp":"9999-12-31T23:59:59.999Z","#, 1),
            format!("{fine} {fine}"),
            "[]".into(),
            "hunter2".into(),
        ] {
            assert_ne!(wrong, fine);
            assert!(asked(&forged(&wrong, Some(br#"{"kid":"k1"}"#), &key), &key, now()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn nothing_but_v4_public_is_read() {
        let key = key();
        let token = SignedToken::issue_at(&ann(), MINUTE, &key, now()).unwrap();
        let body = token.as_str().strip_prefix("v4.public.").unwrap();
        for header in ["v1.public.", "v2.public.", "v3.public.", "v4.local.", "V4.public.", "v4.Public.", "none.", ""] {
            assert!(asked(&format!("{header}{body}"), &key, now()).is_err(), "{header}");
        }
        let jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.";
        for other in ["", ".", "...", "v4.public.", "v4.public..", "v4.public.AAAA", "é", jwt] {
            assert!(asked(other, &key, now()).is_err(), "{other}");
        }
    }

    #[test]
    fn what_is_too_long_is_neither_signed_nor_read() {
        let key = key();
        let long = Session { user: "a".repeat(LONGEST), admin: false };
        assert_eq!(SignedToken::issue(&long, MINUTE, &key).unwrap_err(), NotSigned);
        let most = (5_000..6_500)
            .rev()
            .find_map(|length| SignedToken::issue_at("a".repeat(length).as_str(), MINUTE, &key, now()).ok());
        let most = most.unwrap();
        assert!((LONGEST - 1..=LONGEST).contains(&most.as_str().len()), "{}", most.as_str().len());
        assert!(SignedToken::verify_at::<String>(most.as_str(), |_| Some(key.verifying_key()), now()).is_ok());
        let longer = forged(&payload(0, 1).replace("ann", &"a".repeat(LONGEST)), Some(br#"{"kid":"k1"}"#), &key);
        let looked_up = |_: &str| -> Option<VerifyingKey> { panic!("nobody is asked") };
        assert_eq!(SignedToken::verify_at::<Session>(&longer, looked_up, UNIX_EPOCH), Err(InvalidToken));
    }

    #[test]
    fn claims_that_fail_are_no_token() {
        let unserializable = std::collections::HashMap::from([((1, 2), 3)]);
        assert_eq!(SignedToken::issue(&unserializable, MINUTE, &key()).unwrap_err(), NotSigned);
    }

    #[test]
    fn it_says_nothing_and_is_masked() {
        let token = SignedToken::issue(&ann(), MINUTE, &key()).unwrap();
        assert_eq!(format!("{token:?}"), "SignedToken([redacted])");
        let line = log::masked(&format!("cookie {}", token.as_str()));
        assert_eq!(line, format!("cookie [redacted PASETO token, {} bytes]", token.as_str().len()));
        let _turn = live::turn();
        let text = token.as_str().to_owned();
        let knows = || live::with_all(|all| all.contains(&text.as_bytes()));
        assert!(knows());
        drop(token);
        assert!(!knows());
    }

    #[test]
    fn the_caller_learns_one_thing() {
        let opaque = InvalidToken.__opaque();
        assert_eq!(
            (opaque.code(), opaque.status(), opaque.message()),
            ("invalid_token", 401, "The token is not valid.")
        );
    }
}
