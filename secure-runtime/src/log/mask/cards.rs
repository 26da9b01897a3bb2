//! Card numbers: an issuer's prefix, a length that the issuer uses, and a check digit.
//!
//! Ids and times that happen to look like one are rare: they begin otherwise (a time in nanoseconds has 19 digits and begins with
//! 1), and nine in ten fail the check.

use std::ops::Range;

use super::shapes::{Set, runs};

static DIGITS_AND_SEPARATORS: [bool; 256] = Set::of("0-9 -").table();

/// Half of the least that a card number has.
const STEP: usize = 7;

/// As cards are printed, when not in one piece.
const GROUPS: &[&[usize]] = &[&[4, 4, 4, 4, 3], &[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4]];

/// Where card numbers are in a text.
pub(super) fn each(text: &[u8], found: &mut dyn FnMut(Range<usize>)) {
    runs::<STEP>(text, &DIGITS_AND_SEPARATORS, &mut |run| {
        let mut start = run.start;
        while start < run.end {
            let length = digits(&text[start..run.end]);
            if length == 0 {
                start += 1;
                continue;
            }
            match card(text, start, length) {
                Some(end) => {
                    found(start..end);
                    start = end;
                }
                None => start += length,
            }
        }
    });
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Where the card number ends whose first digits, `length` of them, are at `start`.
fn card(text: &[u8], start: usize, length: usize) -> Option<usize> {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'.';
    if text[..start].last().is_some_and(word) {
        return None;
    }
    let whole = (13..=19).contains(&length).then_some(start + length);
    let ends = whole.into_iter().chain(GROUPS.iter().filter_map(|groups| grouped(text, start, groups)));
    ends.into_iter().find(|&end| {
        let follows = text.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            || (text.get(end) == Some(&b'.') && text.get(end + 1).is_some_and(u8::is_ascii_digit));
        !follows && is_card(&text[start..end])
    })
}

/// Where the number ends that is printed in these groups, with one separator between them.
fn grouped(text: &[u8], start: usize, groups: &[usize]) -> Option<usize> {
    let separator = *text.get(start + groups[0])?;
    if separator != b' ' && separator != b'-' || (separator == b'-' && follows_a_group_of_hex(text, start)) {
        return None;
    }
    let mut at = start;
    for (index, &group) in groups.iter().enumerate() {
        if index > 0 && text.get(at) != Some(&separator) {
            return None;
        }
        at += usize::from(index > 0);
        if digits(&text[at..]) != group {
            return None;
        }
        at += group;
    }
    Some(at)
}

/// A UUID can have three groups of four digits in a row.
fn follows_a_group_of_hex(text: &[u8], start: usize) -> bool {
    text[..start]
        .strip_suffix(b"-")
        .is_some_and(|before| before.len() >= 4 && before[before.len() - 4..].iter().all(u8::is_ascii_hexdigit))
}

fn is_card(text: &[u8]) -> bool {
    let mut number = [0u8; 19];
    let mut length = 0;
    for digit in text.iter().filter(|byte| byte.is_ascii_digit()) {
        number[length] = digit - b'0';
        length += 1;
    }
    let number = &number[..length];
    is_issued(number) && luhn(number)
}

/// ISO/IEC 7812-1, annex B.
fn luhn(number: &[u8]) -> bool {
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(index, &digit)| match (index % 2, u32::from(digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => 2 * digit - 9,
            (_, digit) => 2 * digit,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether a network issues numbers that begin so, of that length.
fn is_issued(number: &[u8]) -> bool {
    let prefix = number.iter().take(4).fold(0, |prefix, &digit| 10 * prefix + u32::from(digit));
    match prefix {
        // Visa
        4000..=4999 => matches!(number.len(), 13 | 16 | 19),
        // Mastercard
        2221..=2720 | 5100..=5599 => number.len() == 16,
        // American Express
        3400..=3499 | 3700..=3799 => number.len() == 15,
        // Diners Club
        3000..=3059 | 3095..=3095 | 3600..=3699 | 3800..=3999 => (14..=19).contains(&number.len()),
        // Discover, JCB, UnionPay, Maestro
        6011
        | 6440..=6499
        | 6500..=6599
        | 3528..=3589
        | 6200..=6299
        | 5000..=5099
        | 5600..=5899
        | 6304
        | 6759
        | 6761..=6763 => (16..=19).contains(&number.len()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        each(text.as_bytes(), &mut |range| found.push(&text[range]));
        found
    }

    #[test]
    fn cards_are_found_as_they_are_written() {
        // The numbers that the networks publish for tests.
        for card in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "4222222222222",
            "5555555555554444",
            "2223003122003222",
            "378282246310005",
            "3782 822463 10005",
            "30569309025904",
            "3056 930902 5904",
            "6011111111111117",
            "3530111333300000",
            "6200000000000005",
            "6759649826438453",
        ] {
            for text in
                [card.to_owned(), format!("card {card}, ok"), format!("{{\"n\":{card}}}"), format!("12 {card} 7")]
            {
                assert_eq!(found(&text), [card], "{text}");
            }
            let last = card.len() - 1;
            let wrong = format!("{}{}", &card[..last], (card.as_bytes()[last] - b'0' + 1) % 10);
            assert!(found(&wrong).is_empty(), "{wrong} fails the check");
        }
        assert_eq!(found("4111111111111111 5555555555554444").len(), 2);
        assert_eq!(found("card-4111-1111-1111-1111"), ["4111-1111-1111-1111"]);
    }

    #[test]
    fn what_only_looks_like_one_is_fine() {
        for text in [
            "",
            "1732489851000000000",
            "1732489851000",
            "0.4111111111111111",
            "4111111111111111.5",
            "x4111111111111111",
            "4111111111111111f",
            "41111111111111110000",
            "a4111111-4111-1111-1111-111111111111",
            "c0ffee00-4111-1111-1111-1111aaaabbbb",
            "4111  1111 1111 1111",
            "4111-1111 1111-1111",
            "9111111111111111",
            "2026-11-24 23:10:51",
            "------------------------",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn few_of_many_numbers_are_taken_for_cards() {
        // Consecutive ids of sixteen digits, all of which begin as a Visa does: one in ten passes the check.
        let cards = (0..1000).filter(|n| !found(&format!("order {}", 4_000_000_000_000_000u64 + n)).is_empty());
        assert_eq!(cards.count(), 100);
        // Snowflakes, nanoseconds, milliseconds.
        for start in [1_861_000_000_000_000_000u64, 1_732_489_851_000_000_000, 1_732_489_851_000] {
            assert!((0..1000).all(|n| found(&format!("id={}", start + n * 7919)).is_empty()), "{start}");
        }
    }
}
