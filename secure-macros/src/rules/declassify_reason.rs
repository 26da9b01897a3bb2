//! A secret let out without a reason.
//!
//! ## What it does
//! Rejects `declassify` and `declassify_async` whose first argument is not a literal of 10 characters or more.
//!
//! ## Why is this bad
//! It is the one way by which a secret leaves its invocation. The reason is what a reviewer greps for, so it has to stand
//! where the secret leaves, and to say something.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! #[secure_event]
//! struct Payment<'inv> {
//!     card_number: Secret<'inv, String>,
//! }
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<Payment<'_>>) -> Result<String, Error> {
//!     Ok(event.payload.card_number.declassify("todo", |number| number[..6].to_owned()))
//! }
//! ```
//!
//! ## Use instead
//! ```rust
//! use secure_runtime::prelude::*;
//!
//! #[secure_event]
//! struct Payment<'inv> {
//!     card_number: Secret<'inv, String>,
//! }
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<Payment<'_>>) -> Result<String, Error> {
//!     let card = event.payload.card_number;
//!     Ok(card.declassify("the first six digits name the bank, not the card", |number| number.chars().take(6).collect()))
//! }
//! ```
//!
//! ## Known limits
//! Functions without an attribute of ours are not looked at.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;

use super::{Rule, needless_escape::is_reason};
use crate::{
    diag::Diagnostics,
    model::body::{Body, Called, Mention, text_of},
};

pub(crate) const RULE: Rule = Rule { id: "SH012", name: "declassify_reason", cwe: 200 };

pub(crate) fn check(body: &Body<'_>, diagnostics: &mut Diagnostics) {
    for mention in &body.mentions {
        let (name, reason) = match mention {
            Mention::Method(method) => (&method.name, argument(&method.arguments, 0)),
            // `Secret::declassify(&secret, ..)`
            Mention::Path(path) => match &path.called {
                Called::Function(arguments) if path.segments.len() > 1 => (path.last(), argument(arguments, 1)),
                _ => continue,
            },
            _ => continue,
        };
        if name != "declassify" && name != "declassify_async" {
            continue;
        }
        let literal = match reason.clone().into_iter().collect::<Vec<_>>().as_slice() {
            [TokenTree::Literal(literal)] => text_of(literal),
            _ => None,
        };
        if !literal.is_some_and(|text| is_reason(&text)) {
            let at = if reason.is_empty() { name.to_token_stream() } else { reason };
            diagnostics.rule(
                &RULE,
                at,
                "a secret leaves its invocation without a reason",
                "say why it may be known, as a literal of 10 characters or more: `declassify(\"the last four digits are printed \
                 on receipts\", ..)`",
            );
        }
    }
}

/// The tokens of one argument.
pub(crate) fn argument(arguments: &TokenStream, index: usize) -> TokenStream {
    let tokens: Vec<_> = arguments.clone().into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',');
    tokens.split(is_comma).nth(index).unwrap_or_default().iter().cloned().collect()
}
