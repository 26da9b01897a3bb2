//! The dates of a signed token, in one form of RFC 3339 only: `2026-01-31T23:59:59.999Z`.

use super::lifetime::Expiry;

const DAY: u64 = 24 * 60 * 60 * 1000;

/// Milliseconds since 1970, up to [`Expiry::LAST`], as a date.
pub(super) fn write(unix_ms: u64) -> String {
    let (days, rest) = (unix_ms / DAY, unix_ms % DAY);
    let (year, month, day) = civil(days);
    let (hour, minute, second, ms) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// The milliseconds since 1970 of a date that [`write`] gives.
pub(super) fn read(text: &str) -> Option<u64> {
    let digits = |from: usize, to: usize| {
        let digits = text.get(from..to).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse::<u64>().ok()
    };
    let days = days(digits(0, 4)?, digits(5, 7)?, digits(8, 10)?)?;
    let minutes = digits(11, 13)? * 60 + digits(14, 16)?;
    let unix_ms = days * DAY + (minutes * 60 + digits(17, 19)?) * 1000 + digits(20, 23)?;
    // What stands between the digits, and dates that there are none of, such as the 31st of June.
    (unix_ms <= Expiry::LAST && write(unix_ms) == text).then_some(unix_ms)
}

/// Years that begin in March, so that the day which leap years have more is the last one; 400 of them are as long as any other 400.
const ERA: u64 = 146_097;
/// Days from the first of March of the year 0 to 1970.
const TO_1970: u64 = 719_468;

/// Year, month and day of a day since 1970.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + TO_1970;
    let (era, day) = (days / ERA, days % ERA);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let january = month >= 10;
    (era * 400 + year + u64::from(january), if january { month - 9 } else { month + 3 }, day)
}

/// The day since 1970 of a year, month and day, if they come after it.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = year.checked_sub(u64::from(month < 3))?;
    let month = if month < 3 { month + 9 } else { month - 3 };
    let (era, year) = (year / 400, year % 400);
    let days = era * ERA + 365 * year + year / 4 - year / 100 + (153 * month + 2) / 5 + day;
    days.checked_sub(TO_1970 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_known_answers() {
        for (unix_ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_827_696_789, "2000-02-29T12:34:56.789Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (1_709_251_200_000, "2024-03-01T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (Expiry::LAST, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(write(unix_ms), text);
            assert_eq!(read(text), Some(unix_ms));
        }
    }

    #[test]
    fn every_day_is_the_one_after_the_day_before() {
        let mut last = String::new();
        for day in 0..=Expiry::LAST / DAY {
            let text = write(day * DAY);
            assert!(text > last && read(&text) == Some(day * DAY), "{text}");
            last = text;
        }
        assert!(last.starts_with("9999-12-31T"));
    }

    #[test]
    fn there_is_one_form_only() {
        for wrong in [
            "",
            "2024-02-29",
            "2024-02-29T23:59:59Z",
            "2024-02-29T23:59:59.999+00:00",
            "2024-02-29t23:59:59.999z",
            "2024-02-29 23:59:59.999Z",
            "2024-02-29T23:59:59.999Z ",
            "2023-02-29T23:59:59.999Z",
            "2024-00-10T00:00:00.000Z",
            "2024-13-10T00:00:00.000Z",
            "2024-01-00T00:00:00.000Z",
            "2024-01-01T24:00:00.000Z",
            "2024-01-01T00:60:00.000Z",
            "1969-12-31T23:59:59.999Z",
            "0000-01-01T00:00:00.000Z",
            "9999-12-32T00:00:00.000Z",
            "+024-01-01T00:00:00.000Z",
            "20é4-01-01T00:00:00.000Z",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
