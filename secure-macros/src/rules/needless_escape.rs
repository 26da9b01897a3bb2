//! An escape without a reason, or without a need.
//!
//! ## What it does
//! Rejects `allow(SHxxx, reason = "..")` and `allow_static(PATH, reason = "..")` whose reason is missing or shorter than 10
//! characters, that name a rule that can't be allowed, or that nothing in the function needs.
//!
//! ## Why is this bad
//! An escape is a decision of its author, and the reason is what a reviewer has to judge it by. One that is not needed any more
//! lets the next mistake through.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler(allow(SH015, reason = "left from debugging"))]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Use instead
//! ```rust
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler(allow(SH015, reason = "a probe reads this line on standard output"))]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     println!("ready");
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Known limits
//! Whether a static that is only read needs its `allow_static` can't be told from tokens: one that names a path that the body
//! mentions counts as needed. So does `allow(SH001, ..)` where the body mentions a name that may be a static.

use proc_macro2::TokenStream;

use super::Rule;
use crate::diag::Diagnostics;

pub(crate) const RULE: Rule = Rule { id: "SH003", name: "needless_escape", cwe: 1104 };

/// The fewest characters that count as a reason.
pub(crate) const REASON: usize = 10;

/// Rules that an attribute on a function can lift.
pub(crate) const LIFTABLE: &[&str] = &[
    "SH001", "SH002", "SH004", "SH012", "SH013", "SH014", "SH015", "SH016", "SH017", "SH018", "SH019", "SH021",
    "SH022", "SH030", "SH031", "SH032",
];

/// Whether a text is long enough to be a reason.
pub(crate) fn is_reason(text: &str) -> bool {
    text.trim().chars().count() >= REASON
}

/// The reason is missing, or too short.
pub(crate) fn no_reason(at: TokenStream, diagnostics: &mut Diagnostics) {
    diagnostics.rule(
        &RULE,
        at,
        "an escape needs a reason: a literal of 10 characters or more",
        "say why it is safe here: `reason = \"..\"`",
    );
}

/// The rule is none of those that can be lifted here.
pub(crate) fn not_liftable(at: TokenStream, id: &str, diagnostics: &mut Diagnostics) {
    let known = super::ids().any(|known| known == id);
    let what = if known { format!("`{id}` can't be allowed") } else { format!("there is no rule `{id}`") };
    let help = if known {
        "do what the rule says: without it nothing is protected"
    } else {
        "see docs/rules.md for the rules"
    };
    diagnostics.rule(&RULE, at, &what, help);
}

/// Nothing in the function needs the escape.
pub(crate) fn not_needed(at: TokenStream, what: &str, diagnostics: &mut Diagnostics) {
    diagnostics.rule(&RULE, at, &format!("nothing here needs this `{what}`"), "remove it");
}
