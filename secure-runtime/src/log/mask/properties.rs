//! The masker against encoders that know nothing of it.

use std::fmt::Write as _;

use base64::{Engine as _, prelude::*};
use proptest::{collection::vec, prelude::*};

use super::{
    Masks, found,
    patterns::{Ends, Patterns},
    replaced,
};

/// What is written of a text while these secrets are alive.
fn masked(secrets: &[&[u8]], text: &[u8]) -> Vec<u8> {
    let masks = Masks { generation: 0, secrets: Patterns::of(secrets) };
    let ends = Ends::of(secrets);
    let end = |encoding, text: &[u8]| ends.end(encoding, text);
    match masks.find(text, &end) {
        Some(mut found) => {
            found::quote_values(text, &mut found);
            replaced(text, &found::joined(text, found)).content().to_vec()
        }
        None => text.to_vec(),
    }
}

fn masked_text(secrets: &[&str], text: &str) -> String {
    let secrets: Vec<_> = secrets.iter().map(|secret| secret.as_bytes()).collect();
    String::from_utf8(masked(&secrets, text.as_bytes())).unwrap()
}

/// A way to write a secret into a text, and which characters at its edges depend on what stands beside it.
type Writer = fn(&[u8]) -> Option<Vec<u8>>;

fn text(secret: &[u8]) -> Option<&str> {
    std::str::from_utf8(secret).ok()
}

fn json(secret: &[u8]) -> Option<Vec<u8>> {
    Some(serde_json::to_string(text(secret)?).unwrap().into_bytes())
}

fn hex(secret: &[u8]) -> String {
    secret.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

fn percent(secret: &[u8], plain: &str, space: &str) -> String {
    secret.iter().fold(String::new(), |mut out, &byte| {
        match byte {
            b' ' => out.push_str(space),
            _ if byte.is_ascii_alphanumeric() || plain.as_bytes().contains(&byte) => out.push(char::from(byte)),
            _ => write!(out, "%{byte:02X}").unwrap(),
        }
        out
    })
}

fn utf16_escapes(secret: &[u8]) -> Option<Vec<u8>> {
    let escaped = text(secret)?.encode_utf16().fold(String::new(), |mut out, unit| {
        write!(out, "\\u{unit:04x}").unwrap();
        out
    });
    Some(escaped.into_bytes())
}

/// Characters of base64 that hold nothing but bits of the secret, which begins `before` bytes after a group does.
fn base64(secret: &[u8], before: usize, encode: fn(Vec<u8>) -> String) -> Vec<u8> {
    let whole = [&b"<&>"[..before], secret, b"\x07\xf8"].concat();
    encode(whole).into_bytes()
}

const WRITERS: [(&str, Writer); 26] = [
    ("raw", |secret| Some(secret.to_vec())),
    ("upper case", |secret| Some(secret.to_ascii_uppercase())),
    ("lower case", |secret| Some(secret.to_ascii_lowercase())),
    ("capitals", |secret| Some(text(secret)?.to_uppercase().into_bytes())),
    ("small letters", |secret| Some(text(secret)?.to_lowercase().into_bytes())),
    ("base64, alone", |secret| Some(BASE64_STANDARD.encode(secret).into_bytes())),
    ("base64 for URLs, alone", |secret| Some(BASE64_URL_SAFE_NO_PAD.encode(secret).into_bytes())),
    ("base64, aligned", |secret| Some(base64(secret, 0, |whole| BASE64_STANDARD.encode(whole)))),
    ("base64, a byte off", |secret| Some(base64(secret, 1, |whole| BASE64_STANDARD.encode(whole)))),
    ("base64, two bytes off", |secret| Some(base64(secret, 2, |whole| BASE64_STANDARD.encode(whole)))),
    ("base64 for URLs, a byte off", |secret| Some(base64(secret, 1, |whole| BASE64_URL_SAFE.encode(whole)))),
    ("base64 for URLs, two bytes off", |secret| Some(base64(secret, 2, |whole| BASE64_URL_SAFE.encode(whole)))),
    ("base64 in a URL", |secret| {
        Some(BASE64_STANDARD.encode(secret).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D").into_bytes())
    }),
    ("base64 with escaped slashes", |secret| Some(BASE64_STANDARD.encode(secret).replace('/', "\\/").into_bytes())),
    ("hex", |secret| Some(hex(secret).into_bytes())),
    ("upper hex", |secret| Some(hex(secret).to_uppercase().into_bytes())),
    ("percent", |secret| Some(percent(secret, "-_.!~*'()", "%20").into_bytes())),
    ("lower percent, all of it", |secret| {
        Some(secret.iter().fold(String::new(), |out, byte| format!("{out}%{byte:02x}")).into_bytes())
    }),
    ("form", |secret| Some(percent(secret, "*-._", "+").into_bytes())),
    ("JSON", json),
    ("JSON in JSON", |secret| json(&json(secret)?)),
    ("JSON in ASCII", utf16_escapes),
    ("JSON with escaped slashes", |secret| Some(text(&json(secret)?)?.replace('/', "\\/").into_bytes())),
    ("Debug of a text", |secret| Some(format!("{:?}", text(secret)?).into_bytes())),
    ("Debug of bytes", |secret| Some(format!("{secret:?}").into_bytes())),
    ("escaped bytes", |secret| Some(secret.escape_ascii().to_string().into_bytes())),
];

/// What of an encoded secret must not be left.
const WINDOW: usize = 6;

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn secret() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 6..=64),
        "[ -~]{6,64}".prop_map(String::into_bytes),
        r#"["\\/+%&=? \n\t\u{e9}\u{1f600}a-c]{6,30}"#.prop_map(String::into_bytes),
        "[a-c\u{e9}\u{c9}\u{fc}\u{df}\u{131}\u{212a}\u{17f} ]{6,40}".prop_map(String::into_bytes),
        "[A-Za-z0-9_-]{6,64}".prop_map(String::into_bytes),
        // Longer than what is remembered of one.
        "[A-Za-z0-9 \\\\\"]{65,300}".prop_map(String::into_bytes),
    ]
}

