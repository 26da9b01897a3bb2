//! A credential in the source.
//!
//! ## What it does
//! Rejects literals that have the shape of a credential (access keys, API tokens, private keys, passwords in URLs: see
//! `credential_shapes.rs` for all of them), and literals that are bound to a name like `password`.
//!
//! ## Why is this bad
//! Whoever reads the source, the binary or a core dump has it; it is the same in every stage, and it can't be changed
//! without a deployment.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     let api_key = "f3b1c9";
//!     let _ = api_key;
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Use instead
//! ```rust
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     #[secret]
//!     let api_key = std::env::var("API_KEY")?;
//!     let _ = api_key;
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Known limits
//! Only the function's own body is looked at. Names of secrets are fine: names of environment variables and headers, ARNs,
//! paths, URLs without a password, placeholders. A credential without a shape under a name that says nothing isn't found.

use super::{Rule, credential_shapes, secret_words};
use crate::{
    diag::Diagnostics,
    model::body::{Body, Text},
};

pub(crate) const RULE: Rule = Rule { id: "SH016", name: "hard_coded_credential", cwe: 798 };

pub(crate) fn check(body: &Body<'_>, diagnostics: &mut Diagnostics) {
    for text in body.texts() {
        let what = match credential_shapes::find(&text.value) {
            Some(kind) => format!("{kind} is written into the source"),
            None => match &text.name {
                Some(name) if secret_words::is_secret(name) && !is_no_value(text, name) => {
                    format!("`{name}` is written into the source")
                }
                _ => continue,
            },
        };
        diagnostics.rule(
            &RULE,
            &text.token,
            &what,
            "read it when it is needed: `#[secret] let key = std::env::var(\"..\")?;`, or from a secrets manager",
        );
    }
}

/// Words of sentences about a value: `is too short`, `must have 12 characters`.
const SAID: &[&str] = &[
    "be",
    "cannot",
    "characters",
    "digits",
    "does",
    "expired",
    "has",
    "have",
    "invalid",
    "is",
    "least",
    "letters",
    "long",
    "match",
    "missing",
    "must",
    "needs",
    "not",
    "required",
    "short",
    "should",
    "too",
    "weak",
    "wrong",
];

/// What stands for a value that isn't there.
const STANDS_IN: &[&str] = &[
    "expired", "hidden", "invalid", "masked", "missing", "none", "null", "optional", "redacted", "required", "string",
];

/// Whether a text is said about a value: a sentence, or a word that stands for one.
fn is_said(value: &str) -> bool {
    let words: Vec<String> = value
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    match words.as_slice() {
        [word] => STANDS_IN.contains(&word.as_str()) && value.eq_ignore_ascii_case(word),
        words => value.contains(' ') && words.iter().any(|word| SAID.contains(&word.as_str())),
    }
}

/// Whether a text is the name of something, or nothing at all, rather than its value.
fn is_no_value(text: &Text, name: &str) -> bool {
    let value = text.value.trim();
    let is_constant = !name.chars().any(char::is_lowercase);
    let words = || value.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_. ".contains(c);
    value.chars().filter(|c| c.is_alphanumeric()).count() == 0
        // `{password}`, `<token>`, `$PASSWORD`, `***`, `[redacted]`
        || value.starts_with(['{', '<', '$', '*', '['])
        // an environment variable
        || (value.contains('_') && value.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
        // a place where it is kept; `find` knows URLs with a password
        || value.contains("://")
        || value.starts_with("arn:")
        || value.starts_with('/')
        // what is said about one
        || is_said(value)
        // a header, a cookie, a field: several words that name a secret themselves
        || (words().count() > 1 && value.chars().all(plain) && !value.chars().any(|c| c.is_ascii_digit())
            && secret_words::is_secret(value))
        // `const TOKEN: &str = "token"`
        || (is_constant && value.eq_ignore_ascii_case(name))
}
