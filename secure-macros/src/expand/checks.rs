//! What is checked of a function's body and state: by the rules, and by questions to the compiler.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Block, Signature, spanned::Spanned};

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
    let of_state = state.map(|param| (param.name.to_token_stream(), param.typed.ty.span(), &*param.cfgs));
    let of_statics = args.statics.iter().map(|allowed| (allowed.path.to_token_stream(), allowed.path.span(), &[][..]));
    let questions: Vec<_> = of_state
        .chain(of_statics)
        .map(|(value, span, cfgs)| {
            // Errors show at the parameter's type.
            respanned(quote!(#(#cfgs)* #private::keeps_nothing!(#value);), Span::mixed_site().located_at(span))
        })
        .collect();
    if questions.is_empty() || diagnostics.lifts(&hoarding_state::RULE) {
        return TokenStream::new();
    }
    quote!(#(#questions)*)
}
