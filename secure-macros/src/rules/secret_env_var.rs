//! A secret read from the environment as plain data.
//!
//! ## What it does
//! Rejects `env::var`, `env::var_os`, `env!` and `option_env!` of a name that sounds like a secret (`STRIPE_SECRET_KEY`,
//! `DB_PASSWORD`), unless it initialises a `#[secret] let`.
//!
//! ## Why is this bad
//! What comes back is an ordinary `String`, which logs, answers and errors may hold, and which is wiped by chance.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     let password = std::env::var("DB_PASSWORD")?;
//!     let _ = password;
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
//!     #[secret]
//!     let password = std::env::var("DB_PASSWORD")?;
//!     let _ = password;
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Known limits
//! A name is read where it stands: as a literal, as a constant or variable that the body binds to one, or as a constant whose
//! own name sounds like a secret. `env::vars` gives all of them and is not found, nor is `env::var` that is passed on as a value.

use proc_macro2::{TokenStream, TokenTree};

use syn::Lit;

use super::{Rule, secret_words};
use crate::{
    diag::Diagnostics,
    model::body::{Body, Called, Mention, PathUse, first_text, text_of},
};

pub(crate) const RULE: Rule = Rule { id: "SH017", name: "secret_env_var", cwe: 526 };

const READERS: &[&str] = &["std::env::var", "std::env::var_os", "dotenvy::var", "dotenv::var"];

pub(crate) fn check(body: &Body<'_>, diagnostics: &mut Diagnostics) {
    for mention in &body.in_the_open {
        let Mention::Path(path) = mention else { continue };
        if let Some(name) = name_read(path, body)
            && secret_words::is_secret(&name)
        {
            diagnostics.rule(
                &RULE,
                path.tokens(),
                &format!("`{name}` sounds like a secret, and is read as plain data"),
                "make it a secret of this invocation: `#[secret] let value = std::env::var(..)?;`",
            );
        }
    }
}

/// The name of the variable that is read here.
fn name_read(path: &PathUse, body: &Body<'_>) -> Option<String> {
    let arguments = match &path.called {
        Called::Function(arguments)
            if READERS.iter().any(|reader| path.is(reader, 2)) || path.is("std::env::var_os", 1) =>
        {
            arguments
        }
        Called::Macro(arguments) if path.is("std::env", 1) || path.is("std::option_env", 1) => arguments,
        // Imported outside of the body: `var("..")` with a name in capitals is nothing else.
        Called::Function(arguments) if path.is("std::env::var", 1) && in_capitals(arguments) => arguments,
        _ => return None,
    };
    let name: TokenStream = arguments.clone().into_iter().take_while(|token| !is_comma(token)).collect();
    first_text(name.clone()).or_else(|| {
        // The last name of a path: what the body binds to it, or the name itself.
        let last = name.into_iter().filter_map(|token| match token {
            TokenTree::Ident(name) => Some(name.to_string()),
            _ => None,
        });
        let last = last.last()?;
        let bound = body.literals.iter().find_map(|(name, literal)| match literal {
            Lit::Str(text) if *name == last => Some(text.value()),
            _ => None,
        });
        Some(bound.unwrap_or(last))
    })
}

fn in_capitals(arguments: &TokenStream) -> bool {
    arguments.clone().into_iter().next().is_some_and(|first| match first {
        TokenTree::Literal(literal) => text_of(&literal).is_some_and(|text| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        }),
        _ => false,
    })
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',')
}
