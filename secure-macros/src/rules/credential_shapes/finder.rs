// What credentials look like, and where in a text they are. secure-runtime compiles this very file too, through
// `secure_macros::credential_shapes!`: its log masks what SH016 finds. So it names nothing but std, and has no inner docs.

use std::ops::Range;

/// A token with a fixed beginning.
pub(super) struct Shape {
    pub(super) kind: &'static str,
    pub(super) prefix: &'static str,
    /// How many characters follow, at least.
    pub(super) least: usize,
    /// How many characters follow, at most.
    most: usize,
    pub(super) alphabet: Set,
}

const fn shape(kind: &'static str, prefix: &'static str, (least, most): (usize, usize), alphabet: Set) -> Shape {
    Shape { kind, prefix, least, most, alphabet }
}

const ANY: usize = usize::MAX;

/// A set of ASCII characters.
#[derive(Clone, Copy)]
pub(super) struct Set([u32; 8]);

impl Set {
    const UPPER: Self = Self::of("A-Z0-9");
    const ALPHANUMERIC: Self = Self::of("A-Za-z0-9");
    const WORD: Self = Self::ALPHANUMERIC.and("_-");
    const HEX: Self = Self::of("0-9a-fA-F");
    const DOTTED: Self = Self::WORD.and(".");
    const BASE64: Self = Self::ALPHANUMERIC.and("+/=");
    /// What can stand in a token of any shape.
    const TOKEN: Self = Self::of("A-Za-z0-9+/=._-");

    /// Characters, and ranges of them: `a-z`. A `-` stands for itself at the end.
    pub(super) const fn of(ranges: &str) -> Self {
        Self([0; 8]).and(ranges)
    }

    const fn and(mut self, ranges: &str) -> Self {
        let ranges = ranges.as_bytes();
        let mut at = 0;
        while at < ranges.len() {
            let is_range = at + 2 < ranges.len() && ranges[at + 1] == b'-';
            let (from, to) = if is_range { (ranges[at], ranges[at + 2]) } else { (ranges[at], ranges[at]) };
            let mut member = from;
            while member <= to {
                self.add(member);
                member += 1;
            }
            at += if is_range { 3 } else { 1 };
        }
        self
    }

    const fn add(&mut self, byte: u8) {
        self.0[byte as usize / 32] |= 1 << (byte % 32);
    }

    pub(super) const fn has(&self, byte: u8) -> bool {
        self.0[byte as usize / 32] & 1 << (byte % 32) != 0
    }

    pub(super) const fn table(&self) -> [bool; 256] {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            table[byte] = self.0[byte / 32] & 1 << (byte % 32) != 0;
            byte += 1;
        }
        table
    }

    /// How many of the first bytes are in the set.
    fn count(&self, text: &[u8]) -> usize {
        text.iter().take_while(|&&byte| self.has(byte)).count()
    }
}

