//! A random source that can be predicted.
//!
//! ## What it does
//! Rejects `fastrand`, `oorandom`, `nanorand`'s `WyRand` and `Pcg64`, `SmallRng`, the `rand_pcg`, `rand_xorshift` and
//! `rand_xoshiro` generators, seeds that are a number (`seed_from_u64`), and `from_seed` of a literal or of the time.
//!
//! ## Why is this bad
//! Who sees a few of their numbers, or guesses the time that seeded them, knows the next ones: tokens, ids and passwords made of
//! them can be guessed.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! # mod fastrand { pub fn u64(_: std::ops::RangeFull) -> u64 { 4 } }
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<u64, Error> {
//!     Ok(fastrand::u64(..))
//! }
//! ```
//!
//! ## Use instead
//! ```rust
//! use secure_runtime::prelude::*;
//!
//! # mod getrandom { pub fn u64() -> Result<u64, std::io::Error> { Ok(4) } }
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<u64, Error> {
//!     Ok(getrandom::u64()?)
//! }
//! ```
//!
//! For a token that whoever has it may use, such as a session's (`docs/session-tokens.md`):
//!
//! ```rust
//! use std::time::Duration;
//! use secure_runtime::prelude::*;
//! use secure_runtime::token::Token;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<String, Error> {
//!     let (token, record) = Token::issue(Duration::from_secs(900));
//!     // `record` goes to a store, which the next request's handler asks: `record.verify(presented)`
//!     # assert!(record.verify(token.as_str()));
//!     Ok(token.as_str().to_owned())
//! }
//! ```
//!
//! ## Known limits
//! A generator that was made outside of the function is not seen, nor a seed that a variable holds. `Rng::new()`, imported from
//! outside, is taken for `fastrand`'s. `rand::rng()`, `thread_rng`, `OsRng`, `getrandom` and
//! `Uuid::new_v4` are fine. What need not be unpredictable (a jitter, a sample) may be allowed, with the reason.

use proc_macro2::{TokenStream, TokenTree};

use super::Rule;
use crate::{
    diag::Diagnostics,
    model::body::{Body, Called, Mention, PathUse},
};

pub(crate) const RULE: Rule = Rule { id: "SH018", name: "weak_random", cwe: 338 };

const CRATES: &[&str] = &["fastrand", "oorandom", "rand_pcg", "rand_xorshift", "rand_xoshiro", "wyrand", "tinyrand"];

const GENERATORS: &[&str] = &[
    "SmallRng",
    "WyRand",
    "Pcg32",
    "Pcg64",
    "Pcg64Mcg",
    "Lcg64Xsh32",
    "XorShiftRng",
    "Xoshiro128PlusPlus",
    "Xoshiro128StarStar",
    "Xoshiro256Plus",
    "Xoshiro256PlusPlus",
    "Xoshiro256StarStar",
    "SplitMix64",
    "StepRng",
    "Rand32",
    "Rand64",
];

/// What says that a seed is a time.
const TIMES: &[&str] = &["SystemTime", "Instant", "UNIX_EPOCH", "Utc", "Local", "now", "elapsed", "duration_since"];

pub(crate) fn check(body: &Body<'_>, diagnostics: &mut Diagnostics) {
    for mention in &body.mentions {
        let (at, name): (TokenStream, String) = match mention {
            Mention::Path(path) => match weak(path) {
                Some(name) => (path.tokens(), name),
                None => continue,
            },
            Mention::Method(method) if method.name == "seed_from_u64" => {
                (TokenTree::Ident(method.name.clone()).into(), method.name.to_string())
            }
            _ => continue,
        };
        diagnostics.rule(
            &RULE,
            at,
            &format!("what `{name}` gives can be predicted"),
            "draw from the operating system: `getrandom::fill(&mut bytes)`, or `rand::rng()`\n\
             help: for a token, write \
             `let (token, record) = secure_runtime::token::Token::issue(std::time::Duration::from_secs(900));`",
        );
    }
}

fn weak(path: &PathUse) -> Option<String> {
    let krate = CRATES.iter().find(|krate| path.begins_with(krate));
    let generator = GENERATORS.iter().find(|generator| path.leads_through(generator));
    let seed = path.leads_through("seed_from_u64").then_some(&"seed_from_u64");
    let imported = ["fastrand::Rng::new", "fastrand::Rng::with_seed"].iter().find(|made| {
        path.is(made, 2) && matches!(&path.called, Called::Function(seed) if seed.is_empty() != made.ends_with("seed"))
    });
    let guessed = match &path.called {
        Called::Function(seed) if path.leads_through("from_seed") && can_be_guessed(seed) => Some(&"from_seed"),
        _ => None,
    };
    seed.or(generator).or(krate).or(imported).or(guessed).map(|name| (*name).to_owned())
}

/// Whether a seed is made of literals alone, or of the time.
fn can_be_guessed(seed: &TokenStream) -> bool {
    fn names(tokens: &TokenStream, found: &mut Vec<String>) {
        for token in tokens.clone() {
            match token {
                TokenTree::Ident(name) => found.push(name.to_string()),
                TokenTree::Group(group) => names(&group.stream(), found),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    names(seed, &mut found);
    !seed.is_empty() && found.is_empty() || found.iter().any(|name| TIMES.contains(&name.as_str()))
}
