//! Tickets: `user.expiry.mac`, with an HMAC-SHA256 (RFC 2104) over the first two parts.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// How long a ticket is valid.
pub const LIFE: Duration = Duration::from_secs(15 * 60);

/// Signs a ticket for `user`. The expiry is in seconds since 1970.
///
/// # Panics
/// When `now` is before 1970.
#[must_use]
pub fn issue(key: &str, user: &str, now: SystemTime) -> String {
    let expiry = (now + LIFE).duration_since(UNIX_EPOCH).expect("the clock is past 1970").as_secs();
    let claim = format!("{user}.{expiry}");
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(claim.as_bytes());
    let mac = BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    format!("{claim}.{mac}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_of_its_user_key_and_time() {
        let at = |key, user, seconds| issue(key, user, UNIX_EPOCH + Duration::from_secs(seconds));
        let ticket = at("key", "ada", 100);
        assert!(ticket.starts_with("ada.1000."), "{ticket}");
        assert_eq!(ticket, at("key", "ada", 100));
        assert_ne!(ticket, at("other", "ada", 100));
        assert_ne!(ticket, at("key", "eve", 100));
        assert_ne!(ticket, at("key", "ada", 101));
    }
}