/// Text in which no secret and no part of an escape occurs but by chance.
fn around() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z ,.:;=()]{0,40}", "[\u{400}-\u{4ff} ]{0,20}", Just(String::new())]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_encoding_of_a_secret_survives(
        secrets in vec(secret(), 1..4),
        (before, after) in (around(), around()),
        nested in 0..3,
    ) {
        let secrets: Vec<&[u8]> = secrets.iter().map(Vec::as_slice).collect();
        for (name, write) in WRITERS {
            let Some(encoded) = write(secrets[0]) else { continue };
            let mut text = [before.as_bytes(), &encoded, after.as_bytes()].concat();
            // The edges of base64 hold bits of the neighbours, those of a quoted text are quotes.
            let edge = if name.starts_with("base64") { 4 } else { 1 };
            let mut core = encoded.get(edge..encoded.len().saturating_sub(edge + 3)).unwrap_or_default().to_vec();
            for _ in 0..nested {
                // A line of JSON, and a text of JSON in one; a secret that has been in one already is a level deep as it is.
                if name != "JSON in JSON" && let (Some(line), Some(part)) = (json(&text), json(&core)) {
                    (text, core) = (line, part[1..part.len() - 1].to_vec());
                }
            }
            let out = masked(&secrets, &text);
            prop_assert!(out != text, "{name}: nothing found in {}", text.escape_ascii());
            for window in core.windows(WINDOW) {
                let by_chance = window.iter().all(|byte| b"\\\" ".contains(byte))
                    || contains(before.as_bytes(), window)
                    || contains(after.as_bytes(), window)
                    || contains(b"[redacted secret, 123 bytes]", window);
                prop_assert!(
                    by_chance || !contains(&out, window),
                    "{name}: {} of {} in {}", window.escape_ascii(), text.escape_ascii(), out.escape_ascii()
                );
            }
        }
    }

    #[test]
    fn what_stands_around_a_secret_comes_out_as_it_is(
        secret in "[n-z]{6,64}",
        (before, after) in ("[ ,.a-m]{0,60}", "[ ,.a-m]{0,60}"),
    ) {
        let expected = format!("{before}[redacted secret, {} bytes]{after}", secret.len());
        prop_assert_eq!(masked_text(&[&secret], &format!("{before}{secret}{after}")), expected);
    }

    #[test]
    fn text_without_secrets_comes_out_byte_for_byte(
        secrets in vec("[n-z0-9]{1,64}", 0..20),
        text in "[ \\\\,.\"%a-m\u{e9}\n]{0,300}",
    ) {
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        prop_assert_eq!(masked_text(&secrets, &text), text);
    }

    #[test]
    fn any_bytes_are_fine(secrets in vec(vec(any::<u8>(), 0..70), 0..4), text in vec(any::<u8>(), 0..300), at in 0..300usize) {
        let secrets: Vec<&[u8]> = secrets.iter().map(Vec::as_slice).collect();
        let mut text = text;
        text.splice(at.min(text.len())..at.min(text.len()), secrets.concat());
        let _ = masked(&secrets, &text);
        let _ = masked(&secrets, &[b"{\"n\":", &text[..]].concat());
    }

    #[test]
    fn escapes_without_meaning_are_fine(secret in "[u0-9a-f{}\\\\%+x]{1,9}", text in "[\"\\\\u0-9a-f{}%+x]{0,80}") {
        let _ = masked(&[secret.as_bytes()], text.as_bytes());
    }

    #[test]
    fn a_line_of_json_stays_one(
        secrets in vec("[ -~]{6,20}|[0-9]{1,6}|[a-z\\\\\"u]{1,6}", 1..4),
        texts in vec("[ -~\n\u{e9}]{0,40}", 1..4),
        number in any::<i64>(),
    ) {
        // As a part, the way this crate's own lines are masked.
        let secrets: Vec<&[u8]> = secrets.iter().map(String::as_bytes).collect();
        let masks = Masks { generation: 0, secrets: Patterns::of(&secrets) };
        let ends = Ends::of(&secrets);
        let end = |encoding, text: &[u8]| ends.end(encoding, text);
        for text in texts.into_iter().chain([number.to_string()]) {
            let text = secrets.iter().fold(text, |text, secret| text + std::str::from_utf8(secret).unwrap());
            let json = serde_json::to_string(&text).unwrap();
            let part = &json.as_bytes()[1..json.len() - 1];
            let out = masks.find(part, &end).map_or(part.to_vec(), |found| replaced(part, &found).content().to_vec());
            let line = String::from_utf8([b"\"", &out[..], b"\""].concat()).unwrap();
            prop_assert!(serde_json::from_str::<String>(&line).is_ok(), "{line}");
        }
    }
}

