//! What is checked of a function's body and state: by the rules, and by questions to the compiler.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, Block, Index, Signature, Type, spanned::Spanned};

use super::static_probes;
use crate::{
    args::FunctionArgs,
    diag::Diagnostics,
    model::{body::Body, handler::Param},
    rules::{self, hoarding_state, static_use},
    span::respanned,
};

/// Has the rules look at a body, and puts the questions about its statics into it.
///
/// `outer` are names that stand for something else than a static: what is generic around the function.
pub(crate) fn body(
    sig: &Signature,
    block: &mut Block,
    outer: impl IntoIterator<Item = String>,
    args: &mut FunctionArgs,
    diagnostics: &mut Diagnostics,
) {
    let mut bound = {
        let body = Body::new(sig, block);
        rules::check_body(&body, diagnostics);
        body.bound
    };
    bound.extend(outer);
    let mut asked = block.clone();
    let any = static_probes::insert(&mut asked, &args.krate.private(), &bound, &mut args.statics);
    if !(any && diagnostics.lifts(&static_use::RULE)) {
        *block = asked;
    }
}

/// Questions about the types of a function's state and of the statics that it may use.
pub(crate) fn state<'a>(
    state: impl Iterator<Item = &'a Param>,
    args: &FunctionArgs,
    diagnostics: &mut Diagnostics,
) -> TokenStream {
    let private = args.krate.private();
    let of_state = state.flat_map(|param| {
        let name = &param.name;
        parts(quote!(#name), &param.typed.ty).into_iter().map(|(value, span)| (value, span, &*param.cfgs))
    });
    let of_statics = args.statics.iter().map(|allowed| (allowed.path.to_token_stream(), allowed.path.span(), &[][..]));
    let asked: Vec<(TokenStream, Span, &[Attribute])> = of_state.chain(of_statics).collect();
    if asked.is_empty() {
        return TokenStream::new();
    }
    if let Some(allowed) = diagnostics.lifted(&hoarding_state::RULE) {
        // What is left out by a `#[cfg]` can't be asked about.
        let values = asked.iter().filter(|(.., cfgs)| cfgs.is_empty()).map(|(value, ..)| value);
        let question = quote!(#private::keeps_something!(#(#values),*););
        return respanned(question, Span::mixed_site().located_at(allowed.span()));
    }
    asked
        .into_iter()
        // Errors show at the parameter's type.
        .map(|(value, span, cfgs)| {
            respanned(quote!(#(#cfgs)* #private::keeps_nothing!(#value);), Span::mixed_site().located_at(span))
        })
        .collect()
}

/// A reference is asked for what it points to, and a tuple part by part.
fn parts(value: TokenStream, ty: &Type) -> Vec<(TokenStream, Span)> {
    match ty {
        Type::Tuple(tuple) => tuple
            .elems
            .iter()
            .enumerate()
            .flat_map(|(index, part)| {
                let index = Index::from(index);
                parts(quote!(#value.#index), part)
            })
            .collect(),
        // Fields are found through a reference.
        Type::Reference(reference) if matches!(*reference.elem, Type::Tuple(_)) => parts(value, &reference.elem),
        Type::Reference(_) => vec![(quote!(*#value), ty.span())],
        _ => vec![(value, ty.span())],
    }
}
