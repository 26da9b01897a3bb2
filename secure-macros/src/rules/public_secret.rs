//! A public field with the name of a secret.
//!
//! ## What it does
//! Rejects a `#[public]` field of a `#[secure_event]` whose name (or name in JSON: `#[serde(rename)]`, `#[serde(alias)]`)
//! is one of a secret: `password`, `token`, `secret`, `api_key`, `card_number`, `ssn` and the like, in snake, camel and
//! kebab case.
//!
//! ## Why is this bad
//! A public field may be logged, kept and answered. What has such a name hardly ever may.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! #[secure_event]
//! struct Login {
//!     #[public]
//!     password: String,
//! }
//! ```
//!
//! ## Use instead
//! ```rust
//! use secure_runtime::prelude::*;
//!
//! #[secure_event]
//! struct Login<'inv> {
//!     password: Secret<'inv, String>,
//!     #[public]
//!     next_token: Option<String>,
//! }
//! ```
//!
//! ## Known limits
//! A name says what it says: secrets under other names pass, and names that only sound like one (`next_token`,
//! `token_count`, `secret_name`) are known from a list.

use syn::{Field, Meta, Token, parse::Parser, punctuated::Punctuated};

use super::{Rule, secret_words};
use crate::diag::Diagnostics;

pub(crate) const RULE: Rule = Rule { id: "SH011", name: "public_secret", cwe: 359 };

/// Reports a field, known to be marked `#[public]`, that has a secret's name.
pub(crate) fn check(field: &Field, diagnostics: &mut Diagnostics) {
    let own = field.ident.as_ref().map(|name| (name.to_string(), quote::ToTokens::to_token_stream(name)));
    let found = own.into_iter().chain(names_in_json(field)).find(|(name, _)| secret_words::is_secret(name));
    if let Some((name, at)) = found {
        diagnostics.rule(
            &RULE,
            at,
            &format!("`{name}` is named like a secret, and marked `#[public]`"),
            "remove `#[public]` and make it a `Secret<'inv, T>`; if it is no secret, give it a name that says so",
        );
    }
}

fn names_in_json(field: &Field) -> Vec<(String, proc_macro2::TokenStream)> {
    let mut names = Vec::new();
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        let Meta::List(list) = &attribute.meta else { continue };
        // What does not parse is serde's to complain about.
        let Ok(keys) = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(list.tokens.clone()) else { continue };
        for key in &keys {
            match key {
                Meta::NameValue(pair) if pair.path.is_ident("rename") || pair.path.is_ident("alias") => {
                    names.extend(text_of(&pair.value));
                }
                // `rename(serialize = "..", deserialize = "..")`
                Meta::List(inner) if inner.path.is_ident("rename") => {
                    let pairs = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(inner.tokens.clone());
                    for pair in pairs.into_iter().flatten() {
                        if let Meta::NameValue(pair) = pair {
                            names.extend(text_of(&pair.value));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    names
}

fn text_of(value: &syn::Expr) -> Option<(String, proc_macro2::TokenStream)> {
    match value {
        syn::Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Str(text) => Some((text.value(), quote::ToTokens::to_token_stream(text))),
            _ => None,
        },
        _ => None,
    }
}
