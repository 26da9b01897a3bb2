//! Data in a file that nobody has looked at.
//!
//! ## What it does
//! Rejects what is written to a `SealedFile` or an `AsyncSealedFile` and is no `Validated`: bare bytes, strings, vectors.
//!
//! ## Why is this bad
//! What a caller sent decides what is in the file, and so what the tool that reads it does: a parser of images, an archiver, a
//! converter of documents. Kind and size are checked before, by decision, not after something went wrong.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//! use secure_runtime::tmp::SealedFile;
//!
//! #[secure_event]
//! struct Upload {
//!     #[public]
//!     image: Vec<u8>,
//! }
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<Upload>) -> Result<(), Error> {
//!     let mut file = SealedFile::create()?;
//!     file.write_validated(&event.payload.image)?;
//!     Ok(())
//! }
//! ```
//!
//! ## Use instead
//! ```rust
//! use secure_runtime::prelude::*;
//! use secure_runtime::tmp::SealedFile;
//!
//! #[secure_event]
//! struct Upload {
//!     #[public]
//!     image: Vec<u8>,
//! }
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<Upload>) -> Result<(), Error> {
//!     let is_png = |image: &Vec<u8>| image.len() < 1 << 20 && image.starts_with(b"\x89PNG\r\n\x1a\n");
//!     let image = Validated::check(event.payload.image, is_png)?;
//!     let mut file = SealedFile::create()?;
//!     file.write_validated(&image)?;
//!     Ok(())
//! }
//! ```
//!
//! ## Known limits
//! That a check was made is known, not what it is worth: `|_| true` passes. `std::io::Write`, with `write!` and `io::copy`, is not
//! implemented for sealed files, and what the compiler says of that is its own.

use super::Rule;

/// The rule itself is a bound of what writes; `secure_runtime::IsValidated` carries its message.
#[cfg_attr(not(test), allow(dead_code, reason = "types report it; the registry lists it"))]
pub(crate) const RULE: Rule = Rule { id: "SH033", name: "unvalidated_write", cwe: 20 };