pub(super) const SHAPES: &[Shape] = &[
    shape("an AWS access key id", "AKIA", (16, 16), Set::UPPER),
    shape("an AWS access key id", "ASIA", (16, 16), Set::UPPER),
    shape("a GitHub token", "ghp_", (36, 255), Set::ALPHANUMERIC),
    shape("a GitHub token", "gho_", (36, 255), Set::ALPHANUMERIC),
    shape("a GitHub token", "ghu_", (36, 255), Set::ALPHANUMERIC),
    shape("a GitHub token", "ghs_", (36, 255), Set::ALPHANUMERIC),
    shape("a GitHub token", "ghr_", (36, 255), Set::ALPHANUMERIC),
    shape("a GitHub token", "github_pat_", (22, 255), Set::WORD),
    shape("a GitLab token", "glpat-", (20, 255), Set::DOTTED),
    shape("a Slack token", "xoxb-", (10, 255), Set::WORD),
    shape("a Slack token", "xoxp-", (10, 255), Set::WORD),
    shape("a Slack token", "xoxa-", (10, 255), Set::WORD),
    shape("a Slack token", "xoxr-", (10, 255), Set::WORD),
    shape("a Slack token", "xoxs-", (10, 255), Set::WORD),
    shape("a Slack token", "xapp-", (10, 255), Set::WORD),
    shape("a Slack webhook", "hooks.slack.com/services/", (20, 255), Set::WORD.and("/")),
    shape("a Stripe key", "sk_live_", (16, 255), Set::ALPHANUMERIC),
    shape("a Stripe key", "sk_test_", (16, 255), Set::ALPHANUMERIC),
    shape("a Stripe key", "rk_live_", (16, 255), Set::ALPHANUMERIC),
    shape("a Stripe key", "rk_test_", (16, 255), Set::ALPHANUMERIC),
    shape("a Stripe webhook secret", "whsec_", (24, 255), Set::BASE64),
    shape("a Google API key", "AIza", (35, 35), Set::WORD),
    shape("a Google OAuth secret", "GOCSPX-", (20, 64), Set::WORD),
    shape("a Google OAuth token", "ya29.", (20, 2048), Set::WORD),
    shape("a Twilio key", "SK", (32, 32), Set::of("0-9a-f")),
    shape("a SendGrid key", "SG.", (60, 80), Set::DOTTED),
    shape("a Mailgun key", "key-", (32, 32), Set::of("0-9a-z")),
    shape("a Mailchimp key", "md-", (22, 22), Set::WORD),
    shape("an npm token", "npm_", (36, 36), Set::ALPHANUMERIC),
    shape("a PyPI token", "pypi-AgEI", (50, 512), Set::WORD),
    shape("a crates.io token", "cio", (32, 32), Set::ALPHANUMERIC),
    shape("a Docker token", "dckr_pat_", (24, 64), Set::WORD),
    shape("a DigitalOcean token", "dop_v1_", (64, 64), Set::HEX),
    shape("a DigitalOcean token", "doo_v1_", (64, 64), Set::HEX),
    shape("a Shopify token", "shpat_", (32, 32), Set::HEX),
    shape("a Shopify secret", "shpss_", (32, 32), Set::HEX),
    shape("an OpenAI key", "sk-proj-", (20, 255), Set::WORD),
    shape("an Anthropic key", "sk-ant-", (20, 255), Set::WORD),
    shape("an OpenAI key", "sk-", (40, 64), Set::ALPHANUMERIC),
    shape("a Hugging Face token", "hf_", (34, 40), Set::ALPHANUMERIC),
    shape("a Databricks token", "dapi", (32, 34), Set::HEX.and("-")),
    shape("a HashiCorp Vault token", "hvs.", (24, 255), Set::WORD),
    shape("a Terraform token", "atlasv1.", (40, 255), Set::WORD),
    shape("an Atlassian token", "ATATT3", (50, 512), Set::WORD.and("=")),
    shape("a Linear key", "lin_api_", (32, 64), Set::ALPHANUMERIC),
    shape("a PlanetScale token", "pscale_tkn_", (32, 64), Set::DOTTED),
    shape("a PlanetScale password", "pscale_pw_", (32, 64), Set::DOTTED),
    shape("a Doppler token", "dp.pt.", (40, 64), Set::ALPHANUMERIC),
    shape("a Postman key", "PMAK-", (40, 64), Set::HEX.and("-")),
    shape("a New Relic key", "NRAK-", (27, 27), Set::UPPER),
    shape("a Grafana token", "glsa_", (32, 64), Set::WORD),
    shape("a Dynatrace token", "dt0c01.", (60, 128), Set::DOTTED),
    shape("a Square token", "sq0csp-", (40, 64), Set::WORD),
    shape("a Square token", "EAAA", (60, 60), Set::WORD),
    shape("an age secret key", "AGE-SECRET-KEY-1", (58, 58), Set::UPPER),
    shape("a secure-runtime token", "srt_", (49, 255), Set::WORD),
    // A signature alone has 86.
    shape("a PASETO token", "v4.public.", (88, ANY), Set::DOTTED),
    shape("a PASETO token", "v4.local.", (86, ANY), Set::DOTTED),
    shape("a PASETO key", "k4.secret.", (86, 86), Set::WORD),
    shape("a PASETO key", "k4.local.", (43, 43), Set::WORD),
    shape("an Azure storage key", "AccountKey=", (40, ANY), Set::BASE64),
];

