//! How long a token may live, and until when.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The most that needs no reason.
const USUAL: Duration = Duration::from_secs(60 * 60);
/// As for the reasons that the rules ask for.
const REASON: usize = 10;

/// A lifetime that is usual, or that somebody has given a reason for.
#[derive(Clone, Copy)]
pub(super) struct Lifetime(Duration);

impl Lifetime {
    #[track_caller]
    pub(super) fn usual(ttl: Duration) -> Self {
        assert!(ttl <= USUAL, "a token that lives for more than an hour needs a reason: use `issue_long(ttl, reason)`");
        Self(ttl)
    }

    #[track_caller]
    pub(super) fn long(ttl: Duration, reason: &'static str) -> Self {
        let length = reason.trim().chars().count();
        assert!(length >= REASON, "`issue_long` takes a reason of {REASON} characters or more, not of {length}");
        Self(ttl)
    }

    #[cfg(feature = "signed-token")]
    pub(super) const fn none() -> Self {
        Self(Duration::ZERO)
    }

    pub(super) fn from(self, now: SystemTime) -> Expiry {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let end = now.saturating_add(self.0).as_millis();
        Expiry(u64::try_from(end).map_or(Expiry::LAST, |end| end.min(Expiry::LAST)))
    }
}

/// When a token ends: milliseconds since 1970, of the last one in which it is not valid any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expiry(u64);

impl Expiry {
    /// 9999-12-31T23:59:59.999Z, after which RFC 3339 has no dates. What would be later ends then.
    pub(super) const LAST: u64 = 253_402_300_799_999;

    pub(super) fn at(unix_ms: u64) -> Option<Self> {
        (unix_ms <= Self::LAST).then_some(Self(unix_ms))
    }

    pub(super) const fn unix_ms(self) -> u64 {
        self.0
    }

    pub(super) fn time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.0)
    }

    /// A clock that has not come to 1970 is wrong, and nothing is valid by it.
    pub(super) fn is_after(self, now: SystemTime) -> bool {
        unix_ms(now).is_some_and(|now| now < u128::from(self.0))
    }
}

/// Whole milliseconds since 1970.
pub(super) fn unix_ms(time: SystemTime) -> Option<u128> {
    time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_millis())
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn more_than_an_hour_takes_a_reason() {
        let _ = Lifetime::usual(HOUR);
        assert!(catch_unwind(|| Lifetime::usual(HOUR + Duration::from_nanos(1))).is_err());
        let _ = Lifetime::long(HOUR * 24 * 30, "ten chars!");
        assert!(catch_unwind(|| Lifetime::long(HOUR, "nine char")).is_err());
        assert!(catch_unwind(|| Lifetime::long(HOUR, "            ")).is_err());
    }

    #[test]
    fn what_never_ends_ends_with_the_dates() {
        let ends = Lifetime::long(Duration::MAX, "the test wants it").from(SystemTime::now());
        assert_eq!(ends.unix_ms(), Expiry::LAST);
        assert_eq!(ends.time().duration_since(UNIX_EPOCH).unwrap().as_millis(), u128::from(Expiry::LAST));
        assert!(Expiry::at(Expiry::LAST).is_some() && Expiry::at(Expiry::LAST + 1).is_none());
    }

    #[test]
    fn by_a_clock_from_before_1970_nothing_is_valid() {
        let before = UNIX_EPOCH - HOUR;
        let ends = Lifetime::usual(HOUR).from(before);
        assert_eq!(ends.unix_ms(), 3_600_000);
        assert!(!ends.is_after(before) && ends.is_after(UNIX_EPOCH) && !ends.is_after(UNIX_EPOCH + HOUR));
    }
}
