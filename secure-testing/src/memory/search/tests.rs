//! The search, against copies that were put there.

use super::*;
use crate::memory::Encoding;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, Engine as _};

/// Bytes of which base64 in the two alphabets differs in every window of 8 characters.
const SECRET: &[u8] = b"\xfb\xef\xbe>>>???\xff\xfe\xfd~~~battery-horse-staple";

/// Xorshift: the same bytes in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| u8::try_from(self.below(256)).unwrap()).collect()
    }
}

fn search(canaries: &[&[u8]]) -> Search {
    Search::new(canaries).unwrap()
}

fn encoded(bytes: &[u8], encoding: Encoding) -> Vec<u8> {
    let hex = || bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    match encoding {
        Encoding::Raw => bytes.to_vec(),
        Encoding::Base64 => BASE64_STANDARD.encode(bytes).into(),
        Encoding::Base64Url => BASE64_URL_SAFE.encode(bytes).into(),
        Encoding::HexLower => hex().into(),
        Encoding::HexUpper => hex().to_uppercase().into(),
        Encoding::Upper => bytes.to_ascii_uppercase(),
        Encoding::Lower => bytes.to_ascii_lowercase(),
    }
}

const ENCODINGS: [Encoding; 5] =
    [Encoding::Raw, Encoding::Base64, Encoding::Base64Url, Encoding::HexLower, Encoding::HexUpper];

#[test]
fn every_encoding_is_found_at_every_alignment() {
    for encoding in ENCODINGS {
        for before in 0..7 {
            for after in 0..4 {
                let (mut random, mut text) = (Random(7), b"????????".to_vec());
                let neighbours = [random.bytes(before), SECRET.to_vec(), random.bytes(after)];
                text.extend(encoded(&neighbours.concat(), encoding));
                let findings = search(&[b"not this one", SECRET]).bytes(&text);
                let whole: Vec<_> = findings.iter().filter(|finding| finding.whole).collect();
                assert_eq!(whole.len(), 1, "{encoding} {before} {after}: {findings}");
                assert_eq!((whole[0].canary, whole[0].encoding), (1, encoding), "{findings}");
                assert_eq!((whole[0].offset, whole[0].length), (0, SECRET.len()), "{findings}");
            }
        }
    }
}

#[test]
fn fragments_are_as_long_as_they_go() {
    for encoding in ENCODINGS {
        for (start, end) in [(0, 12), (5, 17), (12, SECRET.len())] {
            let text = encoded(&SECRET[start..end], encoding);
            let findings = search(&[SECRET]).bytes(&[b"!!!!", text.as_slice(), b"!!!!"].concat());
            // A character at either end may hold bits of what isn't there.
            let fits = |finding: &Finding| {
                let found = finding.offset..finding.offset + finding.length;
                finding.encoding == encoding
                    && (start..=start + 1).contains(&found.start)
                    && (end - 1..=end).contains(&found.end)
                    && !finding.whole
            };
            assert!(findings.iter().any(fits), "{encoding} {start}..{end}: {findings}");
        }
    }
}

#[test]
fn fragments_that_are_too_short_are_not_found() {
    let search = Search::with_min_fragment(["correct horse battery staple"], 12).unwrap();
    assert!(search.bytes(b"a horse batt ery").is_empty());
    assert_eq!(search.bytes(b"a horse batte ry").fragments(), 1);
}

#[test]
fn windows_of_few_different_bytes_are_found_in_longer_runs_only() {
    let canary = b"password                        1234 is it";
    let search = search(&[canary]);
    assert!(search.bytes(&[b' '; 100]).is_empty());
    let findings = search.bytes(b"password                        1x");
    assert_eq!(findings.iter().map(|finding| finding.length).collect::<Vec<_>>(), [33]);
}

#[test]
fn canaries_that_tell_nothing_are_refused() {
    for canary in [b"short".to_vec(), vec![b'a'; 40], vec![7; 17 << 10], Vec::new()] {
        let error = Search::new([b"a good canary".to_vec(), canary]).unwrap_err();
        assert!(matches!(error, Error::Canary { index: 1, .. }), "{error}");
    }
    assert!(Search::new([""; 0]).unwrap().bytes(b"anything").is_empty());
}

