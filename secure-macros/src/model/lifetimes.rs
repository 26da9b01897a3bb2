//! Lifetimes in types: which there are, and names for those that have none.

use proc_macro2::Span;
use syn::{
    BoundLifetimes, GenericParam, Generics, Lifetime, ParenthesizedGenericArguments, PathSegment, PredicateType,
    TraitBound, TypeFnPtr, TypeReference,
    visit::{self, Visit},
    visit_mut::{self, VisitMut},
};

/// The lifetimes that occur in a piece of syntax.
#[derive(Default)]
pub(crate) struct Lifetimes {
    /// Those with a name, `'static` left out.
    pub(crate) named: Vec<Lifetime>,
    /// `'static`, but for what a `PublicEvent` holds.
    pub(crate) statics: Vec<Lifetime>,
    /// Places where a lifetime is left out: `'_`, and `&` without one.
    pub(crate) elided: Vec<Span>,
}

impl Lifetimes {
    pub(crate) fn of(look: impl FnOnce(&mut Self)) -> Self {
        let mut found = Self::default();
        look(&mut found);
        found
    }

    pub(crate) fn names(&self, lifetime: &Lifetime) -> bool {
        self.named.contains(lifetime)
    }

    /// What `for<'a>` declares is nobody else's.
    fn under(&mut self, declared: Option<&BoundLifetimes>, visit: impl FnOnce(&mut Self)) {
        let outside = self.named.len();
        visit(self);
        let Some(declared) = declared else { return };
        let inside = self.named.split_off(outside);
        let is_declared = |lifetime: &Lifetime| {
            let lifetimes = declared.lifetimes.iter();
            lifetimes
                .into_iter()
                .any(|param| matches!(param, GenericParam::Lifetime(param) if param.lifetime == *lifetime))
        };
        self.named.extend(inside.into_iter().filter(|lifetime| !is_declared(lifetime)));
    }
}

impl<'ast> Visit<'ast> for Lifetimes {
    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if lifetime.ident == "static" {
            self.statics.push(lifetime.clone());
        } else if lifetime.ident == "_" {
            self.elided.push(lifetime.span());
        } else if !self.named.contains(lifetime) {
            self.named.push(lifetime.clone());
        }
    }

    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        if reference.lifetime.is_none() {
            self.elided.push(reference.and_token.span);
        }
        visit::visit_type_reference(self, reference);
    }

    fn visit_trait_bound(&mut self, bound: &'ast TraitBound) {
        self.under(bound.lifetimes.as_ref(), |this| visit::visit_trait_bound(this, bound));
    }

    fn visit_predicate_type(&mut self, predicate: &'ast PredicateType) {
        self.under(predicate.lifetimes.as_ref(), |this| visit::visit_predicate_type(this, predicate));
    }

    fn visit_path_segment(&mut self, segment: &'ast PathSegment) {
        let statics = self.statics.len();
        visit::visit_path_segment(self, segment);
        if segment.ident == "PublicEvent" {
            self.statics.truncate(statics);
        }
    }

    // Lifetimes that are left out in `fn(&T)` and `Fn(&T)` are of the call, not of the signature.
    fn visit_type_fn_ptr(&mut self, _: &'ast TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments(&mut self, _: &'ast ParenthesizedGenericArguments) {}
}

/// Gives every elided lifetime a name.
pub(crate) struct Naming<F> {
    name: F,
    pub(crate) given: Vec<Lifetime>,
}

impl<F: FnMut(usize, Span) -> Lifetime> Naming<F> {
    pub(crate) fn new(name: F) -> Self {
        Self { name, given: Vec::new() }
    }

    fn give(&mut self, span: Span) -> Lifetime {
        let lifetime = (self.name)(self.given.len(), span);
        self.given.push(lifetime.clone());
        lifetime
    }
}

impl<F: FnMut(usize, Span) -> Lifetime> VisitMut for Naming<F> {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.give(lifetime.span());
        }
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        if reference.lifetime.is_none() {
            reference.lifetime = Some(self.give(reference.and_token.span));
        }
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}
}

