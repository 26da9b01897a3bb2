//! State that an invocation can leave data in.
//!
//! ## What it does
//! Rejects a state parameter, and a static that was allowed, whose type has interior mutability (`Mutex`, `RwLock`, `RefCell`, `Cell`,
//! `OnceCell`, `OnceLock`, `LazyLock`, `LazyCell`, tokio's locks) over plain data (`String`, `Vec`, `serde_json::Value`, maps and sets of
//! such) or over a `Secret`; also behind `&`, `Arc`, `Rc`, `Box`, other pointers, `Option`, arrays, tuples, vectors and maps.
//!
//! ## Why is this bad
//! It is shared by all invocations. What one writes there under a lock is there for the next one, and nobody wipes it.
//!
//! ## Example
//! ```rust,compile_fail
//! use std::{collections::HashMap, sync::Mutex};
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>, cache: &Mutex<HashMap<String, String>>) -> Result<(), Error> {
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Use instead
//! ```rust
//! use std::sync::{Arc, atomic::AtomicU64};
//! use secure_runtime::prelude::*;
//!
//! struct Config {
//!     table: String,
//! }
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>, config: &Arc<Config>, served: &AtomicU64) -> Result<(), Error> {
//!     let _ = (&config.table, served);
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Known limits
//! Types are looked at from outside: a struct of one's own, a trait object, a generic parameter and types of other crates (`DashMap`,
//! `moka`'s caches) may hide a lock. Numbers and times under a lock are taken for counters and clocks. Of tuples within a type, pairs
//! of a number and data, and those that begin with data are known.

use super::Rule;

/// The rule itself is a bound in the expansion; `secure_runtime` carries its message.
pub(crate) const RULE: Rule = Rule { id: "SH004", name: "hoarding_state", cwe: 226 };
