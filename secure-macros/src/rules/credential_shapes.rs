//! What credentials look like: the prefixes and lengths that their issuers publish.

/// A token with a fixed beginning.
struct Shape {
    kind: &'static str,
    prefix: &'static str,
    /// How many characters follow, at least.
    least: usize,
    /// How many characters follow, at most.
    most: usize,
    alphabet: fn(char) -> bool,
}

const fn shape(
    kind: &'static str,
    prefix: &'static str,
    (least, most): (usize, usize),
    alphabet: fn(char) -> bool,
) -> Shape {
    Shape { kind, prefix, least, most, alphabet }
}

const ANY: usize = usize::MAX;

fn upper(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

fn alphanumeric(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

fn hex(c: char) -> bool {
    c.is_ascii_hexdigit()
}

fn dotted(c: char) -> bool {
    word(c) || c == '.'
}

fn base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '+' || c == '/' || c == '='
}

const SHAPES: &[Shape] = &[
    shape("an AWS access key id", "AKIA", (16, 16), upper),
    shape("an AWS access key id", "ASIA", (16, 16), upper),
    shape("a GitHub token", "ghp_", (36, 255), alphanumeric),
    shape("a GitHub token", "gho_", (36, 255), alphanumeric),
    shape("a GitHub token", "ghu_", (36, 255), alphanumeric),
    shape("a GitHub token", "ghs_", (36, 255), alphanumeric),
    shape("a GitHub token", "ghr_", (36, 255), alphanumeric),
    shape("a GitHub token", "github_pat_", (22, 255), word),
    shape("a GitLab token", "glpat-", (20, 255), dotted),
    shape("a Slack token", "xoxb-", (10, 255), word),
    shape("a Slack token", "xoxp-", (10, 255), word),
    shape("a Slack token", "xoxa-", (10, 255), word),
    shape("a Slack token", "xoxr-", (10, 255), word),
    shape("a Slack token", "xoxs-", (10, 255), word),
    shape("a Slack token", "xapp-", (10, 255), word),
    shape("a Slack webhook", "hooks.slack.com/services/", (20, 255), |c| word(c) || c == '/'),
    shape("a Stripe key", "sk_live_", (16, 255), alphanumeric),
    shape("a Stripe key", "sk_test_", (16, 255), alphanumeric),
    shape("a Stripe key", "rk_live_", (16, 255), alphanumeric),
    shape("a Stripe key", "rk_test_", (16, 255), alphanumeric),
    shape("a Stripe webhook secret", "whsec_", (24, 255), base64),
    shape("a Google API key", "AIza", (35, 35), word),
    shape("a Google OAuth secret", "GOCSPX-", (20, 64), word),
    shape("a Google OAuth token", "ya29.", (20, 2048), word),
    shape("a Twilio key", "SK", (32, 32), |c| c.is_ascii_digit() || ('a'..='f').contains(&c)),
    shape("a SendGrid key", "SG.", (60, 80), dotted),
    shape("a Mailgun key", "key-", (32, 32), |c| c.is_ascii_digit() || c.is_ascii_lowercase()),
    shape("a Mailchimp key", "md-", (22, 22), word),
    shape("an npm token", "npm_", (36, 36), alphanumeric),
    shape("a PyPI token", "pypi-AgEI", (50, 512), word),
    shape("a crates.io token", "cio", (32, 32), alphanumeric),
    shape("a Docker token", "dckr_pat_", (24, 64), word),
    shape("a DigitalOcean token", "dop_v1_", (64, 64), hex),
    shape("a DigitalOcean token", "doo_v1_", (64, 64), hex),
    shape("a Shopify token", "shpat_", (32, 32), hex),
    shape("a Shopify secret", "shpss_", (32, 32), hex),
    shape("an OpenAI key", "sk-proj-", (20, 255), word),
    shape("an Anthropic key", "sk-ant-", (20, 255), word),
    shape("an OpenAI key", "sk-", (40, 64), alphanumeric),
    shape("a Hugging Face token", "hf_", (34, 40), alphanumeric),
    shape("a Databricks token", "dapi", (32, 34), |c| hex(c) || c == '-'),
    shape("a HashiCorp Vault token", "hvs.", (24, 255), word),
    shape("a Terraform token", "atlasv1.", (40, 255), word),
    shape("an Atlassian token", "ATATT3", (50, 512), |c| word(c) || c == '='),
    shape("a Linear key", "lin_api_", (32, 64), alphanumeric),
    shape("a PlanetScale token", "pscale_tkn_", (32, 64), dotted),
    shape("a PlanetScale password", "pscale_pw_", (32, 64), dotted),
    shape("a Doppler token", "dp.pt.", (40, 64), alphanumeric),
    shape("a Postman key", "PMAK-", (40, 64), |c| hex(c) || c == '-'),
    shape("a New Relic key", "NRAK-", (27, 27), upper),
    shape("a Grafana token", "glsa_", (32, 64), word),
    shape("a Dynatrace token", "dt0c01.", (60, 128), dotted),
    shape("a Square token", "sq0csp-", (40, 64), word),
    shape("a Square token", "EAAA", (60, 60), word),
    shape("an age secret key", "AGE-SECRET-KEY-1", (58, 58), upper),
    shape("an Azure storage key", "AccountKey=", (40, ANY), base64),
];

/// What kind of credential there is in a text, if any.
pub(crate) fn find(text: &str) -> Option<&'static str> {
    SHAPES
        .iter()
        .find(|shape| shape.is_in(text))
        .map(|shape| shape.kind)
        .or_else(|| is_private_key(text).then_some("a private key"))
        .or_else(|| has_jwt(text).then_some("a JSON Web Token"))
        .or_else(|| has_telegram_token(text).then_some("a Telegram bot token"))
        .or_else(|| has_password_in_url(text).then_some("a URL with a password"))
}

