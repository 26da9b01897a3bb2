//! A static item declared inside a handler.
//!
//! ## What it does
//! Rejects `static` items, `thread_local!` and `lazy_static!` in a handler's body, also in its nested functions and in macros'
//! arguments.
//!
//! ## Why is this bad
//! It looks like a local and is none: it is there once in the process, and keeps what one invocation puts into it for the
//! next.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     static GREETING: &str = "hello";
//!     let _ = GREETING;
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
//!     const GREETING: &str = "hello";
//!     let _ = GREETING;
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Known limits
//! A macro of one's own that expands to a `static` hides it.

use super::Rule;
use crate::{
    diag::Diagnostics,
    model::body::{Body, Called, Mention},
};

pub(crate) const RULE: Rule = Rule { id: "SH002", name: "static_item", cwe: 488 };

pub(crate) fn check(body: &Body<'_>, diagnostics: &mut Diagnostics) {
    // Statics within a macro that has been reported already.
    let mut reported = 0_usize;
    for mention in &body.mentions {
        match mention {
            Mention::Word(word) if word == "static" && reported > 0 => reported -= 1,
            Mention::Word(word) if word == "static" => diagnostics.rule(
                &RULE,
                word,
                "a `static` in a handler outlives the invocation",
                "make it a `const`, or make it in `main` and pass it to the handler as a parameter",
            ),
            Mention::Path(path)
                if matches!(path.called, Called::Macro(_))
                    && (path.is("std::thread_local", 1) || path.is("lazy_static::lazy_static", 1)) =>
            {
                if let Called::Macro(arguments) = &path.called {
                    reported += arguments.clone().into_iter().filter(|token| token.to_string() == "static").count();
                }
                diagnostics.rule(
                    &RULE,
                    path.tokens(),
                    "what this macro declares outlives the invocation",
                    "make a local variable of it, or make it in `main` and pass it to the handler as a parameter",
                );
            }
            _ => {}
        }
    }
}