/// Removes the lifetime parameters that `keep` refuses, with the bounds that name them.
pub(crate) fn retain_lifetimes(generics: &mut Generics, keep: impl Fn(&Lifetime) -> bool) {
    let params = std::mem::take(&mut generics.params);
    generics.params = params
        .into_iter()
        .filter_map(|param| match param {
            GenericParam::Lifetime(mut param) => keep(&param.lifetime).then(|| {
                let bounds = std::mem::take(&mut param.bounds);
                param.bounds = bounds.into_iter().filter(|bound| keep(bound)).collect();
                GenericParam::Lifetime(param)
            }),
            other => Some(other),
        })
        .collect();
    if let Some(clause) = &mut generics.where_clause {
        let predicates = std::mem::take(&mut clause.predicates);
        clause.predicates = predicates
            .into_iter()
            .filter(|predicate| {
                let found = Lifetimes::of(|found| found.visit_where_predicate(predicate));
                found.named.iter().all(&keep)
            })
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens, quote};
    use syn::{Type, parse_quote};

    use super::*;

    fn lifetimes(ty: &Type) -> Lifetimes {
        Lifetimes::of(|found| found.visit_type(ty))
    }

    #[test]
    fn lifetimes_are_told_apart() {
        let found = lifetimes(&parse_quote!(LambdaEvent<Login<'_, 'a, &str, Cow<'static, str>>>));
        assert_eq!(found.named.len(), 1);
        assert_eq!(found.statics.len(), 1);
        assert_eq!(found.elided.len(), 2);
    }

    #[test]
    fn static_in_a_public_event_is_fine() {
        assert!(lifetimes(&parse_quote!(LambdaEvent<PublicEvent<Name<'static>>>)).statics.is_empty());
    }

    #[test]
    fn what_a_call_elides_is_not_the_signatures() {
        assert!(lifetimes(&parse_quote!(Box<dyn Fn(&str) -> fn(&u8)>)).elided.is_empty());
    }

    #[test]
    fn what_for_declares_is_nobody_elses() {
        let found = lifetimes(&parse_quote!(Box<dyn for<'x> Fn<&'x str, Output = &'a str> + 'b>));
        assert!(found.named == [parse_quote!('a), parse_quote!('b)]);
        let mut generics: Generics = parse_quote!(<T>);
        generics.where_clause = Some(parse_quote!(where T: for<'x> PartialEq<&'x str>, for<'y> &'y T: Store));
        let written = generics.where_clause.to_token_stream().to_string();
        retain_lifetimes(&mut generics, |_| false);
        assert_eq!(generics.where_clause.to_token_stream().to_string(), written);
    }

    #[test]
    fn elided_lifetimes_get_names() {
        let mut ty: Type = parse_quote!(&mut Db<'_, dyn Fn(&str), &'b u8>);
        let mut naming = Naming::new(|index, span| Lifetime::new(&format!("'n{index}"), span));
        naming.visit_type_mut(&mut ty);
        let expected: Type = parse_quote!(&'n0 mut Db<'n1, dyn Fn(&str), &'b u8>);
        assert_eq!(ty.to_token_stream().to_string(), expected.to_token_stream().to_string());
        assert_eq!(naming.given.len(), 2);
    }

    #[test]
    fn bounds_go_with_their_lifetimes() {
        let mut generics: Generics = parse_quote!(<'a: 'b, 'b, T: 'a>);
        generics.where_clause = Some(parse_quote!(where 'b: 'a, T: Store));
        retain_lifetimes(&mut generics, |lifetime| lifetime.ident != "b");
        assert_eq!(generics.to_token_stream().to_string(), quote!(<'a, T: 'a>).to_string());
        let clause = generics.where_clause.to_token_stream().to_string();
        assert_eq!(clause, quote!(where T: Store).to_string());
    }
}
