//! An error that does not say what a caller may learn of it.
//!
//! ## What it does
//! Rejects a handler whose error type has no `OpaqueError`.
//!
//! ## Why is this bad
//! The text of an error, with whatever values it quotes, is what `lambda_runtime` sends to the caller. A type without
//! declared codes gives a caller either everything or nothing.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! #[derive(Debug)]
//! struct NoSuchUser(String);
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), NoSuchUser> {
//!     Ok(())
//! }
//! ```
//!
//! ## Use instead
//! ```rust
//! use secure_runtime::prelude::*;
//!
//! #[derive(Debug, OpaqueError)]
//! #[opaque(code = "no_such_user", status = 404, message = "There is no such user.")]
//! struct NoSuchUser(String);
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), NoSuchUser> {
//!     Ok(())
//! }
//! ```
//!
//! An error of another crate goes into a variant of one's own enum, or into `secure_runtime::Error`: the caller then sees
//! `internal_error`.
//!
//! ## Known limits
//! The check is one of types: it says where the return type is, not where the error is made.

use super::Rule;

/// The rule itself is a bound in the expansion; `secure_runtime::OpaqueError` carries its message.
#[cfg_attr(not(test), allow(dead_code, reason = "types report it; the registry lists it"))]
pub(crate) const RULE: Rule = Rule { id: "SH020", name: "unmapped_error", cwe: 209 };