#[test]
fn a_short_secret_is_masked_as_a_whole_word() {
    for (text, expected) in [
        ("pin 1234", "pin [redacted secret, 4 bytes]"),
        ("pin=1234.", "pin=[redacted secret, 4 bytes]."),
        ("id 12345, 01234, a1234, 1234b, 1234_", "id 12345, 01234, a1234, 1234b, 1234_"),
        ("\u{e9}1234", "\u{e9}1234"),
        ("MTIzNA== and mtizna", "[redacted secret, 6 bytes]== and [redacted secret, 6 bytes]"),
        ("31323334", "[redacted secret, 8 bytes]"),
        (r"a\n1234\n", r"a\n[redacted secret, 4 bytes]\n"),
        ("%311234", "%311234"),
        ("x%20%31234", "x%20[redacted secret, 6 bytes]"),
    ] {
        assert_eq!(masked_text(&["1234"], text), expected, "{text}");
    }
    assert_eq!(
        masked_text(&["a"], "a cat sat at a"),
        "[redacted secret, 1 bytes] cat sat at [redacted secret, 1 bytes]"
    );
    assert_eq!(
        masked_text(&["p@ss!"], "p@ss!, xp@ss!, p@ss!x"),
        "[redacted secret, 5 bytes], xp@ss!, [redacted secret, 5 bytes]x"
    );
    assert_eq!(masked_text(&["", " "], "a b"), "a[redacted secret, 1 bytes]b");
    assert_eq!(masked_text(&[""], "a b"), "a b");
}

