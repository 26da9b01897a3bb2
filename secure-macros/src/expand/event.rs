//! `#[secure_event]`: `Deserialize` that brands, a check that every field is declared, and what validates the event.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Attribute, Data, DeriveInput, Field, Generics, Meta, Path, Token, Type, WherePredicate,
    parse::Parser,
    parse_quote,
    punctuated::Punctuated,
    spanned::Spanned,
    visit::{self, Visit},
};

use super::{
    event_validation::{self as validation, cfgs},
    fallback,
};
use crate::{
    args::{Crate, EventArgs},
    diag::Diagnostics,
    model::lifetimes::Lifetimes,
    rules::{public_secret, undeclared_field, unsecurable_handler},
};

/// What a field is declared to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Declared {
    Secret,
    Nested,
    Public,
}

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let EventArgs { krate, validate } = EventArgs::read(args, &mut diagnostics);
    let expansion = match syn::parse2::<DeriveInput>(item.clone()) {
        Ok(mut event) if !matches!(event.data, Data::Union(_)) => {
            take_deserialize(&mut event.attrs, &mut diagnostics);
            let mut checks = declare(&mut event, &krate, &mut diagnostics);
            if diagnostics.is_empty() {
                checks.bounds.extend(validation::bound(&event, validate.as_ref(), &krate));
                let validation = validation::method(&event, &checks.holders, validate.as_ref(), &krate);
                emit(&event, &checks, &validation, &deserialize(&event, &krate), &krate)
            } else {
                let validation = validation::method(&event, &checks.holders, None, &krate);
                fallback::use_lifetimes(&mut event, &krate);
                let stub = fallback::deserialize(&mut event, &krate);
                emit(&event, &checks, &validation, &TokenStream::new(), &krate).into_iter().chain(stub).collect()
            }
        }
        _ => {
            diagnostics.usage(
                first_token(&item),
                "`#[secure_event]` goes on a struct or an enum",
                "declare a type of the event's own, field by field",
            );
            item
        }
    };
    let errors = diagnostics.into_tokens();
    quote!(#errors #expansion)
}

fn first_token(item: &TokenStream) -> TokenStream {
    item.clone().into_iter().take(1).collect()
}

