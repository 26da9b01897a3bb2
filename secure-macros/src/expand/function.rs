//! `#[secure_fn]`: a function as it is, held to the rules of bodies, whose body leaves nothing on the stack.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Block, ItemFn, ReturnType, Signature, Type, parse_quote,
    visit_mut::{self, VisitMut},
};

use super::checks;
use crate::{
    args::{Crate, FunctionArgs},
    diag::Diagnostics,
    model::secret_let,
    rules::unsafe_code,
};

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let mut args = FunctionArgs::read(args, &mut diagnostics);
    let expansion = match syn::parse2::<ItemFn>(item.clone()) {
        Ok(mut function) => {
            secret_let::refuse(&mut function.block, &mut diagnostics);
            unsafe_code::check_signature(&function.sig, &mut diagnostics);
            // A method's `N` may be a parameter of its `impl`, which isn't seen from here.
            let letters = ('A'..='Z').map(String::from);
            checks::body(&function.sig, &mut function.block, letters, &mut args, &mut diagnostics);
            let questions = checks::state(std::iter::empty(), &args, &mut diagnostics);
            if !questions.is_empty() {
                function.block.stmts.insert(0, parse_quote!(const _: () = { #questions };));
            }
            function.block = Box::new(wiped(&function.sig, &function.block, &args.krate));
            function.into_token_stream()
        }
        Err(_) => {
            diagnostics.usage(
                item.clone().into_iter().take(1).collect::<TokenStream>(),
                "`#[secure_fn]` goes on a function with a body",
                "write it on the `fn` itself",
            );
            item
        }
    };
    args.report_unneeded(&mut diagnostics);
    let errors = diagnostics.into_tokens();
    quote!(#errors #expansion)
}

/// The body, handed to the runtime to run where what it leaves is wiped. Not that of a `const fn`: what a constant may call can't
/// wipe.
fn wiped(sig: &Signature, body: &Block, krate: &Crate) -> Block {
    if sig.constness.is_some() {
        return body.clone();
    }
    let private = krate.private();
    let returns = returned(&sig.output);
    let span = Span::mixed_site();
    if sig.asyncness.is_some() {
        // Says what the block gives, as a signature does: what `?` converts errors into, and what a literal's type is.
        let says = returns.map(|ty| quote_spanned!(span=> if false { return #private::never::<#ty>(); }));
        let stmts = &body.stmts;
        parse_quote!({ #private::wiped_async(async move { #says #(#stmts)* }).await })
    } else {
        let returns = returns.map(|ty| quote!(-> #ty));
        parse_quote!({ #private::wiped(move || #returns #body) })
    }
}

/// A return type as a closure may have it: with `_` in place of what can't be named.
fn returned(output: &ReturnType) -> Option<Type> {
    struct Unnamed;
    impl VisitMut for Unnamed {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            match ty {
                Type::ImplTrait(_) => *ty = parse_quote!(_),
                _ => visit_mut::visit_type_mut(self, ty),
            }
        }
    }
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => {
            let mut ty = (**ty).clone();
            Unnamed.visit_type_mut(&mut ty);
            Some(ty)
        }
    }
}
