//! An error type: what each of its variants declares to the caller.

mod literals;

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Data, DeriveInput, Field, Fields, Ident, Member, Meta, Type, Variant, ext::IdentExt};

use crate::{
    args::{self, Arg},
    diag::Diagnostics,
};

const KEYS: &[&str] = &["code", "status", "message", "retry", "poison", "delegate"];
const KNOWN: &str = "`code`, `status`, `message`, `retry`, `poison` and `delegate`";

/// An error type whose declarations are checked.
pub(crate) enum ErrorType<'a> {
    Struct(Declared<'a>),
    Enum(Vec<(&'a Ident, Declared<'a>)>),
}

/// What a caller learns of one variant, or of a struct.
pub(crate) enum Declared<'a> {
    /// Nothing was declared.
    Internal,
    Parts(Parts),
    /// What the error in this field declares.
    Delegate(Member, &'a Type),
}

/// The parts of a declaration. What was left out is internal.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) code: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) message: Option<String>,
    /// The name of a `Disposition`.
    pub(crate) disposition: Option<&'static str>,
}

impl<'a> ErrorType<'a> {
    /// Reads the type's attributes; nothing comes of a union.
    pub(crate) fn read(input: &'a DeriveInput, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &input.data {
            Data::Struct(data) => {
                let read = Read::of(&input.attrs, &data.fields, Place::Struct, diagnostics);
                Some(Self::Struct(read.declared))
            }
            Data::Enum(data) => {
                check_above_enum(&input.attrs, diagnostics);
                let mut codes = HashMap::new();
                let mut read = |variant: &'a Variant| {
                    let Read { code_at, declared } =
                        Read::of(&variant.attrs, &variant.fields, Place::Variant, diagnostics);
                    if let (Declared::Parts(Parts { code: Some(code), .. }), Some(at)) = (&declared, code_at) {
                        check_unique(code, at, &variant.ident, &mut codes, diagnostics);
                    }
                    (&variant.ident, declared)
                };
                Some(Self::Enum(data.variants.iter().map(&mut read).collect()))
            }
            Data::Union(data) => {
                diagnostics.usage(data.union_token, "a union is no error", "write a struct or an enum");
                None
            }
        }
    }
}

/// An enum itself declares nothing.
fn check_above_enum(attributes: &[Attribute], diagnostics: &mut Diagnostics) {
    for arg in opaque(attributes).flat_map(|attribute| arguments(attribute, diagnostics)).collect::<Vec<_>>() {
        let key = arg.key.unraw().to_string();
        if KEYS.contains(&&*key) {
            diagnostics.usage(
                arg,
                &format!("`{key}` is declared variant by variant"),
                "write `#[opaque(..)]` on the variants that the caller may tell apart",
            );
        } else if key != "crate" {
            args::unknown(&arg, &format!("`crate = path`, and on variants {KNOWN}"), diagnostics);
        }
    }
}

/// Whoever documents, retries or counts failures by their codes needs one for each.
fn check_unique<'a>(
    code: &str,
    at: TokenStream,
    variant: &'a Ident,
    codes: &mut HashMap<String, &'a Ident>,
    diagnostics: &mut Diagnostics,
) {
    if let Some(first) = codes.get(code) {
        diagnostics.usage(
            at,
            &format!("`{code}` is the code of `{first}` already"),
            &format!(
                "write a code of `{variant}`'s own; failures that the caller must not tell apart are one variant, with a field \
                 that says to the log which it was"
            ),
        );
    } else {
        codes.insert(code.to_owned(), variant);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Struct,
    Variant,
}

/// A declaration, and where its code is written.
struct Read<'a> {
    code_at: Option<TokenStream>,
    declared: Declared<'a>,
}

