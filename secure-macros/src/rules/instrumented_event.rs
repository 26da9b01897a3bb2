//! A handler whose event is recorded by `tracing`.
//!
//! ## What it does
//! Rejects `#[tracing::instrument]` on a handler unless it has `skip_all`, or a `skip(..)` with the event in it.
//!
//! ## Why is this bad
//! The attribute writes every argument into the span with `Debug`, and so into every log line: the whole event, and what its
//! state shows of itself.
//!
//! ## Example
//! ```rust,compile_fail
//! # mod tracing { pub use secure_runtime::secure_event as instrument; }
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! #[tracing::instrument]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Use instead
//! ```rust,ignore
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! #[tracing::instrument(skip_all, fields(request_id = event.context.request_id))]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Known limits
//! Above `#[secure_handler]`, the attribute is expanded before: then what it makes is recognised by its names. `fields(..)`
//! may name what they like. An `#[instrument]` that was renamed on import isn't known.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Meta, Pat, PatType, Token, parse::Parser, punctuated::Punctuated, visit::Visit};

use super::Rule;
use crate::{
    diag::Diagnostics,
    model::{
        body::{Names, bare, is_punct},
        kind::Kind,
    },
};

pub(crate) const RULE: Rule = Rule { id: "SH022", name: "instrumented_event", cwe: 532 };

/// Looks at a handler's attributes, and at what one above has made of its body.
pub(crate) fn check(
    attributes: &[Attribute],
    event: &PatType,
    kind: &Kind,
    body: &TokenStream,
    diagnostics: &mut Diagnostics,
) {
    let names = recorded(&event.pat);
    for attribute in attributes.iter().filter(|attribute| is_instrument(attribute)) {
        if !names.is_empty() && !skips(attribute, &names) {
            let what = "the event is recorded in every log line of this span";
            diagnostics.rule(&RULE, attribute.path(), what, &help(&skipping(attribute), kind));
        }
    }
    if names.iter().any(|name| is_recorded_already(body, name)) {
        diagnostics.rule(
            &RULE,
            &event.pat,
            "an `#[instrument]` above records the event in every log line of this span",
            &help("#[tracing::instrument(skip_all)]", kind),
        );
    }
}

fn help(instead: &str, kind: &Kind) -> String {
    let user = kind.field("user");
    format!("write `{instead}`, and name what may be logged: `fields(user = {user})`")
}

/// The same attribute, as it is written, with `skip_all`.
fn skipping(attribute: &Attribute) -> String {
    let mut args = vec!["skip_all".to_owned()];
    if let Meta::List(list) = &attribute.meta {
        let tokens: Vec<TokenTree> = list.tokens.clone().into_iter().collect();
        let written = tokens.split(|token| is_punct(token, ',')).filter(|arg| !arg.is_empty());
        // `skip_all` and `skip(..)` exclude each other.
        let kept = written.filter(|arg| !matches!(&arg[0], TokenTree::Ident(key) if key == "skip"));
        args.extend(kept.map(|arg| {
            let text = arg.iter().cloned().collect::<TokenStream>().to_string();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        }));
    }
    let path = attribute.path().to_token_stream().to_string().replace(' ', "");
    format!("#[{path}({})]", args.join(", "))
}

fn is_instrument(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "instrument")
}

/// The names that `instrument` records of a parameter: all that its pattern binds.
fn recorded(pattern: &Pat) -> Vec<String> {
    let mut names = Names::default();
    names.visit_pat(pattern);
    names.0.into_iter().collect()
}

fn skips(attribute: &Attribute, names: &[String]) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    // Arguments such as `fields(%id)` and `err(Debug)` are no `Meta`s: they are looked through token by token.
    let tokens: Vec<TokenTree> = list.tokens.clone().into_iter().collect();
    tokens.iter().enumerate().any(|(at, token)| {
        let TokenTree::Ident(key) = token else { return false };
        let skipped = match tokens.get(at + 1) {
            Some(TokenTree::Group(group)) if key == "skip" => names_in(group.stream()),
            _ => return key == "skip_all",
        };
        names.iter().all(|name| skipped.contains(name))
    })
}

fn names_in(tokens: TokenStream) -> Vec<String> {
    let names = Punctuated::<syn::Ident, Token![,]>::parse_terminated.parse2(tokens);
    names.map(|names| names.iter().map(bare).collect()).unwrap_or_default()
}

/// Whether the body holds what `tracing-attributes` makes of a recorded argument: `debug(&name)` beside its own names.
fn is_recorded_already(body: &TokenStream, name: &str) -> bool {
    let text = body.to_token_stream().to_string();
    text.contains("__tracing_attr_span")
        && text.split_whitespace().collect::<String>().contains(&format!("field::debug(&{name})"))
}
