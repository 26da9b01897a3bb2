//! Memory that is never wiped, because its value is never dropped.
//!
//! ## What it does
//! Rejects `mem::forget`, `ManuallyDrop`, `Box::leak`, `String::leak`, `Vec::leak` and `into_raw` of `Box`, `Rc` and `Arc`.
//!
//! ## Why is this bad
//! Secrets, and whatever else the allocator wipes, are wiped when they are dropped. What is leaked stays readable for every
//! later invocation.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     let greeting: &'static str = String::from("hello").leak();
//!     let _ = greeting;
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
//!     let greeting = String::from("hello");
//!     let _ = greeting;
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Known limits
//! `forget` without its module is found when it is called with one value: a function of one's own of that name and shape, imported
//! from elsewhere, is taken for it unless it is awaited or borrows its argument. Reference cycles leak as well, and aren't seen.

use proc_macro2::{TokenStream, TokenTree};

use super::Rule;
use crate::{
    diag::Diagnostics,
    model::body::{Body, Called, Mention, PathUse},
};

pub(crate) const RULE: Rule = Rule { id: "SH013", name: "skipped_wipe", cwe: 244 };

const FUNCTIONS: &[&str] = &[
    "std::mem::forget",
    "std::boxed::Box::leak",
    "std::boxed::Box::into_raw",
    "std::boxed::Box::into_non_null",
    "std::string::String::leak",
    "std::vec::Vec::leak",
    "std::rc::Rc::into_raw",
    "std::sync::Arc::into_raw",
];

pub(crate) fn check(body: &Body<'_>, diagnostics: &mut Diagnostics) {
    for mention in &body.mentions {
        let (at, what): (TokenStream, String) = match mention {
            Mention::Path(path) if is_leak(path) => (path.tokens(), path.written()),
            Mention::Method(method) if method.name == "leak" && method.arguments.is_empty() => {
                (TokenTree::Ident(method.name.clone()).into(), "leak".to_owned())
            }
            _ => continue,
        };
        diagnostics.rule(
            &RULE,
            at,
            &format!("`{what}` keeps a value from being wiped"),
            "let the value be dropped; share it within the invocation by reference, or by `Rc` or `Arc`",
        );
    }
}

fn is_leak(path: &PathUse) -> bool {
    FUNCTIONS.iter().any(|function| path.is(function, 2))
        || path.is("std::mem::ManuallyDrop", 1)
        || path.is("std::mem::ManuallyDrop::new", 2)
        || (path.is("std::mem::forget", 1) && takes_one_value(path))
}

/// `forget(value)`, and not `forget(&database, user)`.
fn takes_one_value(path: &PathUse) -> bool {
    let Called::Function(arguments) = &path.called else { return false };
    let tokens: Vec<_> = arguments.clone().into_iter().collect();
    let is = |token: &TokenTree, character| matches!(token, TokenTree::Punct(punct) if punct.as_char() == character);
    !tokens.is_empty() && !tokens.iter().any(|token| is(token, ',')) && !is(&tokens[0], '&') && !path.awaited
}
