//! `#[secure_handler]`: the body in an inner function, and around it what parses, catches and answers.

use std::mem;

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{
    AttrStyle, CapturedParam, GenericParam, Generics, Ident, ItemFn, Lifetime, LifetimeParam, Type, TypeImplTrait,
    TypeParamBound, parse_quote,
    spanned::Spanned,
    visit::{self, Visit},
    visit_mut::{self, VisitMut},
};

use super::{checks, fallback};
use crate::{
    args::{Crate, Features, FunctionArgs},
    diag::Diagnostics,
    model::{
        body::bare,
        handler::{Handler, Param, Place},
        kind::{Batch, Kind},
        lifetimes::{Lifetimes, Naming, retain_lifetimes},
        secret_let,
    },
    rules::{instrumented_event, unsecurable_handler},
    span::respanned,
};

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    expand_with(Features::HERE, args, item)
}

pub(crate) fn expand_with(features: Features, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let mut args = FunctionArgs::read_of_handler(args, features, &mut diagnostics);
    let expansion = match syn::parse2::<ItemFn>(item.clone()) {
        Ok(mut function) => {
            // `#![allow(..)]` in the body is about the function.
            function.attrs.iter_mut().for_each(|attribute| attribute.style = AttrStyle::Outer);
            // Where the feature is missing, what its signature would name isn't there.
            let shape = if args.has_feature { &args.kind } else { &Kind::Plain };
            let fallback = fallback::handler(&function, &args.kind, shape, &args.krate);
            let written = function.block.to_token_stream();
            checks::body(&function.sig, &mut function.block, [], &mut args, &mut diagnostics);
            let can_be = args.has_feature && args.is_one_kind;
            match Handler::parse(function, mem::take(&mut args.kind), &mut diagnostics).filter(|_| can_be) {
                Some(mut handler) => {
                    let event =
                        &handler.params.iter().find(|param| param.is_event).expect("a handler has an event").typed;
                    instrumented_event::check(&handler.attrs, event, &handler.kind, &written, &mut diagnostics);
                    let brand = &handler.brand.lifetime;
                    secret_let::rewrite(&mut handler.block, &args.krate.private(), brand, &mut diagnostics);
                    let questions = checks::state(handler.state(), &args, &mut diagnostics);
                    secured(&handler, &questions, &args.krate)
                }
                None => fallback,
            }
        }
        Err(_) => {
            unsecurable_handler::not_a_function(&item, &mut diagnostics);
            item
        }
    };
    args.report_unneeded(&mut diagnostics);
    let errors = diagnostics.into_tokens();
    quote!(#errors #expansion)
}

fn secured(handler: &Handler, questions: &TokenStream, krate: &Crate) -> TokenStream {
    let private = krate.private();
    let Handler { vis, ident, params, output, .. } = handler;
    let attrs = attributes(handler, Place::Outside);
    let generics = outer_generics(handler);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let outer_params = params.iter().map(|param| {
        let Param { name, cfgs, .. } = param;
        let ty = &param.typed.ty;
        if param.is_event {
            let taken = taken(&handler.kind, krate);
            quote!(#(#cfgs)* #name: #taken)
        } else {
            quote!(#(#cfgs)* #name: #ty)
        }
    });
    let answer = answer(&handler.kind, krate).unwrap_or_else(|| match &output.ok {
        // `impl Trait` can't stand in a path; it is repeated.
        Some(ok) if has_impl_trait(&output.ty) => quote!(#private::OrFailure<#ok>),
        _ => {
            let (ty, span) = (&output.ty, Span::mixed_site().located_at(output.ty.span()));
            let answer = respanned(quote!(#private::Answer), span);
            quote_spanned!(span=> #answer<#ty>)
        }
    });
    let inner = Inner::new(handler, private.clone());
    let called = Called::new(handler, &inner);
    let run = match &handler.kind {
        Kind::Plain => called.once(&private),
        Kind::Http => called.with_request(&private),
        Kind::Sqs(batch) => called.with_each_record(batch, &private),
    };
    // What names `Self` stands beside the function in its `impl` block, everything else within it.
    let (beside, within) = if handler.associated { (Some(&inner), None) } else { (None, Some(&inner)) };
    quote! {
        #beside

        #(#attrs)*
        #vis async fn #ident #impl_generics (#(#outer_params),*) -> #answer
        #where_clause
        {
            #within
            #questions
            #run
        }
    }
}

/// What the function outside takes for its event.
pub(super) fn taken(kind: &Kind, krate: &Crate) -> TokenStream {
    let private = krate.private();
    match kind {
        Kind::Plain | Kind::Sqs(_) => quote!(#krate::LambdaEvent<#krate::RawPayload>),
        Kind::Http => quote!(#private::http::Request),
    }
}

/// What the function outside answers with. `None`: with what the handler does.
pub(super) fn answer(kind: &Kind, krate: &Crate) -> Option<TokenStream> {
    let private = krate.private();
    match kind {
        Kind::Plain => None,
        Kind::Http => Some(quote!(#private::http::Answer)),
        Kind::Sqs(_) => Some(quote!(#private::sqs::Answer)),
    }
}

/// A call of the function that holds the body.
struct Called<'a> {
    handler: &'a Handler,
    event: &'a Param,
    /// The handler's name.
    name: String,
    call: TokenStream,
    /// Errors about the event's type show where the user has written it; those about the error's type likewise.
    event_span: Span,
    answer_span: Span,
    error_span: Span,
}

impl<'a> Called<'a> {
    fn new(handler: &'a Handler, inner: &Inner<'_>) -> Self {
        let event = handler.params.iter().find(|param| param.is_event).expect("a handler has an event");
        let arguments = handler.params.iter().map(|Param { name, cfgs, .. }| quote!(#(#cfgs)* #name));
        let (inner_name, turbofish) = (&inner.name, inner.turbofish());
        let of_impl = handler.associated.then(|| quote!(Self::));
        Self {
            handler,
            event,
            name: handler.ident.to_string(),
            call: quote!(#of_impl #inner_name #turbofish (#(#arguments),*)),
            event_span: Span::mixed_site().located_at(event.typed.ty.span()),
            answer_span: Span::mixed_site().located_at(match &handler.output.ok {
                Some(ok) => ok.span(),
                None => handler.output.ty.span(),
            }),
            error_span: Span::mixed_site().located_at(handler.output.error.span()),
        }
    }

    /// With the event that the invocation brings.
    fn once(&self, private: &TokenStream) -> TokenStream {
        let Self { name, call, .. } = self;
        let event = &self.event.name;
        let [raw, context, invocation] = locals(["raw", "context", "invocation"]);
        let parse = respanned(quote!(#invocation.event(&#raw, #context)?), self.event_span);
        let respond = respanned(quote!(#private::answer(#invocation, #call).await), self.error_span);
        quote! {
            let (#raw, #context, #invocation) = #private::begin(#event, #name);
            let #event = #parse;
            // `return`, so that nothing borrows the payload any more when it is dropped.
            return #respond;
        }
    }

    /// With the HTTP request that the invocation brings: a failure is an answer, too.
    fn with_request(&self, private: &TokenStream) -> TokenStream {
        let Self { name, call, .. } = self;
        let event = &self.event.name;
        let [raw, invocation, refusal] = locals(["raw", "invocation", "refusal"]);
        let parse = respanned(quote!(#private::http::request(&#invocation, &#raw)), self.event_span);
        let responds = respanned(quote!(#private::http::responds), self.answer_span);
        let respond = respanned(quote!(#private::http::answer(#invocation, #responds(#call)).await), self.error_span);
        quote! {
            let (#raw, #invocation) = #private::http::begin(#event, #name);
            let #event = match #parse {
                #private::core::result::Result::Ok(#event) => #event,
                #private::core::result::Result::Err(#refusal) => return #private::core::result::Result::Ok(#refusal),
            };
            return #respond;
        }
    }

    /// With one record after another. State that is passed by value is cloned for each.
    fn with_each_record(&self, batch: &Batch, private: &TokenStream) -> TokenStream {
        let Self { name, call, .. } = self;
        let event = &self.event.name;
        let [whole, raw, invocation, body] = locals(["batch", "raw", "invocation", "body"]);
        let again = self.handler.state().map(|Param { name, typed, cfgs, .. }| {
            let span = Span::mixed_site().located_at(typed.ty.span());
            let again = respanned(quote!(#private::sqs::again(&#name)), span);
            quote!(#(#cfgs)* let #name = #again;)
        });
        let parse = respanned(quote!(#private::sqs::record(&#invocation, &#raw)?), self.event_span);
        let ok_span =
            self.handler.output.ok.as_ref().map_or(self.error_span, |ok| Span::mixed_site().located_at(ok.span()));
        let checked = respanned(quote!(#private::sqs::says_nothing(#call)), ok_span);
        let respond = respanned(quote!(#private::sqs::answer(#invocation, #body).await), self.error_span);
        let sink = match self.handler.sink() {
            Some(Param { name, typed, .. }) => {
                let span = Span::mixed_site().located_at(typed.ty.span());
                respanned(quote!(#private::sqs::sink(#private::sqs::again(&#name))), span)
            }
            None => quote!(#private::sqs::no_sink()),
        };
        let concurrency = batch.concurrency.as_ref().map_or_else(
            || quote!(1),
            |literal| {
                let number = Literal::usize_unsuffixed(literal.base10_parse().unwrap_or(1));
                quote!(#number)
            },
        );
        quote! {
            let #whole = #private::sqs::begin(#event, #name)?;
            return #private::sqs::run(#whole, #concurrency, #sink, move |#raw, #invocation| {
                #(#again)*
                async move {
                    let #event = #parse;
                    let #body = #checked;
                    return #respond;
                }
            })
            .await;
        }
    }
}

/// Names that are hygienic.
fn locals<const N: usize>(names: [&str; N]) -> [Ident; N] {
    names.map(|name| Ident::new(name, Span::mixed_site()))
}

fn attributes(handler: &Handler, place: Place) -> impl Iterator<Item = &syn::Attribute> {
    handler.attrs.iter().filter(move |attribute| {
        let own = Place::of(attribute);
        own == Place::Both || own == place
    })
}

/// The handler's generics without the lifetimes that are its event's alone.
fn outer_generics(handler: &Handler) -> Generics {
    let mut generics = handler.generics.clone();
    let used = Lifetimes::of(|found| {
        for param in handler.state() {
            found.visit_type(&param.typed.ty);
        }
        found.visit_type(&handler.output.ty);
        for param in handler.generics.type_params() {
            found.visit_type_param(param);
        }
    });
    retain_lifetimes(&mut generics, |lifetime| used.names(lifetime));
    generics
}

/// The function that holds the body, generic over the invocation.
struct Inner<'a> {
    handler: &'a Handler,
    private: TokenStream,
    name: Ident,
    generics: Generics,
    params: Vec<syn::PatType>,
    output: Type,
    /// How many type parameters have been made of `impl Trait` arguments.
    made: usize,
    /// Where an `impl Trait` means one thing before edition 2024 and another since: what it means before, and its `impl`.
    before_2024: Option<(Type, Span)>,
}

impl<'a> Inner<'a> {
    fn new(handler: &'a Handler, private: TokenStream) -> Self {
        let name = if handler.associated {
            format_ident!("__{}_body", bare(&handler.ident), span = handler.ident.span())
        } else {
            handler.ident.clone()
        };
        let mut inner = Self {
            handler,
            private,
            name,
            generics: handler.generics.clone(),
            params: handler.params.iter().map(|param| param.typed.clone()).collect(),
            output: handler.output.ty.clone(),
            made: 0,
            before_2024: None,
        };
        if has_impl_trait(&inner.output) {
            inner.capture_all_but_the_invocation();
        }
        if !handler.brand.declared {
            let lifetime = LifetimeParam::new(handler.brand.lifetime.clone());
            inner.generics.params.insert(0, GenericParam::Lifetime(lifetime));
        }
        inner
    }

    /// An `impl Trait` in return position captures all lifetimes, and the invocation's must not get out with the answer.
    /// `use<..>` names what is captured instead, so that all of it needs a name. Before edition 2024, it captures those alone
    /// that its bounds name, of which the invocation's is none.
    fn capture_all_but_the_invocation(&mut self) {
        let mut naming =
            Naming::new(|index, span| Lifetime::new(&format!("'__state_{index}"), Span::mixed_site().located_at(span)));
        let mut made = Vec::new();
        for (typed, param) in self.params.iter_mut().zip(&self.handler.params) {
            if !param.is_event {
                naming.visit_type_mut(&mut typed.ty);
                NameImplTraits { made: &mut made }.visit_type_mut(&mut typed.ty);
            }
        }
        // What the answer leaves out is the one life that comes in.
        if let [only] = naming.given.as_slice() {
            Naming::new(|_, _| only.clone()).visit_type_mut(&mut self.output);
        }
        self.made = made.len();
        let lifetimes = naming.given.into_iter().map(|lifetime| GenericParam::Lifetime(LifetimeParam::new(lifetime)));
        let params = std::mem::take(&mut self.generics.params);
        self.generics.params = lifetimes.chain(params).chain(made.into_iter().map(GenericParam::Type)).collect();
        let brand = &self.handler.brand.lifetime;
        let captured: Vec<CapturedParam> = self
            .generics
            .params
            .iter()
            .filter_map(|param| match param {
                GenericParam::Lifetime(param) if param.lifetime == *brand => None,
                GenericParam::Lifetime(param) => Some(CapturedParam::Lifetime(param.lifetime.clone())),
                GenericParam::Type(param) => Some(CapturedParam::Ident(param.ident.clone())),
                GenericParam::Const(param) => Some(CapturedParam::Ident(param.ident.clone())),
            })
            .collect();
        let before = self.output.clone();
        let borrows = captured.iter().any(|param| matches!(param, CapturedParam::Lifetime(_)));
        let mut capture = Capture { captured, keyword: None };
        capture.visit_type_mut(&mut self.output);
        self.before_2024 = capture.keyword.filter(|_| borrows).map(|keyword| (before, keyword));
    }

    /// The outer function's type arguments; those made of `impl Trait` are inferred.
    fn turbofish(&self) -> TokenStream {
        let names = self.handler.generics.params.iter().filter_map(|param| match param {
            GenericParam::Type(param) => Some(param.ident.to_token_stream()),
            GenericParam::Const(param) => Some(param.ident.to_token_stream()),
            GenericParam::Lifetime(_) => None,
        });
        let names: Vec<_> = names.chain((0..self.made).map(|_| quote!(_))).collect();
        if names.is_empty() { TokenStream::new() } else { quote!(::<#(#names),*>) }
    }
}

impl ToTokens for Inner<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { handler, name, generics, params, output, .. } = self;
        let mut block = handler.block.clone();
        if let Some(sink) = handler.sink().and_then(Param::binding) {
            // It is for the function outside; a body that has no use for it is sound.
            let here = Span::mixed_site().located_at(sink.span());
            block.stmts.insert(0, syn::parse_quote_spanned!(here=> let _ = &#sink;));
        }
        let attrs = attributes(handler, Place::Inside);
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let attrs: Vec<_> = attrs.collect();
        let function = |output: &Type| {
            quote! {
                #(#attrs)*
                async fn #name #impl_generics (#(#params),*) -> #output #where_clause #block
            }
        };
        let since_2024 = function(output);
        let Some((before, keyword)) = &self.before_2024 else {
            tokens.extend(since_2024);
            return;
        };
        let (private, before) = (&self.private, function(before));
        // A keyword since edition 2024, and it is the edition of the `impl` that counts.
        let word = Ident::new("gen", *keyword);
        tokens.extend(quote! {
            #private::of_edition! { #word { #before } { #since_2024 } }
        });
    }
}

/// Makes type parameters of `impl Trait` arguments.
struct NameImplTraits<'a> {
    made: &'a mut Vec<syn::TypeParam>,
}

impl VisitMut for NameImplTraits<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::ImplTrait(argument) = ty {
            let name: Ident = format_ident!("__State{}", self.made.len(), span = Span::mixed_site());
            let bounds = &argument.bounds;
            self.made.push(parse_quote!(#name: #bounds));
            *ty = parse_quote!(#name);
        } else {
            visit_mut::visit_type_mut(self, ty);
            // A name needs no parentheses, `&(impl A + B)` did.
            if let Type::Paren(paren) = ty
                && matches!(*paren.elem, Type::Path(_))
            {
                *ty = Type::clone(&paren.elem);
            }
        }
    }
}

/// Adds `use<..>` to every `impl Trait` that has none.
struct Capture {
    captured: Vec<CapturedParam>,
    /// The `impl` of one of them.
    keyword: Option<Span>,
}

impl VisitMut for Capture {
    fn visit_type_impl_trait_mut(&mut self, ty: &mut TypeImplTrait) {
        visit_mut::visit_type_impl_trait_mut(self, ty);
        if !ty.bounds.iter().any(|bound| matches!(bound, TypeParamBound::PreciseCapture(_))) {
            let captured = self.captured.iter().map(|param| match param {
                CapturedParam::Lifetime(lifetime) => lifetime.to_token_stream(),
                CapturedParam::Ident(name) => name.to_token_stream(),
                _ => TokenStream::new(),
            });
            ty.bounds.push(parse_quote!(use<#(#captured),*>));
            self.keyword = Some(ty.impl_token.span);
        }
    }
}

fn has_impl_trait(ty: &Type) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_type_impl_trait(&mut self, ty: &'ast TypeImplTrait) {
            self.0 = true;
            visit::visit_type_impl_trait(self, ty);
        }
    }
    let mut find = Find(false);
    find.visit_type(ty);
    find.0
}