impl Shape {
    fn is_in(&self, text: &str) -> bool {
        text.match_indices(self.prefix).any(|(at, prefix)| {
            let follows = text[at + prefix.len()..].chars().take_while(|&c| (self.alphabet)(c));
            let tail: String = follows.collect();
            let length = tail.chars().count();
            starts_a_word(text, at) && (self.least..=self.most).contains(&length) && is_mixed(&tail)
        })
    }
}

/// Nothing that could belong to a longer word stands before.
fn starts_a_word(text: &str, at: usize) -> bool {
    !text[..at].chars().next_back().is_some_and(|before| before.is_ascii_alphanumeric() || before == '_')
}

/// A placeholder (`xxxxxxxx`, `________`) has hardly any different characters.
fn is_mixed(tail: &str) -> bool {
    let mut seen: Vec<char> = tail.chars().collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len() > 4
}

fn is_private_key(text: &str) -> bool {
    // RFC 7468, and OpenSSH's and PGP's own armour.
    text.split("-----BEGIN ").skip(1).any(|after| {
        let label = after.split("-----").next().unwrap_or_default();
        label.ends_with("PRIVATE KEY") || label == "PGP PRIVATE KEY BLOCK"
    })
}

/// RFC 7519: three parts of base64url, of which two are JSON objects and so begin with `eyJ`.
fn has_jwt(text: &str) -> bool {
    text.match_indices("eyJ").any(|(at, _)| {
        let token: String = text[at..].chars().take_while(|&c| dotted(c)).collect();
        let parts: Vec<_> = token.split('.').collect();
        starts_a_word(text, at)
            && parts.len() == 3
            && parts[1].starts_with("eyJ")
            && parts.iter().all(|part| part.len() >= 8)
    })
}

/// `123456789:AA..`, 35 characters after the colon.
fn has_telegram_token(text: &str) -> bool {
    text.match_indices(':').any(|(at, _)| {
        let digits = text[..at].chars().rev().take_while(char::is_ascii_digit).count();
        let tail: String = text[at + 1..].chars().take_while(|&c| word(c)).collect();
        (8..=10).contains(&digits) && tail.len() == 35 && tail.starts_with("AA") && is_mixed(&tail)
    })
}

/// RFC 3986: `scheme://user:password@host`. A placeholder is no password.
fn has_password_in_url(text: &str) -> bool {
    text.match_indices("://").any(|(at, separator)| {
        let scheme = text[..at].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
        let rest = &text[at + separator.len()..];
        let authority = rest.split(|c: char| c.is_whitespace() || "/?#\"'".contains(c)).next().unwrap_or_default();
        let Some((userinfo, _)) = authority.rsplit_once('@') else { return false };
        let Some((_, password)) = userinfo.split_once(':') else { return false };
        let placeholder =
            password.starts_with(['{', '<', '$', '*', '%', '[']) || password.chars().all(|c| c == 'x' || c == 'X');
        scheme && !password.is_empty() && !placeholder
    })
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
        for shape in SHAPES {
            let candidates = ["ABCDEFGHJK234567", "abcdef0123456789", "A1b2C3d4E5f6G7h8"];
            let alphabet = candidates.iter().find(|text| text.chars().all(shape.alphabet)).unwrap();
            let token = format!("{}{}", shape.prefix, tail(shape.least, alphabet));
            assert_eq!(find(&token), Some(shape.kind), "{token}");
            assert_eq!(find(&format!("key={token} is it")), Some(shape.kind), "{token}");
            let short: String = token.chars().take(token.len() - 1).collect();
            assert!(!shape.is_in(&short), "{short}");
            assert!(!shape.is_in(&format!("un{token}")), "{token}");
            let placeholder = format!("{}{}", shape.prefix, tail(shape.least, "x"));
            assert_eq!(find(&placeholder), None, "{placeholder}");
        }
        let mut kinds: Vec<_> = SHAPES.iter().map(|shape| shape.kind).collect();
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
            "",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