#[test]
fn nothing_is_found_in_random_bytes() {
    let mut random = Random(11);
    let canaries: Vec<Vec<u8>> = (0..4).map(|_| random.bytes(40)).collect();
    let findings = Search::new(&canaries).unwrap().bytes(&random.bytes(1 << 20));
    assert!(findings.is_empty(), "{findings}");
}

#[test]
fn copies_side_by_side_are_two() {
    let findings = search(&[SECRET]).bytes(&[SECRET, SECRET].concat());
    assert_eq!((findings.whole(), findings.len()), (2, 2), "{findings}");
}

/// Whatever the chunks, holes apart, the findings are those of a search in one piece.
#[test]
fn chunks_and_their_borders_make_no_difference() {
    let mut random = Random(13);
    for round in 0..60 {
        let canary = random.bytes(8 + round);
        let mut memory = random.bytes(4000);
        for _ in 0..6 {
            let encoding = ENCODINGS[random.below(5)];
            let (from, noise) = (random.below(canary.len() - 7), random.below(3));
            let copy = encoded(&[&memory[..noise], &canary[from..]].concat(), encoding);
            let at = random.below(memory.len() - copy.len());
            memory[at..at + copy.len()].copy_from_slice(&copy);
        }
        let search = search(&[&canary]);
        let at_once = search.bytes(&memory);
        let read = |address, buffer: &mut [u8]| {
            let rest = &memory[usize::try_from(address).unwrap()..];
            let length = rest.len().min(buffer.len());
            buffer[..length].copy_from_slice(&rest[..length]);
            length
        };
        let (mut runs, chunk) = (Vec::new(), 1 + random.below(300));
        assert!(search.range(0..memory.len() as u64, chunk, read, &mut runs));
        assert_eq!(search.findings(runs, |_| ""), at_once, "chunks of {chunk}");
        assert!(!at_once.is_empty());
    }
}

#[test]
fn holes_are_skipped_and_what_lies_behind_them_is_searched() {
    let search = search(&[SECRET]);
    let mut memory = vec![0; 40 << 10];
    let places = [0, 3000, (8 << 10) - SECRET.len(), 16 << 10, (40 << 10) - SECRET.len()];
    for place in places {
        memory[place..place + SECRET.len()].copy_from_slice(SECRET);
    }
    // Two pages and one can't be read.
    let readable = [0..8 << 10, 16 << 10..20 << 10, 24 << 10..40 << 10];
    let read = |address, buffer: &mut [u8]| {
        let start = usize::try_from(address).unwrap();
        let Some(part) = readable.iter().find(|part| part.contains(&start)) else { return 0 };
        let length = buffer.len().min(part.end - start);
        buffer[..length].copy_from_slice(&memory[start..start + length]);
        length
    };
    let mut runs = Vec::new();
    assert!(search.range(0..40 << 10, 5000, read, &mut runs));
    let findings = search.findings(runs, |_| "");
    let found: Vec<_> = findings.iter().map(|finding| finding.address).collect();
    assert_eq!(found, places.map(|place| place as u64));
    assert!(!search.range(0..8192, 5000, |_, _| 0, &mut Vec::new()));
}

#[test]
fn what_is_printed_fits_and_says_no_secret() {
    let memory = SECRET.repeat(30);
    let mut findings = search(&[SECRET]).bytes(&memory);
    findings.0[0].mapping = format!("/{}/{}", "folder".repeat(9), "file".repeat(30));
    findings.0[0].address = u64::MAX;
    let text = findings.to_string();
    assert!(text.starts_with("30 findings (30 whole, 0 fragments):\n  canary 0   whole "), "{text}");
    assert!(text.ends_with("\n  and 10 more"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(!text.contains("battery"), "{text}");
}

#[test]
fn capitals_are_found_and_so_is_what_was_sent_in_them() {
    let found = |text: &[u8]| {
        let findings = search(&[b"Correct-Horse-Battery"]).bytes(text);
        findings.iter().map(|found| (found.encoding, found.whole)).collect::<Vec<_>>()
    };
    assert_eq!(found(b"Correct-Horse-Battery"), [(Encoding::Raw, true)]);
    assert_eq!(found(b"CORRECT-HORSE-BATTERY"), [(Encoding::Upper, true)]);
    assert_eq!(found(b"correct-horse-battery"), [(Encoding::Lower, true)]);
    assert_eq!(found(b"...HORSE-BATTERY"), [(Encoding::Upper, false)]);
    assert_eq!(found(b"cORRECT-hORSE-bATTERY"), []);
}
