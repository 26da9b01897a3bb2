//! A static used in a handler.
//!
//! ## What it does
//! Rejects statics that an invocation can leave something in: `static mut`, and whatever has interior mutability (locks, cells,
//! atomics, `OnceLock`, `LazyLock`, a struct that holds one), `thread_local!` and `lazy_static!`; by whatever path, also in closures,
//! nested functions, macros' arguments and format strings. Constants and statics that can only be read are fine.
//!
//! ## Why is this bad
//! A static is there once in the process, and the process is there for the next caller: what one invocation puts into it, the
//! next one finds.
//!
//! ## Example
//! ```rust,compile_fail
//! use std::sync::Mutex;
//! use secure_runtime::prelude::*;
//!
//! static LAST_USER: Mutex<String> = Mutex::new(String::new());
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     LAST_USER.lock().unwrap().push_str("ada");
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Use instead
//! ```rust
//! use std::sync::atomic::{AtomicU64, Ordering};
//! use secure_runtime::prelude::*;
//!
//! struct State {
//!     served: AtomicU64,
//! }
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>, state: &State) -> Result<(), Error> {
//!     state.served.fetch_add(1, Ordering::Relaxed);
//!     Ok(event.payload)
//! }
//! ```
//!
//! A static that keeps nothing of an invocation may stay, with its reason:
//! `#[secure_handler(allow_static(COLD_START, reason = "says only whether this is the first invocation"))]`. SH004 looks at its type.
//!
//! ## Known limits
//! The compiler is asked: for each name that may be a static it evaluates a constant that reads it. Names in capitals are asked
//! for as they are; in macros whose arguments are no expressions, and for names in lower case, it can be asked only whether they
//! are statics, so that those that can only be read are rejected there, too. A `const` with interior mutability outside of the
//! body is taken for a static (E0492), and a variant of a generic enum in capitals that is imported by its bare name needs
//! its enum's (`Enum::NONE`). Where a name can be asked for as a pattern only, a constant whose type can't stand in one is
//! refused. In a method under `#[secure_fn]`, names of one letter are taken for parameters of the `impl`, and those
//! parameters must have no longer ones. What functions without an attribute of ours do with statics is not seen.

use std::collections::HashSet;

use syn::{Path, PathArguments};

use super::Rule;
use crate::model::body::bare;

pub(crate) const RULE: Rule = Rule { id: "SH001", name: "static_use", cwe: 488 };

/// How the compiler is asked about a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// Can an invocation leave something in it? The name must be one of a value.
    IsMutable,
    /// Is it a static? The name needn't exist.
    IsStatic,
}

const PRIMITIVES: &[&str] = &[
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16", "u32", "u64", "u128",
    "usize",
];

/// Whether a path in a place for values may be a static, and how to find out. `sure` says that it stands for a value.
pub(crate) fn question(path: &Path, bound: &HashSet<String>, sure: bool) -> Option<Question> {
    if path.segments.iter().any(|segment| !matches!(segment.arguments, PathArguments::None)) {
        return None;
    }
    let names: Vec<String> = path.segments.iter().map(|segment| bare(&segment.ident)).collect();
    let (last, modules) = names.split_last()?;
    // `T::ID`, `Verb::PUT`: a static is in a module.
    if modules.iter().any(|module| module.starts_with(char::is_uppercase) || PRIMITIVES.contains(&module.as_str())) {
        return None;
    }
    if modules.is_empty() && (bound.contains(last) || ["self", "Self", "crate", "super"].contains(&last.as_str())) {
        return None;
    }
    if !last.contains(char::is_lowercase) && last.contains(char::is_alphabetic) {
        return Some(if sure { Question::IsMutable } else { Question::IsStatic });
    }
    // `Config` is a type, a variant or a unit struct.
    (!last.starts_with(char::is_uppercase)).then_some(Question::IsStatic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_may_be_statics_are_asked_about() {
        let bound = HashSet::from(["LOCAL".to_owned(), "local".to_owned()]);
        let ask = |path: &str| question(&syn::parse_str(path).unwrap(), &bound, true);
        for path in ["COUNTER", "crate::COUNTER", "state::cache::MAX_2", "self::X"] {
            assert!(ask(path) == Some(Question::IsMutable), "{path}");
        }
        for path in ["counter", "crate::counter", "r#static_name"] {
            assert!(ask(path) == Some(Question::IsStatic), "{path}");
        }
        for path in [
            "LOCAL",
            "local",
            "self",
            "T::ID",
            "Verb::PUT",
            "http::Verb::PUT",
            "None",
            "str::trim",
            "u8::MAX",
            "X::<u8>",
        ] {
            assert!(ask(path).is_none(), "{path}");
        }
    }
}