/// How long the shortest token is.
const LEAST: usize = {
    // A JSON Web Token.
    let mut least = 26;
    let mut at = 0;
    while at < SHAPES.len() {
        let length = SHAPES[at].prefix.len() + SHAPES[at].least;
        if length < least {
            least = length;
        }
        at += 1;
    }
    least
};

/// Every token has this many characters in a row that stand at a multiple of it.
const STEP: usize = LEAST.div_ceil(2);

/// Whether a prefix may begin with two bytes, by their [`pair`].
static BEGINNINGS: [bool; 1024] = {
    let mut beginnings = [false; 1024];
    let mut at = 0;
    while at < SHAPES.len() {
        let prefix = SHAPES[at].prefix.as_bytes();
        beginnings[pair(prefix[0], prefix[1])] = true;
        at += 1;
    }
    beginnings
};

const fn pair(first: u8, second: u8) -> usize {
    ((first as usize * 32) ^ second as usize) % 1024
}

/// Where credentials are in a text, and of what kind. Ranges can overlap.
///
/// Most of a text is passed over in steps: a token is a long run of few characters.
pub(super) fn each(text: &[u8], found: &mut dyn FnMut(&'static str, Range<usize>)) {
    static TOKEN: [bool; 256] = Set::TOKEN.table();
    runs::<STEP>(text, &TOKEN, &mut |run| {
        if run.len() >= LEAST {
            for start in run.clone().filter(|&start| starts_a_word(text, start)) {
                token_at(text, start, found);
            }
        }
    });
    private_keys(text, found);
    passwords_in_urls(text, found);
}

/// The runs of characters of a set, all of those that have `2 * STEP - 1` or more, and some that have fewer.
pub(super) fn runs<const STEP: usize>(text: &[u8], set: &[bool; 256], found: &mut dyn FnMut(Range<usize>)) {
    let has = |byte: &u8| set[usize::from(*byte)];
    let (steps, _) = text.as_chunks::<STEP>();
    let mut from = 0;
    for (index, step) in steps.iter().enumerate() {
        // Not `all`, which would stop at the first that isn't: where that is can't be predicted, and costs more than to go on.
        if step.iter().fold(true, |all, byte| all & has(byte)) && index * STEP >= from {
            let start = index * STEP - text[from..index * STEP].iter().rev().take_while(|byte| has(byte)).count();
            let end = index * STEP + text[index * STEP..].iter().take_while(|byte| has(byte)).count();
            found(start..end);
            from = end;
        }
    }
}

fn token_at(text: &[u8], start: usize, found: &mut dyn FnMut(&'static str, Range<usize>)) {
    let token = &text[start..];
    if token.len() > 1 && BEGINNINGS[pair(token[0], token[1])] {
        for shape in SHAPES {
            let Some(tail) = token.strip_prefix(shape.prefix.as_bytes()) else { continue };
            let length = shape.alphabet.count(tail);
            if (shape.least..=shape.most).contains(&length) && is_mixed(&tail[..length]) {
                found(shape.kind, start..start + shape.prefix.len() + length);
            }
        }
    }
    if token.starts_with(b"eyJ") {
        let length = Set::DOTTED.count(token);
        if is_jwt(&token[..length]) {
            found("a JSON Web Token", start..start + length);
        }
    }
    if token.starts_with(b"AA") && text[..start].ends_with(b":") {
        let digits = text[..start - 1].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let length = Set::WORD.count(token);
        // `123456789:AA..`
        if (8..=10).contains(&digits) && length == 35 && is_mixed(&token[..length]) {
            found("a Telegram bot token", start - 1 - digits..start + length);
        }
    }
}

/// Nothing that could belong to a longer word stands before.
fn starts_a_word(text: &[u8], at: usize) -> bool {
    !text[..at].last().is_some_and(|&before| before.is_ascii_alphanumeric() || before == b'_')
}

/// A placeholder (`xxxxxxxx`, `________`) has hardly any different characters.
fn is_mixed(tail: &[u8]) -> bool {
    let mut seen = Set::of("");
    for &byte in tail {
        seen.add(byte);
    }
    seen.0.iter().map(|part| part.count_ones()).sum::<u32>() > 4
}

/// RFC 7519: three parts of base64url, of which two are JSON objects and so begin with `eyJ`.
fn is_jwt(token: &[u8]) -> bool {
    let mut parts = 0;
    for part in token.split(|&byte| byte == b'.') {
        parts += 1;
        if part.len() < 8 || (parts <= 2 && !part.starts_with(b"eyJ")) {
            return false;
        }
    }
    parts == 3
}

/// RFC 7468, and OpenSSH's and PGP's own armour: from `BEGIN` to `END`, or to the end of a text that was cut off.
fn private_keys(text: &[u8], found: &mut dyn FnMut(&'static str, Range<usize>)) {
    const DASHES: &[u8] = b"-----";
    let at = |step: &[u8; 20]| [step[4], step[9], step[14], step[19]].contains(&b'-');
    let (steps, _) = text.as_chunks::<20>();
    let mut from = 20 * steps.iter().take_while(|step| !at(step)).count();
    while let Some(probe) = (from + 4..text.len()).step_by(5).find(|&probe| text[probe] == b'-') {
        let dash = |byte: &&u8| **byte == b'-';
        let after = probe + text[probe..].iter().take_while(dash).count();
        let dashes = text[..after].iter().rev().take_while(dash).count();
        from = after;
        if dashes < DASHES.len() {
            continue;
        }
        let Some(rest) = text[after..].strip_prefix(b"BEGIN ") else { continue };
        let Some(label) = position(rest, DASHES).map(|end| &rest[..end]) else { continue };
        if label.ends_with(b"PRIVATE KEY") || label == b"PGP PRIVATE KEY BLOCK" {
            let footer = [b"-----END ", label, DASHES].concat();
            let end = position(&text[after..], &footer).map_or(text.len(), |end| after + end + footer.len());
            found("a private key", after - DASHES.len()..end);
            from = end;
        }
    }
}

/// Whether a byte is anywhere in a text, looked for in many places at once.
pub(super) fn any(text: &[u8], is: impl Fn(u8) -> bool) -> bool {
    let (chunks, rest) = text.as_chunks::<32>();
    let within = |chunk: &[u8]| chunk.iter().fold(false, |any, &byte| any | is(byte));
    chunks.iter().any(|chunk| within(chunk)) || within(rest)
}

fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// RFC 3986: `scheme://user:password@host`, of which user and password are found. A placeholder is no password.
fn passwords_in_urls(text: &[u8], found: &mut dyn FnMut(&'static str, Range<usize>)) {
    const SEPARATOR: &[u8] = b"://";
    if !any(text, |byte| byte == b'@') {
        return;
    }
    let mut from = 0;
    while let Some(at) = position(&text[from..], SEPARATOR).map(|at| from + at) {
        let scheme = text[..at].last().is_some_and(u8::is_ascii_alphanumeric);
        from = at + SEPARATOR.len();
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"/?#\"'".contains(byte);
        let rest = &text[from..];
        let authority = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
        let Some(user) = authority.iter().rposition(|&byte| byte == b'@').map(|end| &authority[..end]) else {
            continue;
        };
        let Some(colon) = user.iter().position(|&byte| byte == b':') else { continue };
        let password = &user[colon + 1..];
        let placeholder = password.first().is_none_or(|first| b"{<$*%[".contains(first))
            || password.iter().all(|byte| byte.eq_ignore_ascii_case(&b'x'));
        if scheme && !placeholder {
            found("a URL with a password", from..from + user.len());
        }
    }
}
