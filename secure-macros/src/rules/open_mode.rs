//! A permission that lets others in.
//!
//! ## What it does
//! Rejects permission modes that give the group or others anything: `from_mode(0o644)`, `set_mode(0o666)`, `.mode(0o755)`, `chmod`,
//! `S_IRGRP` and the like, and `set_readonly(false)`, which lets everybody write.
//!
//! ## Why is this bad
//! The function's own user is the only one with business in its files. Whatever else gets to run in the environment, a
//! layer, an extension, a tool that was started, should not find them open.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     use std::os::unix::fs::PermissionsExt as _;
//!     let mode = std::fs::Permissions::from_mode(0o644);
//!     let _ = mode;
//!     Ok(event.payload)
//! }
//! ```
//!
//! ## Use instead
//! ```rust
//! use secure_runtime::prelude::*;
//! use secure_runtime::tmp::SealedFile;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     let mut file = SealedFile::create()?; // mode 0600, and no name by which to open it
//!     let _ = &mut file;
//!     Ok(event.payload)
//! }
//! ```
//!
//! Where a mode has to be set, `0o600` is one for a file and `0o700` one for a directory.
//!
//! ## Known limits
//! A mode is read from the literal in the call, or from a constant or variable that the body binds to one. `.mode(..)` counts when its number is octal, because
//! other things have modes too. A mode that is computed is not seen.

use proc_macro2::{TokenStream, TokenTree};
use syn::Lit;

use super::Rule;
use crate::{
    diag::Diagnostics,
    model::body::{Body, Called, Mention},
};

pub(crate) const RULE: Rule = Rule { id: "SH032", name: "open_mode", cwe: 732 };

pub(crate) fn check(body: &Body<'_>, diagnostics: &mut Diagnostics) {
    for mention in &body.mentions {
        let (name, arguments) = match mention {
            Mention::Method(method) => (&method.name, &method.arguments),
            Mention::Path(path) => match &path.called {
                Called::Function(arguments) => (path.last(), arguments),
                _ => continue,
            },
            _ => continue,
        };
        let any_radix = ["from_mode", "set_mode", "chmod", "fchmod", "fchmodat", "from_raw_mode", "from_bits_truncate"]
            .iter()
            .any(|setter| name == setter);
        if name == "set_readonly" && arguments.to_string() == "false" {
            diagnostics.rule(&RULE, name, "on Unix, this lets everybody write", "write `set_mode(0o600)` instead");
        }
        if !any_radix && name != "mode" && name != "create_mode" {
            continue;
        }
        if let Some(at) = open(arguments, any_radix, body) {
            diagnostics.rule(
                &RULE,
                at,
                "this mode lets the group or others in",
                "give its owner alone what he needs: `0o600` for a file, `0o700` for a directory; a temporary file that nobody \
                 else can open, whatever its mode, is\n\
                 let mut file = secure_runtime::tmp::SealedFile::create()?;",
            );
        }
    }
}

/// The number that opens the file, or the name that holds it.
fn open(arguments: &TokenStream, any_radix: bool, body: &Body<'_>) -> Option<TokenTree> {
    arguments.clone().into_iter().find(|token| match token {
        TokenTree::Literal(literal) => opens(&Lit::new(literal.clone()), any_radix),
        TokenTree::Ident(name) => {
            SHARED_BITS.iter().any(|bits| name == bits)
                || body.literals.iter().any(|(known, value)| name == known && opens(value, any_radix))
        }
        TokenTree::Group(group) => open(&group.stream(), any_radix, body).is_some(),
        TokenTree::Punct(_) => false,
    })
}

fn opens(literal: &Lit, any_radix: bool) -> bool {
    let Lit::Int(number) = literal else { return false };
    let octal = number.to_string().starts_with("0o");
    // A number that gives its owner nothing, and isn't octal, is no file's mode.
    number.base10_parse::<u32>().is_ok_and(|mode| mode & 0o077 != 0 && (octal || (any_radix && mode > 0o077)))
}

/// What POSIX calls the bits of the group and of others.
const SHARED_BITS: &[&str] = &["S_IRWXG", "S_IRGRP", "S_IWGRP", "S_IXGRP", "S_IRWXO", "S_IROTH", "S_IWOTH", "S_IXOTH"];
