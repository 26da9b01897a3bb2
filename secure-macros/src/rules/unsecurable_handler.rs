//! A handler the macro can't secure.
//!
//! ## What it does
//! Rejects `#[secure_handler]` on what is not a free `async fn` with one event of the invocation's own life and a
//! `Result`: other items, functions that are not `async`, methods with `self`, `unsafe`, `const`, `extern` and C-variadic
//! functions, functions without an event or with two, without a `Result`, with an event of `'static` life, or with an
//! answer that borrows from its event. In a `#[secure_event]`, it rejects secrets of `'static` life.
//!
//! ## Why is this bad
//! The attribute's promises rest on what it rewrites: the body of one invocation, with an event that is parsed and wiped
//! around it, and a result that it makes opaque. Where one of these is missing there is nothing that it could protect,
//! and a protection that is silently absent is worse than none.
//!
//! ## Example
//! ```rust,compile_fail
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     Ok(())
//! }
//! ```
//!
//! ## Use instead
//! ```rust
//! use secure_runtime::prelude::*;
//!
//! #[secure_handler]
//! async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
//!     Ok(())
//! }
//! ```
//!
//! A method with `self` becomes a function with the state as a parameter: `async fn handler(state: &State, event: ..)`.
//!
//! ## Known limits
//! The event is found by its type's name, `LambdaEvent` (`HttpRequest` with `http`, `Record` with `sqs`). Behind an alias it is the one parameter taken by value that is
//! destructured with its `payload`, whose type has a lifetime argument (`Ev<'_>`), that is called `event` or `request`, whose
//! type's name ends so, or that is no type of the standard library, whatever is found first. That a return type is a `Result`,
//! also behind an alias, is checked by type. A function in an `impl` block may name `Self`, but not the block's parameters
//! without it, nor both `Self` and an `impl Trait` answer where the block has parameters, and not in an `impl` of a trait.
//! Before edition 2024, an answer of `impl Trait + '_` beside an event with a life of its own needs a named one (`impl Trait + 'a`).

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{FnArg, Item, Safety, Signature};

use super::Rule;
use crate::{diag::Diagnostics, model::kind::Kind};

pub(crate) const RULE: Rule = Rule { id: "SH005", name: "unsecurable_handler", cwe: 710 };

/// The attribute on something that is no function.
pub(crate) fn not_a_function(item: &TokenStream, diagnostics: &mut Diagnostics) {
    let (at, what) = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Struct(item)) => (item.struct_token.to_token_stream(), "a struct"),
        Ok(Item::Enum(item)) => (item.enum_token.to_token_stream(), "an enum"),
        Ok(Item::Impl(item)) => (item.impl_token.to_token_stream(), "an impl block"),
        Ok(Item::Trait(item)) => (item.trait_token.to_token_stream(), "a trait"),
        Ok(Item::Mod(item)) => (item.mod_token.to_token_stream(), "a module"),
        _ => (item.clone(), "this"),
    };
    diagnostics.rule(
        &RULE,
        at,
        &format!("`#[secure_handler]` can't secure {what}"),
        "write it on the handler: `async fn handler(event: LambdaEvent<Event<'_>>) -> Result<Answer, Error>`",
    );
}

/// What a signature must not be, apart from its event and result.
pub(crate) fn check_signature(sig: &Signature, kind: &Kind, diagnostics: &mut Diagnostics) {
    if sig.asyncness.is_none() {
        diagnostics.rule(&RULE, sig.fn_token, "a handler must be `async`", &format!("write `async fn {}`", sig.ident));
    }
    if let Some(constness) = &sig.constness {
        diagnostics.rule(&RULE, constness, "a handler can't be a `const fn`", "remove `const`");
    }
    if let Safety::Unsafe(unsafety) = &sig.safety {
        diagnostics.rule(
            &RULE,
            unsafety,
            "a handler can't be an `unsafe fn`",
            "remove `unsafe`, and put what needs it into a function of its own with a safe signature",
        );
    }
    if let Some(abi) = &sig.abi {
        diagnostics.rule(&RULE, abi, "a handler can't be an `extern` function", "remove `extern`");
    }
    if let Some(variadic) = &sig.variadic {
        diagnostics.rule(&RULE, variadic, "a handler can't be C-variadic", "remove `...`");
    }
    if let Some(FnArg::Receiver(receiver)) = sig.inputs.first() {
        diagnostics.rule(
            &RULE,
            receiver.self_token,
            "a handler can't be a method",
            &format!(
                "write a free function that takes the state as a parameter: `async fn handler(state: &State, {})`, and \
                 call it from the method",
                kind.example().replace("<T>", "<..>"),
            ),
        );
    }
}

/// No parameter is an event.
pub(crate) fn no_event(sig: &Signature, kind: &Kind, diagnostics: &mut Diagnostics) {
    let (example, event) = (kind.example(), kind.event());
    let ignored = match kind {
        Kind::Http => "()",
        Kind::Plain | Kind::Sqs(_) => "serde::de::IgnoredAny",
    };
    diagnostics.rule(
        &RULE,
        &sig.ident,
        "this handler has no event",
        &format!(
            "take it as a parameter: `{example}`, where `T` is a `#[secure_event]`; one that ignores its event takes \
             `_: {event}<{ignored}>`"
        ),
    );
}

/// More than one parameter is an event.
pub(crate) fn second_event(at: impl ToTokens, kind: &Kind, diagnostics: &mut Diagnostics) {
    let help = match kind {
        Kind::Plain => "remove this `LambdaEvent`: an invocation brings one event",
        Kind::Http => "remove this `HttpRequest`: an invocation brings one request",
        Kind::Sqs(_) => "remove this `Record`: the handler is called once a record",
    };
    diagnostics.rule(&RULE, at, "a handler has one event", help);
}

/// The event is a reference to one.
pub(crate) fn borrowed_event(at: impl ToTokens, diagnostics: &mut Diagnostics) {
    diagnostics.rule(
        &RULE,
        at,
        "a handler takes its event by value",
        "remove the `&`: the event belongs to this invocation alone",
    );
}

/// A lifetime that outlives every invocation.
pub(crate) fn static_event(at: impl ToTokens, diagnostics: &mut Diagnostics) {
    diagnostics.rule(
        &RULE,
        at,
        "an event can't have `'static` life: it ends with its invocation",
        "write `'_` in the handler's signature, and the event's own `'inv` in its fields",
    );
}

/// The answer is of the event's life.
pub(crate) fn borrowed_answer(at: impl ToTokens, diagnostics: &mut Diagnostics) {
    diagnostics.rule(
        &RULE,
        at,
        "the answer borrows from the event, which is wiped before the answer is sent",
        "return owned data, such as a `String`; what a secret holds gets out by `declassify` alone",
    );
}

/// Nothing is returned.
pub(crate) fn no_result(at: impl ToTokens, diagnostics: &mut Diagnostics) {
    diagnostics.rule(
        &RULE,
        at,
        "a handler returns a `Result`",
        "write `-> Result<(), Error>`; one that can't fail returns `Result<(), std::convert::Infallible>`",
    );
}
