//! `#[secure_fn]`: a function held to the rules of bodies, whose frames are wiped when it returns.

mod wiped;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{ItemFn, parse_quote};

use super::checks;
use crate::{args::FunctionArgs, diag::Diagnostics, model::secret_let, rules::unsafe_code};

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
            if args.wipes() {
                wiped::check(&function.sig, &mut diagnostics);
                wiped::expand(&mut function, &args.krate.private());
            }
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