/// Takes our marks off the fields, lends serde the lifetimes, and gives back what types have to check.
fn declare(event: &mut DeriveInput, krate: &Crate, diagnostics: &mut Diagnostics) -> Checks {
    let generics = event.generics.clone();
    let own = Lifetimes::of(|found| found.visit_generics(&generics));
    let mut checks = Checks::default();
    let mut holders = Vec::new();
    let mut declare = |index: usize, field: &mut Field, holder: &mut validation::Holder| {
        let declared = declaration(field, diagnostics);
        let found = Lifetimes::of(|found| found.visit_type(&field.ty));
        if declared != Declared::Public || matches!(field.ty, Type::Reference(_)) {
            for lifetime in &found.statics {
                unsecurable_handler::static_event(lifetime, diagnostics);
            }
        }
        if declared == Declared::Public {
            public_secret::check(field, diagnostics);
        } else if declared == Declared::Nested || !undeclared_field::check(field, diagnostics) {
            checks.add(field, declared, holder, &generics, krate);
        }
        if declared == Declared::Nested {
            holder.add(index, field);
        }
        let borrows = found.named.iter().any(|lifetime| own.names(lifetime));
        if borrows && !serde_says(&field.attrs, &["borrow", "skip", "skip_deserializing"]) {
            field.attrs.push(parse_quote!(#[serde(borrow)]));
        }
    };
    match &mut event.data {
        Data::Struct(data) => {
            let mut holder = validation::Holder::of_struct();
            data.fields.iter_mut().enumerate().for_each(|(index, field)| declare(index, field, &mut holder));
            holders.push(holder);
        }
        Data::Enum(data) => {
            for variant in &mut data.variants {
                let mut holder = validation::Holder::of_variant(&variant.ident, &variant.attrs);
                variant.fields.iter_mut().enumerate().for_each(|(index, field)| declare(index, field, &mut holder));
                holders.push(holder);
            }
        }
        Data::Union(_) => {}
    }
    checks.holders = holders;
    checks
}

/// Reads a field's mark and takes it off.
fn declaration(field: &mut Field, diagnostics: &mut Diagnostics) -> Declared {
    let mut declared = None;
    field.attrs.retain(|attribute| {
        let mark = if attribute.path().is_ident("public") {
            Declared::Public
        } else if attribute.path().is_ident("nested") {
            Declared::Nested
        } else {
            return true;
        };
        if let Meta::List(_) | Meta::NameValue(_) = attribute.meta {
            let name = attribute.path().to_token_stream();
            diagnostics.usage(attribute, &format!("`#[{name}]` takes no arguments"), &format!("write `#[{name}]`"));
        }
        if declared.is_some() {
            undeclared_field::contradiction(attribute, diagnostics);
        }
        // The first mark counts, so that no type error follows.
        declared.get_or_insert(mark);
        false
    });
    declared.unwrap_or(Declared::Secret)
}

/// A second `Deserialize` would be an error far from its cause.
fn take_deserialize(attributes: &mut [Attribute], diagnostics: &mut Diagnostics) {
    for attribute in attributes.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
        let Meta::List(list) = &mut attribute.meta else { continue };
        let Ok(paths) = Punctuated::<Path, Token![,]>::parse_terminated.parse2(list.tokens.clone()) else { continue };
        let (twice, others): (Vec<_>, Vec<_>) =
            paths.into_iter().partition(|path| path.segments.last().is_some_and(|last| last.ident == "Deserialize"));
        for path in twice {
            list.tokens = quote!(#(#others),*);
            diagnostics.usage(
                path,
                "`#[secure_event]` derives `Deserialize` itself",
                "remove it from this list; serde's own attributes work all the same",
            );
        }
    }
}

/// Whether a `#[serde(..)]` has one of these keys.
fn serde_says(attributes: &[Attribute], keys: &[&str]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("serde")).any(|attribute| {
        let Meta::List(list) = &attribute.meta else { return false };
        let parsed = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(list.tokens.clone());
        parsed.is_ok_and(|metas| metas.iter().any(|meta| keys.iter().any(|key| meta.path().is_ident(key))))
    })
}

/// What only types can tell: that a field is a secret behind its alias, that a nested event is one.
#[derive(Default)]
struct Checks {
    calls: Vec<TokenStream>,
    /// For fields whose type is generic.
    bounds: Vec<WherePredicate>,
    /// Where the nested events are.
    holders: Vec<validation::Holder>,
}

impl Checks {
    fn add(
        &mut self,
        field: &Field,
        declared: Declared,
        holder: &validation::Holder,
        generics: &Generics,
        krate: &Crate,
    ) {
        let ty = &field.ty;
        let cfgs = holder.cfgs().iter().cloned().chain(cfgs(&field.attrs));
        let private = krate.private();
        let span = Span::mixed_site().located_at(ty.span());
        let bound = match declared {
            Declared::Secret => {
                self.calls.push(quote_spanned!(span=> #(#cfgs)* #private::is_secret::<#ty>();));
                quote!(#private::IsSecret)
            }
            // What validates it is the check.
            Declared::Nested => quote!(#krate::SecureEvent),
            Declared::Public => return,
        };
        if names_a_parameter(ty, generics) {
            self.bounds.push(parse_quote!(#ty: #bound));
        }
    }
}

/// Whether a type is generic.
pub(super) fn names_a_parameter(ty: &Type, generics: &Generics) -> bool {
    struct Find<'a>(&'a Generics, bool);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_path(&mut self, path: &'ast Path) {
            self.1 |=
                self.0.type_params().any(|param| path.segments.first().is_some_and(|first| first.ident == param.ident));
            visit::visit_path(self, path);
        }
    }
    let mut find = Find(generics, false);
    find.visit_type(ty);
    find.1
}

/// Serde's derive, through our own path to serde.
fn deserialize(event: &DeriveInput, krate: &Crate) -> TokenStream {
    let private = krate.private();
    let serde_crate = (!serde_says(&event.attrs, &["crate"])).then(|| {
        let path = format!("{}::serde", private.to_string().replace(' ', ""));
        quote!(#[serde(crate = #path)])
    });
    quote! {
        #[derive(#private::serde::Deserialize)]
        #serde_crate
    }
}

fn emit(
    event: &DeriveInput,
    checks: &Checks,
    validation: &TokenStream,
    deserialize: &TokenStream,
    krate: &Crate,
) -> TokenStream {
    let ident = &event.ident;
    let mut generics = event.generics.clone();
    if !checks.bounds.is_empty() {
        generics.make_where_clause().predicates.extend(checks.bounds.iter().cloned());
    }
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let calls = &checks.calls;
    quote! {
        #deserialize
        #event

        impl #impl_generics #krate::SecureEvent for #ident #ty_generics #where_clause {
            fn __fields() {
                #(#calls)*
            }

            #validation
        }
    }
}
