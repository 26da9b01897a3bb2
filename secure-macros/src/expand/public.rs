//! `#[derive(Public)]`: a verdict, each of whose fields is one.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Data, DeriveInput, Field, parse_quote, spanned::Spanned};

use super::derive_crate;
use crate::diag::Diagnostics;

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let expansion = match syn::parse2::<DeriveInput>(item) {
        Ok(input) => verdict(&input, &mut diagnostics),
        Err(error) => {
            diagnostics.syntax(error);
            TokenStream::new()
        }
    };
    let errors = diagnostics.into_tokens();
    quote!(#errors #expansion)
}

fn verdict(input: &DeriveInput, diagnostics: &mut Diagnostics) -> TokenStream {
    let krate = derive_crate(&input.attrs, "public", diagnostics);
    let private = krate.private();
    let fields: Vec<&Field> = match &input.data {
        Data::Struct(data) => data.fields.iter().collect(),
        Data::Enum(data) => data.variants.iter().flat_map(|variant| &variant.fields).collect(),
        Data::Union(data) => {
            diagnostics.usage(
                data.union_token,
                "a union is no verdict: its fields can't be told apart",
                "write an enum whose variants are the verdicts",
            );
            Vec::new()
        }
    };
    let checks = fields.iter().map(|field| {
        let (ty, span) = (&field.ty, Span::mixed_site().located_at(field.ty.span()));
        quote_spanned!(span=> #private::is_public::<#ty>();)
    });
    let mut generics = input.generics.clone();
    let params: Vec<_> = input.generics.type_params().map(|param| param.ident.clone()).collect();
    if !params.is_empty() {
        let bounds = params.iter().map(|param| -> syn::WherePredicate { parse_quote!(#param: #krate::Public) });
        generics.make_where_clause().predicates.extend(bounds);
    }
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let ident = &input.ident;
    quote! {
        impl #impl_generics #private::Verdict for #ident #ty_generics #where_clause {
            fn __fields() {
                #(#checks)*
            }
        }
        impl #impl_generics #krate::Public for #ident #ty_generics #where_clause {}
    }
}