#[test]
fn a_long_secret_is_masked_as_far_as_it_goes() {
    let secret: String = ('a'..='z').cycle().take(400).collect();
    for (text, length) in [(secret.clone(), 400), (secret[..60].to_owned(), 60), (hex(&secret.as_bytes()[..90]), 180)] {
        let text = format!("<{text}>");
        assert_eq!(masked_text(&[&secret, "another"], &text), format!("<[redacted secret, {length} bytes]>"));
    }
    // Gone while the line was being masked: nobody knows how far it goes.
    let masks = Masks { generation: 0, secrets: Patterns::of(&[secret.as_bytes()]) };
    let text = format!("a {secret} b");
    let found = masks.find(text.as_bytes(), &|encoding, text: &[u8]| Ends::of(&[]).end(encoding, text)).unwrap();
    assert_eq!(replaced(text.as_bytes(), &found).content(), b"a [redacted secret, 402 bytes]");
}

#[test]
fn credentials_and_cards_are_masked_without_any_secret() {
    let token = format!("ghp_{}", "a1B2c3".repeat(6));
    let key = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", "MIIEvQ".repeat(9));
    let escaped = serde_json::to_string(&format!("is\n{token}\nis")).unwrap();
    for (text, expected) in [
        (format!("with {token}!"), "with [redacted GitHub token, 40 bytes]!".to_owned()),
        (escaped, r#""is\n[redacted GitHub token, 40 bytes]\nis""#.to_owned()),
        (format!("a {key} b"), format!("a [redacted private key, {} bytes] b", key.len())),
        ("https://a:b@c/d".to_owned(), "https://[redacted URL with a password, 3 bytes]@c/d".to_owned()),
        (r"postgres:\/\/a:b@c\/d".to_owned(), r"postgres:\/\/[redacted URL with a password, 3 bytes]@c\/d".to_owned()),
        ("card%204111-1111-1111-1111".to_owned(), "card%20[redacted card number, 19 bytes]".to_owned()),
        (r#"{"card":4111111111111111}"#.to_owned(), r#"{"card":"[redacted card number, 16 bytes]"}"#.to_owned()),
    ] {
        assert_eq!(masked_text(&[], &text), expected);
    }
}

#[test]
fn fingerprints_of_any_number_of_secrets_work() {
    let secrets: Vec<String> = (0..3000).map(|n| format!("secret-number-{n:06}")).collect();
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    assert_eq!(masked_text(&secrets, "is SECRET-number-002999 it?"), "is [redacted secret, 20 bytes] it?");
    assert_eq!(masked_text(&secrets, "is secret-number-003000 it?"), "is secret-number-003000 it?");
}

#[test]
fn a_secret_of_one_piece_repeated_is_masked_whole_without_being_measured_at_each_piece() {
    let secret = "ab".repeat(50_000);
    let text = format!("before {secret} behind");
    let secrets: [&[u8]; 1] = [secret.as_bytes()];
    let (ends, asked) = (Ends::of(&secrets), std::cell::Cell::new(0));
    let end = |encoding, text: &[u8]| {
        asked.set(asked.get() + 1);
        ends.end(encoding, text)
    };
    let mut masked = vec![false; text.len()];
    Patterns::of(&secrets).unwrap().each(text.as_bytes(), &end, &mut |range| masked[range].fill(true));
    assert!(masked[7..7 + secret.len()].iter().all(|&masked| masked));
    assert!(!masked[..7].iter().any(|&masked| masked));
    assert!(asked.get() < 200, "{}", asked.get());
}

#[test]
fn among_too_many_secrets_nothing_is_written() {
    let secrets: Vec<_> = (0..5_000).map(|number| format!("secret {number}").into_bytes()).collect();
    let secrets: Vec<&[u8]> = secrets.iter().map(Vec::as_slice).collect();
    let masked = String::from_utf8(masked(&secrets, b"none of them")).unwrap();
    assert_eq!(masked, "[redacted secret, 12 bytes]");
}
