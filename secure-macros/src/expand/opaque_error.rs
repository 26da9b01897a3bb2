//! `#[derive(OpaqueError)]`: what a caller may learn of each variant.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{DeriveInput, Generics, Type, parse_quote, spanned::Spanned};

use super::{derive_crate, event::names_a_parameter};
use crate::{
    args::Crate,
    diag::Diagnostics,
    model::error::{Declared, ErrorType, Parts},
};

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let expansion = match syn::parse2::<DeriveInput>(item) {
        Ok(input) => opaque_error(&input, &mut diagnostics),
        Err(error) => {
            diagnostics.syntax(error);
            TokenStream::new()
        }
    };
    let errors = diagnostics.into_tokens();
    quote!(#errors #expansion)
}

fn opaque_error(input: &DeriveInput, diagnostics: &mut Diagnostics) -> TokenStream {
    let krate = derive_crate(&input.attrs, "opaque", diagnostics);
    let private = krate.private();
    let read = ErrorType::read(input, diagnostics);
    let methods = read.as_ref().map(|error| methods(error, &krate));
    let generics = bounded(input, read.as_ref(), &krate);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let ident = &input.ident;
    quote! {
        impl #impl_generics #private::Derived for #ident #ty_generics #where_clause {}
        impl #impl_generics #krate::OpaqueError for #ident #ty_generics #where_clause {
            #methods
        }
    }
}

fn methods(error: &ErrorType<'_>, krate: &Crate) -> TokenStream {
    let private = krate.private();
    let (opaque, codes) = match error {
        ErrorType::Struct(declared) => {
            let field = |member: &dyn ToTokens| quote!(&self.#member);
            (opaque(declared, field, krate), codes([declared], krate))
        }
        ErrorType::Enum(variants) if variants.is_empty() => (quote!(match *self {}), TokenStream::new()),
        ErrorType::Enum(variants) => {
            let arms = variants.iter().map(|(ident, declared)| {
                let inner = Ident::new("inner", Span::mixed_site());
                let opaque = opaque(declared, |_| inner.to_token_stream(), krate);
                match declared {
                    Declared::Delegate(member, _) => quote!(Self::#ident { #member: #inner, .. } => #opaque,),
                    _ => quote!(Self::#ident { .. } => #opaque,),
                }
            });
            (quote!(match self { #(#arms)* }), codes(variants.iter().map(|(_, declared)| declared), krate))
        }
    };
    let list = if codes.is_empty() { quote!(_) } else { quote!(codes) };
    quote! {
        fn __opaque(&self) -> #private::Opaque {
            #opaque
        }
        fn __codes(#list: &mut #private::CodeList) {
            #codes
        }
    }
}

/// What a caller gets of one variant.
fn opaque(declared: &Declared<'_>, field: impl Fn(&dyn ToTokens) -> TokenStream, krate: &Crate) -> TokenStream {
    let private = krate.private();
    match declared {
        Declared::Internal => quote!(#private::Opaque::INTERNAL),
        Declared::Parts(parts) => literal(parts, krate),
        Declared::Delegate(member, ty) => {
            let (inner, field) = (inner(ty, krate), field(member));
            quote!(#inner.opaque(#field))
        }
    }
}

/// What a caller may get of all variants.
fn codes<'a>(all: impl IntoIterator<Item = &'a Declared<'a>>, krate: &Crate) -> TokenStream {
    let private = krate.private();
    let one = |declared: &Declared<'_>| match declared {
        Declared::Internal => quote!(codes.add(#private::Opaque::INTERNAL);),
        Declared::Parts(parts) => {
            let opaque = literal(parts, krate);
            quote!(codes.add(#opaque);)
        }
        Declared::Delegate(_, ty) => {
            let inner = inner(ty, krate);
            quote!(#inner.codes(codes);)
        }
    };
    all.into_iter().map(one).collect()
}

/// Asks for an `OpaqueError`, where the field's type is written. Both methods ask in the same words: one error shows.
fn inner(ty: &Type, krate: &Crate) -> TokenStream {
    let private = krate.private();
    let span = Span::mixed_site().located_at(ty.span());
    quote_spanned!(span=> #private::inner::<#ty>())
}

fn literal(parts: &Parts, krate: &Crate) -> TokenStream {
    let private = krate.private();
    let Parts { code, status, message, disposition } = parts;
    let or_internal = |given: Option<TokenStream>, part: &str| {
        let part = format_ident!("{part}");
        given.unwrap_or_else(|| quote!(#private::Opaque::INTERNAL.#part()))
    };
    let code = or_internal(code.as_ref().map(ToTokens::to_token_stream), "code");
    let status = or_internal(status.as_ref().map(ToTokens::to_token_stream), "status");
    let message = or_internal(message.as_ref().map(ToTokens::to_token_stream), "message");
    let disposition = format_ident!("{}", disposition.unwrap_or("Unknown"));
    quote!(#private::Opaque::declared(#code, #status, #message, #private::Disposition::#disposition))
}

/// The type's generics, and that what it passes on is an `OpaqueError` where that depends on them.
fn bounded(input: &DeriveInput, error: Option<&ErrorType<'_>>, krate: &Crate) -> Generics {
    let mut generics = input.generics.clone();
    let declared: Vec<_> = match error {
        Some(ErrorType::Struct(declared)) => vec![declared],
        Some(ErrorType::Enum(variants)) => variants.iter().map(|(_, declared)| declared).collect(),
        None => Vec::new(),
    };
    for declared in declared {
        if let Declared::Delegate(_, ty) = declared
            && names_a_parameter(ty, &input.generics)
            // A bound on itself could never be shown.
            && !names(ty, &input.ident)
        {
            generics.make_where_clause().predicates.push(parse_quote!(#ty: #krate::OpaqueError));
        }
    }
    generics
}

fn names(ty: &Type, ident: &Ident) -> bool {
    struct Find<'a>(&'a Ident, bool);
    impl<'ast> syn::visit::Visit<'ast> for Find<'_> {
        fn visit_ident(&mut self, ident: &'ast Ident) {
            self.1 |= ident == self.0 || ident == "Self";
        }
    }
    let mut find = Find(ident, false);
    syn::visit::Visit::visit_type(&mut find, ty);
    find.1
}
