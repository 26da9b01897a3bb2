//! What stands in for an item with errors, so that the user sees his mistake and not its echo elsewhere.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Data, DeriveInput, Field, FnArg, ItemFn, Type, parse_quote, visit::Visit, visit_mut::VisitMut};

use super::handler::{answer, taken};
use crate::{
    args::Crate,
    model::{
        handler::Place,
        kind::Kind,
        lifetimes::{Lifetimes, retain_lifetimes},
    },
};

/// A function of the handler's name that takes what a secured one takes, for those who call it.
///
/// It is of a `kind` and has a `shape`, that of its kind where the runtime has one. A method is left as it is: it may belong to a
/// trait.
pub(crate) fn handler(function: &ItemFn, kind: &Kind, shape: &Kind, krate: &Crate) -> TokenStream {
    if function.sig.receiver().is_some() {
        return function.to_token_stream();
    }
    let is_event = |ty: &Type| match ty {
        Type::Reference(reference) => kind.is_event(&reference.elem),
        ty => kind.is_event(ty),
    };
    let private = krate.private();
    let (vis, ident) = (&function.vis, &function.sig.ident);
    let attrs = function.attrs.iter().filter(|attribute| Place::of(attribute) != Place::Inside);
    let types: Vec<_> = function
        .sig
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(typed) => Some(&*typed.ty),
            FnArg::Receiver(_) => None,
        })
        .collect();
    let mut generics = function.sig.generics.clone();
    let used = Lifetimes::of(|found| types.iter().filter(|ty| !is_event(ty)).for_each(|ty| found.visit_type(ty)));
    retain_lifetimes(&mut generics, |lifetime| used.names(lifetime));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    // One that has two events is called with one.
    let first = types.iter().position(|ty| is_event(ty));
    let params = types.iter().enumerate().filter_map(|(index, ty)| match is_event(ty) {
        true if first != Some(index) => None,
        true => {
            let taken = taken(shape, krate);
            Some(quote!(_: #taken))
        }
        false => Some(quote!(_: #ty)),
    });
    let answer = answer(shape, krate).unwrap_or_else(|| quote!(#private::core::result::Result<(), #krate::Failure>));
    quote! {
        #(#attrs)*
        #vis async fn #ident #impl_generics (#(#params),*)
            -> #answer
        #where_clause
        {
            #private::core::unreachable!()
        }
    }
}

/// Has an event use all its lifetimes: where a field should have been a `Secret<'inv, T>`, `'inv` would be an error of its own.
pub(crate) fn use_lifetimes(event: &mut DeriveInput, krate: &Crate) {
    let fields: Vec<&mut Field> = match &mut event.data {
        Data::Struct(data) => data.fields.iter_mut().collect(),
        Data::Enum(data) => data.variants.iter_mut().flat_map(|variant| variant.fields.iter_mut()).collect(),
        Data::Union(_) => return,
    };
    let used = Lifetimes::of(|found| fields.iter().for_each(|field| found.visit_type(&field.ty)));
    let Some(first) = fields.into_iter().next() else { return };
    let private = krate.private();
    for lifetime in event.generics.lifetimes().map(|param| &param.lifetime).filter(|lifetime| !used.names(lifetime)) {
        let ty = &first.ty;
        first.ty = parse_quote!(<#ty as #private::Itself<#lifetime>>::Type);
    }
}

/// An event's `Deserialize` without serde's derive, whose errors would repeat ours; serde's attributes go with it.
pub(crate) fn deserialize(event: &mut DeriveInput, krate: &Crate) -> TokenStream {
    struct WithoutSerde;
    impl VisitMut for WithoutSerde {
        fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
            attributes.retain(|attribute| !attribute.path().is_ident("serde"));
        }
    }
    WithoutSerde.visit_derive_input_mut(event);
    let private = krate.private();
    let ident = &event.ident;
    let (_, ty_generics, where_clause) = event.generics.split_for_impl();
    let mut generics = event.generics.clone();
    generics.params.insert(0, parse_quote!('__de));
    let (impl_generics, _, _) = generics.split_for_impl();
    quote! {
        impl #impl_generics #private::serde::Deserialize<'__de> for #ident #ty_generics #where_clause {
            fn deserialize<__D: #private::serde::Deserializer<'__de>>(
                _: __D,
            ) -> #private::core::result::Result<Self, __D::Error> {
                #private::core::unreachable!()
            }
        }
    }
}