impl<'a> Read<'a> {
    fn of(attributes: &[Attribute], fields: &'a Fields, place: Place, diagnostics: &mut Diagnostics) -> Self {
        for attribute in fields.iter().flat_map(|field| opaque(&field.attrs)) {
            let owner = if place == Place::Struct { "the struct" } else { "the variant" };
            diagnostics.usage(
                attribute,
                "a field declares nothing to the caller",
                &format!("write `#[opaque(..)]` on {owner}; `delegate` passes on its only field, or its source"),
            );
        }
        let mut parts = Parts::default();
        let (mut code_at, mut delegate, mut seen) = (None, None, Vec::new());
        for arg in opaque(attributes).flat_map(|attribute| arguments(attribute, diagnostics)).collect::<Vec<_>>() {
            let key = arg.key.unraw().to_string();
            if key != "crate" && seen.contains(&key) {
                diagnostics.usage(arg, &format!("`{key}` is given twice"), "remove one of them");
                continue;
            }
            match key.as_str() {
                // the type's own, read before
                "crate" if place == Place::Struct => continue,
                "crate" => {
                    let help = "write `#[opaque(crate = path)]` above the enum";
                    diagnostics.usage(&arg, "`crate` is said of the whole type", help);
                    continue;
                }
                "code" => {
                    parts.code = literals::code(&arg, diagnostics);
                    code_at = Some(arg.value.to_token_stream());
                }
                "status" => parts.status = literals::status(&arg, diagnostics),
                "message" => parts.message = literals::message(&arg, diagnostics),
                "retry" | "poison" => {
                    args::flag(&arg, diagnostics);
                    if parts.disposition.is_some() {
                        diagnostics.usage(
                            &arg,
                            "an error is `retry` or `poison`, not both",
                            "keep `retry` if the same event may succeed later, `poison` if it never will",
                        );
                    }
                    parts.disposition = Some(if key == "retry" { "Retry" } else { "Poison" });
                }
                "delegate" => {
                    args::flag(&arg, diagnostics);
                    delegate = Some(arg);
                }
                _ => {
                    args::unknown(&arg, KNOWN, diagnostics);
                    continue;
                }
            }
            seen.push(key);
        }
        let declared = match delegate {
            Some(delegate) => {
                check_alone(&delegate, &seen, diagnostics);
                passed_on(fields, &delegate, diagnostics)
                    .map_or(Declared::Internal, |(member, field)| Declared::Delegate(member, &field.ty))
            }
            None if seen.is_empty() => Declared::Internal,
            None => Declared::Parts(parts),
        };
        Self { code_at, declared }
    }
}

fn check_alone(delegate: &Arg, seen: &[String], diagnostics: &mut Diagnostics) {
    let others: Vec<_> = seen.iter().filter(|key| *key != "delegate").map(|key| format!("`{key}`")).collect();
    if !others.is_empty() {
        let others = others.join(", ");
        diagnostics.usage(
            &delegate.key,
            "`delegate` passes on all that the inner error declares",
            &format!("remove {others}; or remove `delegate`, and the inner error goes to the log alone"),
        );
    }
}

/// The field that `delegate` passes on: the only one, the one that is `#[from]` or `#[source]`, the one named `source`.
fn passed_on<'a>(fields: &'a Fields, at: &Arg, diagnostics: &mut Diagnostics) -> Option<(Member, &'a Field)> {
    let all: Vec<_> = fields.members().zip(fields.iter()).collect();
    let marked = |(_, field): &&(Member, &Field)| {
        field.attrs.iter().any(|attribute| attribute.path().is_ident("from") || attribute.path().is_ident("source"))
    };
    let named = |(_, field): &&(Member, &Field)| field.ident.as_ref().is_some_and(|name| name.unraw() == "source");
    let one = |found: Vec<&(Member, &'a Field)>| match found.as_slice() {
        [(member, field)] => Some((member.clone(), *field)),
        _ => None,
    };
    let found = one(all.iter().collect()).or_else(|| one(all.iter().filter(marked).collect())).or_else(|| {
        if all.iter().any(|field| marked(&field)) { None } else { one(all.iter().filter(named).collect()) }
    });
    if found.is_none() {
        let (what, help) = if all.is_empty() {
            ("there is no error to pass on", "add a field whose type is an `OpaqueError`, or remove `delegate`")
        } else {
            ("which field to pass on can't be told", "name it `source`, or mark it `#[source]` or `#[from]`")
        };
        diagnostics.usage(&at.key, what, help);
    }
    found
}

fn opaque(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("opaque"))
}

fn arguments(attribute: &Attribute, diagnostics: &mut Diagnostics) -> Vec<Arg> {
    match &attribute.meta {
        Meta::List(list) if !list.tokens.is_empty() => args::parse(list.tokens.clone(), diagnostics),
        _ => {
            diagnostics.usage(
                attribute,
                "`#[opaque]` takes arguments",
                "write `#[opaque(code = \"..\", status = 4xx, message = \"..\")]`, or leave it out for an internal error",
            );
            Vec::new()
        }
    }
}
