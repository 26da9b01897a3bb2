//! `unsafe` in a handler.
//!
//! ## What it does
//! Rejects the keyword `unsafe` in a handler's body, also in its nested functions, in attributes and in macros' arguments.
//!
//! ## Why is this bad
//! Every promise of the other rules can be broken by it: it reads freed memory, forges lifetimes and looks into secrets.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     let word = String::from("hello");
//!     let first = unsafe { *word.as_ptr() };
//!     let _ = first;
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
//!     let word = String::from("hello");
//!     let first = word.as_bytes()[0];
//!     let _ = first;
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Known limits
//! A macro that expands to `unsafe` hides it. Where it is needed, a function of its own with a safe signature is the place.

use syn::{Safety, Signature};

use super::Rule;
use crate::{diag::Diagnostics, model::body::Body};

pub(crate) const RULE: Rule = Rule { id: "SH014", name: "unsafe_code", cwe: 242 };

const HELP: &str =
    "put what needs it into a function of its own with a safe signature and a `// SAFETY:` comment, and call that";

/// Looks at the signature of a function that is no handler: SH005 has its own words for those.
pub(crate) fn check_signature(sig: &Signature, diagnostics: &mut Diagnostics) {
    if let Safety::Unsafe(word) = &sig.safety {
        diagnostics.rule(&RULE, word, "all of an `unsafe fn` can break every promise of a handler", HELP);
    }
}

pub(crate) fn check(body: &Body<'_>, diagnostics: &mut Diagnostics) {
    for word in body.words().filter(|word| *word == "unsafe") {
        diagnostics.rule(&RULE, word, "`unsafe` can break every promise of a handler", HELP);
    }
}
