//! The body of a function in a closure, which the runtime calls in frames that it can wipe.
//!
//! A closure, and no inner function: a method's `self` and the generics of its `impl` have no other place to go. It declares what
//! the function does, so that `?`, `return` and coercions in the body mean what they meant. It moves what it uses of the
//! parameters, so that they are dropped before the wipe; and an `async` block that borrowed them would be `Send` less often.

use proc_macro2::{Span, TokenStream};
use syn::{
    Ident, ItemFn, ReturnType, Signature, Type, parse_quote,
    visit_mut::{self, VisitMut},
};

use crate::diag::Diagnostics;

/// Refuses what can't be wiped, rather than leave it as it is and say nothing.
pub(super) fn check(signature: &Signature, diagnostics: &mut Diagnostics) {
    if let Some(word) = &signature.constness {
        diagnostics.usage(
            word,
            "a `const fn` can't have its stack wiped: the compiler may be what runs it",
            "leave out `const`; or write `#[secure_fn(wipe = false)]`, which applies the rules alone",
        );
    }
}

/// Puts the body where the runtime can wipe after it.
pub(super) fn expand(function: &mut ItemFn, private: &TokenStream) {
    if function.sig.constness.is_some() {
        return;
    }
    let output = declared(&function.sig.output);
    let stmts = &function.block.stmts;
    function.block = if function.sig.asyncness.is_some() {
        // An `async` block can't declare its type, but learns it from what it returns first.
        let first: TokenStream = match &output {
            Some(Type::Never(_)) => TokenStream::new(),
            output => {
                let result = Ident::new("result", Span::mixed_site());
                let output = output.clone().unwrap_or_else(|| parse_quote!(()));
                quote::quote! {
                    if let #private::core::option::Option::Some(#result) = #private::declared::<#output>() {
                        return #result;
                    }
                }
            }
        };
        parse_quote!({ #private::call_async(async move { #first #(#stmts)* }).await })
    } else {
        let arrow = output.map(|output| quote::quote!(-> #output));
        parse_quote!({ #private::call(move || #arrow { #(#stmts)* }) })
    };
}

/// What a body is declared to return, as far as it can be named there.
fn declared(output: &ReturnType) -> Option<Type> {
    let ReturnType::Type(_, output) = output else { return None };
    let mut output = Type::clone(output);
    Erased.visit_type_mut(&mut output);
    Some(output)
}

/// Leaves to inference what no body can name.
struct Erased;

impl VisitMut for Erased {
    fn visit_type_mut(&mut self, of: &mut Type) {
        if matches!(of, Type::ImplTrait(_)) {
            *of = parse_quote!(_);
        } else {
            visit_mut::visit_type_mut(self, of);
        }
    }
}
