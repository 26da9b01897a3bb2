//! An event's field of which nobody has said whether it is secret.
//!
//! ## What it does
//! Rejects a field of a `#[secure_event]` that is neither a `Secret` (or an `Option` or `Vec` of it), nor `#[nested]`, nor
//! `#[public]`; and an event of a handler that is not a `#[secure_event]` at all.
//!
//! ## Why is this bad
//! What is not declared is forgotten: it is logged with the event, kept in a cache, sent on. A field has to be one or the
//! other by decision, not by default.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! #[secure_event]
//! struct Patient<'inv> {
//!     name: String,
//!     diagnosis: Secret<'inv, String>,
//! }
//! ```
//!
//! ## Use instead
//! ```rust
//! use secure_runtime::prelude::*;
//!
//! #[secure_event]
//! struct Patient<'inv> {
//!     #[public]
//!     clinic: String,
//!     name: Secret<'inv, String>,
//!     diagnosis: Secret<'inv, String>,
//! }
//! ```
//!
//! An event type of another crate is wrapped, which declares all of it public: `LambdaEvent<PublicEvent<S3Event>>`.
//!
//! ## Known limits
//! Whether a `#[public]` field really is public is for its author to know; SH011 objects to some names.

use syn::{Attribute, Field, GenericArgument, PathArguments, Type};

use super::Rule;
use crate::diag::Diagnostics;

pub(crate) const RULE: Rule = Rule { id: "SH010", name: "undeclared_field", cwe: 359 };

/// Standard types that are surely no secret, so that no type has to be looked at.
const PLAIN: &[&str] = &[
    "String", "str", "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
    "isize", "f32", "f64", "Vec", "Option", "Box", "Cow", "HashMap", "BTreeMap", "HashSet", "BTreeSet", "Value",
];

/// Reports a field that is undeclared by its tokens alone. What only types tell is checked in the expansion.
pub(crate) fn check(field: &Field, diagnostics: &mut Diagnostics) -> bool {
    let plain = is_plain(&field.ty);
    if plain {
        let name = field.ident.as_ref().map_or_else(|| "this field".to_owned(), |name| format!("`{name}`"));
        diagnostics.rule(
            &RULE,
            &field.ty,
            &format!("{name} is neither secret nor public"),
            "make it a `Secret<'inv, T>`, or mark it `#[public]` when logs, answers and the next invocation may know it",
        );
    }
    plain
}

/// Two marks on one field.
pub(crate) fn contradiction(second: &Attribute, diagnostics: &mut Diagnostics) {
    diagnostics.rule(&RULE, second, "a field is declared once", "keep one of `#[public]` and `#[nested]`");
}

fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last().is_some_and(|last| {
            PLAIN.iter().any(|plain| last.ident == plain)
                && match &last.arguments {
                    PathArguments::None => true,
                    PathArguments::AngleBracketed(arguments) => arguments.args.iter().all(|argument| match argument {
                        GenericArgument::Type(ty) => is_plain(ty),
                        GenericArgument::Lifetime(_) => true,
                        _ => false,
                    }),
                    PathArguments::Parenthesized(_) => false,
                }
        }),
        Type::Reference(reference) => is_plain(&reference.elem),
        Type::Array(array) => is_plain(&array.elem),
        Type::Slice(slice) => is_plain(&slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_plain),
        Type::Paren(paren) => is_plain(&paren.elem),
        Type::Group(group) => is_plain(&group.elem),
        _ => false,
    }
}
