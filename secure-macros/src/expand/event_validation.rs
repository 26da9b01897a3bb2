//! How an event is validated once it has been parsed: first the events that are nested in it, then itself, when it asks for that.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{
    Attribute, Data, DeriveInput, Field, Fields, Member, Type, WherePredicate, ext::IdentExt, parse_quote,
    spanned::Spanned,
};

use crate::args::{Crate, ValidBy};

/// The `#[nested]` fields of a struct, or of a variant.
pub(super) struct Holder {
    variant: Option<(Ident, Vec<Attribute>)>,
    nested: Vec<Nested>,
}

struct Nested {
    member: Member,
    ty: Type,
    cfgs: Vec<Attribute>,
}

impl Holder {
    pub(super) fn of_struct() -> Self {
        Self { variant: None, nested: Vec::new() }
    }

    pub(super) fn of_variant(ident: &Ident, attributes: &[Attribute]) -> Self {
        Self { variant: Some((ident.clone(), cfgs(attributes))), nested: Vec::new() }
    }

    /// When it is there at all.
    pub(super) fn cfgs(&self) -> &[Attribute] {
        self.variant.as_ref().map_or(&[], |(_, cfgs)| cfgs)
    }

    pub(super) fn add(&mut self, index: usize, field: &Field) {
        let member = field.ident.clone().map_or_else(|| Member::Unnamed(index.into()), Member::Named);
        self.nested.push(Nested { member, ty: field.ty.clone(), cfgs: cfgs(&field.attrs) });
    }
}

pub(super) fn cfgs(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect()
}

/// The method; nothing where there is nothing to validate.
pub(super) fn method(
    event: &DeriveInput,
    holders: &[Holder],
    own: Option<&(Ident, ValidBy)>,
    krate: &Crate,
) -> TokenStream {
    if own.is_none() && holders.iter().all(|holder| holder.nested.is_empty()) {
        return TokenStream::new();
    }
    let private = krate.private();
    let nested = nested(holders, krate);
    let own = own.map_or_else(
        || quote!(#private::core::result::Result::Ok(())),
        |(word, by)| {
            // A missing implementation is reported where it was asked for.
            let span = Span::call_site().located_at(word.span());
            match by {
                ValidBy::Itself => quote_spanned!(span=> #private::validate(self)),
                ValidBy::Garde => {
                    let names = names(event);
                    quote_spanned!(span=> #private::validate_by_garde(self, &[#(#names),*]))
                }
            }
        },
    );
    quote! {
        #[allow(deprecated)]
        fn __validate(&self) -> #private::core::result::Result<(), #krate::Invalid> {
            #nested
            #own
        }
    }
}

/// What a generic event has to be to be asked: who implements it may ask something of the parameters.
pub(super) fn bound(event: &DeriveInput, own: Option<&(Ident, ValidBy)>, krate: &Crate) -> Option<WherePredicate> {
    let (_, by) = own.filter(|_| event.generics.type_params().next().is_some())?;
    let private = krate.private();
    Some(match by {
        ValidBy::Itself => parse_quote!(Self: #krate::Validate),
        ValidBy::Garde => parse_quote!(Self: #private::ValidByGarde),
    })
}

fn nested(holders: &[Holder], krate: &Crate) -> TokenStream {
    if holders.iter().all(|holder| holder.nested.is_empty()) {
        return TokenStream::new();
    }
    let private = krate.private();
    let ask = |nested: &Nested, value: TokenStream| {
        let Nested { ty, cfgs, .. } = nested;
        // Whatever is wrong with it is wrong with the type.
        let span = Span::mixed_site().located_at(ty.span());
        let call = quote_spanned!(span=> #private::validate_nested::<#ty>(#value));
        quote!(#(#cfgs)* #call?;)
    };
    let arms = holders.iter().map(|holder| match &holder.variant {
        None => {
            let asked = holder.nested.iter().map(|nested| {
                let span = nested.ty.span();
                let this = quote_spanned!(Span::call_site().located_at(span)=> &self);
                let member = located_at(&nested.member, span);
                ask(nested, quote_spanned!(span=> #this.#member))
            });
            quote!(#(#asked)*)
        }
        Some((variant, variant_cfgs)) => {
            let binding = |(index, nested): (usize, &Nested)| {
                format_ident!("nested_{index}", span = Span::mixed_site().located_at(nested.ty.span()))
            };
            let bindings: Vec<_> = holder.nested.iter().enumerate().map(binding).collect();
            let patterns = holder
                .nested
                .iter()
                .zip(&bindings)
                .map(|(Nested { member, cfgs, .. }, binding)| quote!(#(#cfgs)* #member: #binding,));
            let asked = holder.nested.iter().zip(&bindings).map(|(nested, binding)| ask(nested, quote!(#binding)));
            quote!(#(#variant_cfgs)* Self::#variant { #(#patterns)* .. } => { #(#asked)* })
        }
    });
    match holders {
        [Holder { variant: None, .. }] => quote!(#(#arms)*),
        _ => quote!(match self { #(#arms)* }),
    }
}

fn located_at(member: &Member, span: Span) -> Member {
    let mut member = member.clone();
    match &mut member {
        Member::Named(name) => name.set_span(name.span().located_at(span)),
        Member::Unnamed(index) => index.span = index.span.located_at(span),
    }
    member
}

/// What the event's fields are called: of the paths that garde reports, these alone are the program's own words.
fn names(event: &DeriveInput) -> Vec<String> {
    let fields: Vec<&Fields> = match &event.data {
        Data::Struct(data) => vec![&data.fields],
        Data::Enum(data) => data.variants.iter().map(|variant| &variant.fields).collect(),
        Data::Union(_) => Vec::new(),
    };
    let mut names: Vec<_> = fields
        .into_iter()
        .flatten()
        .filter_map(|field| field.ident.as_ref().map(|name| name.unraw().to_string()))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
