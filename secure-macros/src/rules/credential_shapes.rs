//! What credentials look like: the prefixes and lengths that their issuers publish.

mod finder;

/// The finder, for secure-runtime's log: a crate that is published apart can't read this one's files, but it can call a
/// macro of this one.
pub(crate) const SOURCE: &str = include_str!("credential_shapes/finder.rs");

/// What kind of credential there is in a text, if any.
pub(crate) fn find(text: &str) -> Option<&'static str> {
    let mut first = None;
    finder::each(text.as_bytes(), &mut |kind, _| {
        first.get_or_insert(kind);
    });
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters that no issuer has given anybody, as many as asked for. Put together here, so that the source has no
    /// credential in it.
    fn tail(length: usize, alphabet: &str) -> String {
        alphabet.chars().cycle().take(length).collect()
    }

    #[test]
    fn every_shape_is_found_in_a_text_and_not_in_a_longer_word() {
        for shape in finder::SHAPES {
            let candidates = ["ABCDEFGHJK234567", "abcdef0123456789", "A1b2C3d4E5f6G7h8"];
            let alphabet = candidates.iter().find(|text| text.bytes().all(|byte| shape.alphabet.has(byte))).unwrap();
            let token = format!("{}{}", shape.prefix, tail(shape.least, alphabet));
            assert_eq!(find(&token), Some(shape.kind), "{token}");
            assert_eq!(find(&format!("key={token} is it")), Some(shape.kind), "{token}");
            let short: String = token.chars().take(token.len() - 1).collect();
            assert_ne!(find(&short), Some(shape.kind), "{short}");
            assert_ne!(find(&format!("un{token}")), Some(shape.kind), "{token}");
            let placeholder = format!("{}{}", shape.prefix, tail(shape.least, "x"));
            assert_eq!(find(&placeholder), None, "{placeholder}");
        }
        let mut kinds: Vec<_> = finder::SHAPES.iter().map(|shape| shape.kind).collect();
        kinds.dedup();
        assert!(kinds.len() >= 15, "{}", kinds.len());
    }

    #[test]
    fn keys_tokens_and_urls_are_found() {
        let jwt = format!("eyJ{}.eyJ{}.{}", tail(20, "hbGciOi"), tail(20, "zdWIiOi"), tail(43, "aB3-_"));
        let telegram = format!("123456789:AA{}", tail(33, "aB3-_x9"));
        for (text, kind) in [
            ("-----BEGIN RSA PRIVATE KEY-----\nMII", "a private key"),
            ("-----BEGIN PRIVATE KEY-----", "a private key"),
            ("-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"),
            ("-----BEGIN PGP PRIVATE KEY BLOCK-----", "a private key"),
            (jwt.as_str(), "a JSON Web Token"),
            (telegram.as_str(), "a Telegram bot token"),
            ("postgres://app:hunter2@db.internal/users", "a URL with a password"),
            ("connect to https://u:p@host:80/x?y", "a URL with a password"),
        ] {
            assert_eq!(find(text), Some(kind), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_fine() {
        for text in [
            "-----BEGIN PUBLIC KEY-----",
            "-----BEGIN CERTIFICATE-----",
            "postgres://{user}:{password}@{host}/users",
            "postgres://app@db.internal/users",
            "https://example.com/a:b@c",
            "mailto:a@example.com",
            "eyJ",
            "the AKIA prefix",
            "12:30:00",
            "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
            "c0ffee254729296a45a3885639ac7e10f9d54979a1b2c3d4e5f60718293a4b5c",
            "SKIP_THIS_STEP_WHEN_THERE_IS_NOTHING",
            "sk-learn",
            "srt_",
            "srt_subtitles_of_the_whole_first_season",
            "v4.public.",
            "v4.local.example.com",
            "",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }
    #[test]
    fn what_is_found_is_the_credential_and_nothing_else() {
        let jwt = format!("eyJ{}.eyJ{}.{}", tail(20, "hbGciOi"), tail(20, "zdWIiOi"), tail(43, "aB3-_"));
        let key = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", tail(64, "MIIEvQ"));
        let token = format!("ghp_{}", tail(36, "a1B2c3"));
        for (before, credential, after) in [
            ("bearer ", jwt.as_str(), ", it said"),
            ("\u{e9}", key.as_str(), "-- \n"),
            ("(", token.as_str(), ")"),
            ("postgres://", "app:hunter2", "@db.internal/users"),
            ("", "-----BEGIN PRIVATE KEY-----\nMII cut off", ""),
        ] {
            let text = format!("{before}{credential}{after}");
            let mut found = Vec::new();
            finder::each(text.as_bytes(), &mut |_, range| found.push(&text[range]));
            assert_eq!(found, [credential], "{text}");
        }
    }

    #[test]
    fn runs_are_found_wherever_they_stand() {
        let set = finder::Set::of("a-c").table();
        for (text, runs) in [
            ("", vec![]),
            ("abc", vec!["abc"]),
            ("ab-", vec!["ab"]),
            ("a-b-c-a-", vec![]),
            ("xabcax", vec!["abca"]),
            ("xxabcab", vec!["abcab"]),
            ("ab-abc-cba", vec!["ab", "abc", "cba"]),
            ("aaaaaaaaa", vec!["aaaaaaaaa"]),
        ] {
            let mut found = Vec::new();
            finder::runs::<2>(text.as_bytes(), &set, &mut |run| found.push(&text[run]));
            assert_eq!(found, runs, "{text}");
        }
    }
}
