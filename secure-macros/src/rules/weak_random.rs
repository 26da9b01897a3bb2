//! A random source that can be predicted.
//!
//! ## What it does
//! Rejects `fastrand`, `oorandom`, `nanorand`'s `WyRand` and `Pcg64`, `SmallRng`, the `rand_pcg`, `rand_xorshift` and
//! `rand_xoshiro` generators, and seeds that are a number (`seed_from_u64`).
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
//! ## Known limits
//! A generator that was made outside of the function is not seen. `rand::rng()`, `thread_rng`, `OsRng`, `getrandom` and
//! `Uuid::new_v4` are fine. What need not be unpredictable (a jitter, a sample) may be allowed, with the reason.

use proc_macro2::{TokenStream, TokenTree};

use super::Rule;
use crate::{
    diag::Diagnostics,
    model::body::{Body, Mention, PathUse},
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
];

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
            "draw from the operating system: `getrandom::fill(&mut bytes)`, or `rand::rng()`",
        );
    }
}

fn weak(path: &PathUse) -> Option<String> {
    let krate = CRATES.iter().find(|krate| path.begins_with(krate));
    let generator = GENERATORS.iter().find(|generator| path.leads_through(generator));
    let seed = path.leads_through("seed_from_u64").then_some(&"seed_from_u64");
    seed.or(generator).or(krate).map(|name| (*name).to_owned())
}
