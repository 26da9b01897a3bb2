//! What is logged.

/// How many secrets live when some do.
pub(crate) const SECRETS: usize = 20;

/// The secret at an index: a token, as most are.
pub(crate) fn secret(index: usize) -> String {
    format!("k{index:02}Zq8vT3xW-{:06x}-pLm2", index * 7_654_321 % 0x100_0000)
}

/// A kind of line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// A sentence and two fields.
    Usual,
    /// The same, and a JSON text in a field, full of escapes.
    Escapes,
    /// A kilobyte in a field.
    Long,
    /// A secret in the sentence.
    Secret,
}

impl Line {
    pub(crate) const ALL: [Self; 4] = [Self::Usual, Self::Escapes, Self::Long, Self::Secret];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Usual => "a sentence, two fields",
            Self::Escapes => "the same and 200 bytes of JSON in a field, escaped",
            Self::Long => "the same and 1 KB in a field",
            Self::Secret => "a secret in the sentence",
        }
    }

    pub(crate) fn log(self, long: &str, secret: &str) {
        match self {
            Self::Usual => tracing::info!(attempt = 2, table = "orders", "wrote the order in its partition"),
            Self::Escapes => tracing::info!(
                attempt = 2,
                table = "orders",
                body = r#"{"id":1234,"items":[{"name":"a \"large\" one","count":2},{"name":"another","count":1}],"note":"leave it at the\ndoor","address":{"street":"Long Street","town":"Wherever","floor":3}}"#,
                "wrote the order in its partition"
            ),
            Self::Long => tracing::info!(attempt = 2, table = "orders", long, "wrote the order in its partition"),
            Self::Secret => {
                tracing::info!(attempt = 2, table = "orders", "no order for the key {secret} in its partition");
            }
        }
    }
}

/// A kilobyte of words.
pub(crate) fn long() -> String {
    "The quick brown fox jumps over the lazy dog, item 17 of 23. ".repeat(17)
}
