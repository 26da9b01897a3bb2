//! Output that bypasses the log.
//!
//! ## What it does
//! Rejects `println!`, `eprintln!`, `print!`, `eprint!` and `dbg!`.
//!
//! ## Why is this bad
//! What a function prints is in CloudWatch, without level, without request id, and past everything that keeps secrets out of
//! the log.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     println!("{event:?}");
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
//!     let _ = &event.context.request_id; // tracing::info!(request_id = event.context.request_id, "begun");
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Known limits
//! `writeln!(std::io::stdout(), ..)` is not found, nor a macro of one's own that prints.

use super::Rule;
use crate::{
    diag::Diagnostics,
    model::body::{Body, Called},
};

pub(crate) const RULE: Rule = Rule { id: "SH015", name: "raw_print", cwe: 532 };

pub(crate) fn check(body: &Body<'_>, diagnostics: &mut Diagnostics) {
    for path in body.paths().filter(|path| matches!(path.called, Called::Macro(_))) {
        let name = ["println", "eprintln", "print", "eprint", "dbg"]
            .into_iter()
            .find(|name| path.is(&format!("std::{name}"), 1));
        if let Some(name) = name {
            diagnostics.rule(
                &RULE,
                path.tokens(),
                &format!("`{name}!` writes past the log that keeps secrets out"),
                "write `tracing::info!(..)`, or `tracing::debug!(..)` for what only you want to see",
            );
        }
    }
}
