//! A handler: which of its parameters is the event, and which lifetime is the invocation.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Block, FnArg, Generics, Ident, ItemFn, Lifetime, Meta, Pat, PatType, PathArguments, ReturnType, Token,
    Type, Visibility, WherePredicate,
    parse::Parser,
    punctuated::Punctuated,
    visit::{self, Visit},
    visit_mut::VisitMut,
};

use super::body::bare;
use super::kind::{Batch, Kind};
use super::lifetimes::{Lifetimes, Naming};
use crate::{diag::Diagnostics, rules::unsecurable_handler as rule};

/// The lifetime of the invocation where the user has not named it.
const INVOCATION: &str = "'this_invocation";

/// A handler that can be secured.
pub(crate) struct Handler {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    /// Whether it is a function of an `impl` block and says so: it mentions `Self`.
    pub(crate) associated: bool,
    pub(crate) generics: Generics,
    pub(crate) params: Vec<Param>,
    pub(crate) output: Output,
    pub(crate) block: Block,
    pub(crate) brand: Brand,
    pub(crate) kind: Kind,
}

/// The lifetime that stands for the invocation.
pub(crate) struct Brand {
    pub(crate) lifetime: Lifetime,
    /// Whether the user has declared it.
    pub(crate) declared: bool,
}

/// A parameter of a handler.
pub(crate) struct Param {
    /// As written, but with the invocation's lifetime named in the event.
    pub(crate) typed: PatType,
    /// What it is called outside of the body.
    pub(crate) name: Ident,
    pub(crate) is_event: bool,
    /// Conditions of compilation.
    pub(crate) cfgs: Vec<Attribute>,
}

/// What a handler returns.
pub(crate) struct Output {
    pub(crate) ty: Type,
    /// The type that is written for `T` in `Result<T, E>`, where one is.
    pub(crate) ok: Option<Type>,
    /// The tokens that stand for `E`, or for all of the type where it is hidden behind an alias.
    pub(crate) error: TokenStream,
}

impl Handler {
    /// `None`: there is nothing that could be rewritten, and `diagnostics` says why.
    pub(crate) fn parse(item: ItemFn, kind: Kind, diagnostics: &mut Diagnostics) -> Option<Self> {
        let ItemFn { attrs, vis, sig, block, .. } = item;
        let before = diagnostics.len();
        rule::check_signature(&sig, &kind, diagnostics);
        let event = if sig.receiver().is_some() { None } else { find_event(&sig, &kind, diagnostics) };
        let associated = Associated::find(&sig, &block);
        let output = match sig.output {
            ReturnType::Default => {
                rule::no_result(&sig.ident, diagnostics);
                None
            }
            ReturnType::Type(_, ty) => Some(Output::new(*ty)),
        };
        let mut taken = HashSet::from([bare(&sig.ident)]);
        let mut params: Vec<_> = sig
            .inputs
            .into_iter()
            .enumerate()
            .filter_map(|(index, input)| match input {
                FnArg::Typed(typed) => Some(Param::new(index, typed, event == Some(index), &mut taken)),
                FnArg::Receiver(_) => None,
            })
            .collect();
        let brand = brand_event(params.iter_mut().find(|param| param.is_event)?, diagnostics);
        for forever in static_bounds(&sig.generics, &brand.lifetime) {
            rule::static_event(forever, diagnostics);
        }
        if let Kind::Sqs(Batch { dead_letter: Some(name), .. }) = &kind {
            let is_it = |param: &&Param| param.binding().is_some_and(|binding| binding == name) && !param.is_event;
            if !params.iter().any(|param| is_it(&param)) {
                let what = format!("no state parameter is called `{name}`");
                let help = format!("take the sink as a parameter: `{name}: &impl DeadLetterSink`");
                diagnostics.usage(name, &what, &help);
            }
        }
        let output = output?;
        if let Some(borrowed) = borrow_from_event(&output.ty, &params, &brand, diagnostics.len() == before) {
            rule::borrowed_answer(borrowed, diagnostics);
        }
        (diagnostics.len() == before).then_some(Self {
            attrs,
            vis,
            associated,
            ident: sig.ident,
            generics: sig.generics,
            params,
            output,
            block: *block,
            brand,
            kind,
        })
    }

    /// The state parameter that takes dead letters.
    pub(crate) fn sink(&self) -> Option<&Param> {
        let Kind::Sqs(Batch { dead_letter: Some(name), .. }) = &self.kind else { return None };
        self.state().find(|param| param.binding().is_some_and(|binding| binding == name))
    }

    pub(crate) fn state(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|param| !param.is_event)
    }
}

impl Param {
    /// `taken` are names that mean something else outside of the body.
    fn new(index: usize, typed: PatType, is_event: bool, taken: &mut HashSet<String>) -> Self {
        let written = match &*typed.pat {
            Pat::Ident(binding) => bare(&binding.ident).trim_matches('_').to_owned(),
            _ => String::new(),
        };
        // Names of ours are hygienic and can't collide with the user's, nor with the expansion's locals.
        let ours = |name: &str| Ident::new(name, Span::mixed_site());
        let fallback = if is_event { ours("event") } else { ours(&format!("state_{index}")) };
        let name = if !written.is_empty() && taken.insert(written.clone()) {
            // Without its `_` or `r#` it may be a keyword (`r#type`), one that can't be raw (`self_`), or a number (`_1`).
            syn::parse_str::<Ident>(&written).or_else(|_| syn::parse_str(&format!("r#{written}"))).unwrap_or(fallback)
        } else {
            fallback
        };
        let cfgs = typed.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect();
        Self { typed, name, is_event, cfgs }
    }
}

impl Param {
    /// What it is called in the body, where that is a name.
    pub(crate) fn binding(&self) -> Option<&Ident> {
        match &*self.typed.pat {
            Pat::Ident(binding) => Some(&binding.ident),
            _ => None,
        }
    }
}

impl Output {
    fn new(ty: Type) -> Self {
        let arguments = match &ty {
            Type::Path(path) => path.path.segments.last().map(|last| &last.arguments),
            _ => None,
        };
        let mut types = match arguments {
            Some(PathArguments::AngleBracketed(arguments)) => arguments
                .args
                .iter()
                .filter_map(|argument| match argument {
                    syn::GenericArgument::Type(ty) => Some(ty.clone()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        let error = if types.len() > 1 { types.pop().to_token_stream() } else { ty.to_token_stream() };
        Self { ok: types.into_iter().next(), error, ty }
    }
}

/// Looks for `Self`, but for that of items within the body.
struct Associated(bool);

impl Associated {
    fn find(sig: &syn::Signature, block: &Block) -> bool {
        let mut find = Self(false);
        find.visit_signature(sig);
        find.visit_block(block);
        find.0
    }

    fn visit_tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(word) => self.0 |= word == "Self",
                TokenTree::Group(group) => self.visit_tokens(group.stream()),
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Associated {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0 |= path.segments.first().is_some_and(|first| first.ident == "Self");
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_tokens(call.tokens.clone());
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

fn find_event(sig: &syn::Signature, kind: &Kind, diagnostics: &mut Diagnostics) -> Option<usize> {
    let typed: Vec<_> = sig
        .inputs
        .iter()
        .enumerate()
        .filter_map(|(index, input)| match input {
            FnArg::Typed(typed) => Some((index, typed)),
            FnArg::Receiver(_) => None,
        })
        .collect();
    let mut events = typed.iter().filter(|(_, param)| kind.is_event(&param.ty));
    if let Some((index, _)) = events.next() {
        for (_, second) in events {
            rule::second_event(&second.ty, kind, diagnostics);
        }
        return Some(*index);
    }
    for (_, param) in &typed {
        if let Type::Reference(reference) = &*param.ty
            && kind.is_event(&reference.elem)
        {
            rule::borrowed_event(&param.ty, diagnostics);
            return None;
        }
    }
    if let [(index, only)] = typed.as_slice()
        && matches!(&*only.ty, Type::Path(_))
    {
        return Some(*index);
    }
    // Behind an alias. The expansion checks by type that it is one.
    let by_value: Vec<_> = typed.iter().filter(|(_, param)| may_be_alias(&param.ty, &sig.generics)).collect();
    let unique = |matches: &dyn Fn(&PatType) -> bool| {
        let mut found = by_value.iter().filter(|(_, param)| matches(param));
        found.next().filter(|_| found.next().is_none()).map(|(index, _)| *index)
    };
    let signs: [&dyn Fn(&PatType) -> bool; 5] = [
        &|param| takes_payload_out(param, kind),
        &|param| has_lifetime_argument(&param.ty),
        &is_called_event,
        &has_type_called_event,
        &|_| true,
    ];
    let found = signs.into_iter().find_map(unique);
    if found.is_none() {
        rule::no_event(sig, kind, diagnostics);
    }
    found
}

/// Types of the standard library that are no alias of an event.
const NO_ALIASES: &[&str] = &[
    "Arc", "Box", "BTreeMap", "Cell", "Duration", "HashMap", "HashSet", "Instant", "Mutex", "Option", "PathBuf", "Rc",
    "RefCell", "RwLock", "String", "Vec", "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize",
    "u8", "u16", "u32", "u64", "u128", "usize",
];

/// Whether a type may be an event under another name.
fn may_be_alias(ty: &Type, generics: &Generics) -> bool {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last().is_some_and(|last| {
            !NO_ALIASES.iter().any(|known| last.ident == known)
                && !generics.type_params().any(|param| last.ident == param.ident)
        }),
        Type::Paren(paren) => may_be_alias(&paren.elem, generics),
        Type::Group(group) => may_be_alias(&group.elem, generics),
        _ => false,
    }
}

/// `LambdaEvent { payload, .. }`, whatever it is called.
fn takes_payload_out(param: &PatType, kind: &Kind) -> bool {
    match &*param.pat {
        Pat::Struct(pattern) => pattern
            .fields
            .iter()
            .any(|field| matches!(&field.member, syn::Member::Named(name) if kind.fields().iter().any(|field| name == field))),
        _ => false,
    }
}

fn is_called_event(param: &PatType) -> bool {
    matches!(&*param.pat, Pat::Ident(name)
        if ["event", "evt", "ev", "request", "req", "record"].contains(&name.ident.to_string().trim_start_matches('_')))
}

fn has_type_called_event(param: &PatType) -> bool {
    matches!(&*param.ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| {
        let name = last.ident.to_string();
        ["Event", "Request", "Record", "Invocation"].iter().any(|called| name.ends_with(called))
    }))
}

fn has_lifetime_argument(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| match &last.arguments {
        PathArguments::AngleBracketed(arguments) => {
            arguments.args.iter().any(|argument| matches!(argument, syn::GenericArgument::Lifetime(_)))
        }
        _ => false,
    })
}

/// Names the invocation in the event's type, and gives back its name.
fn brand_event(event: &mut Param, diagnostics: &mut Diagnostics) -> Brand {
    let found = Lifetimes::of(|found| found.visit_type(&event.typed.ty));
    for lifetime in &found.statics {
        rule::static_event(lifetime, diagnostics);
    }
    let mut naming = Naming::new(|_, span| Lifetime::new(INVOCATION, Span::mixed_site().located_at(span)));
    naming.visit_type_mut(&mut event.typed.ty);
    match (naming.given.is_empty(), found.named.into_iter().next()) {
        (true, Some(lifetime)) => Brand { lifetime, declared: true },
        _ => Brand { lifetime: Lifetime::new(INVOCATION, Span::mixed_site()), declared: false },
    }
}

/// The `'static`s that a lifetime is said to outlive.
fn static_bounds<'a>(generics: &'a Generics, lifetime: &'a Lifetime) -> impl Iterator<Item = &'a Lifetime> {
    let declared = generics.lifetimes().filter(move |param| param.lifetime == *lifetime).map(|param| &param.bounds);
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let required = predicates.filter_map(move |predicate| match predicate {
        WherePredicate::Lifetime(predicate) if predicate.lifetime == *lifetime => Some(&predicate.bounds),
        _ => None,
    });
    declared.chain(required).flatten().filter(|bound| bound.ident == "static")
}

/// Where the answer's type has the event's life, by name or by elision.
fn borrow_from_event(output: &Type, params: &[Param], brand: &Brand, sound: bool) -> Option<TokenStream> {
    let answer = Lifetimes::of(|found| found.visit_type(output));
    let state = Lifetimes::of(|found| {
        for param in params.iter().filter(|param| !param.is_event) {
            found.visit_type(&param.typed.ty);
        }
    });
    if brand.declared
        && !state.names(&brand.lifetime)
        && let Some(borrowed) = answer.named.iter().find(|lifetime| **lifetime == brand.lifetime)
    {
        return Some(borrowed.to_token_stream());
    }
    // Elided, it is the life of the one reference that comes in; without state, that is the event's.
    let event_only = state.named.is_empty() && state.elided.is_empty();
    let elided = answer.elided.first().filter(|_| sound && event_only)?;
    Some(Ident::new("_", *elided).to_token_stream())
}

/// How an attribute of the handler is shared between the function outside and the body's function inside.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Outside,
    Inside,
    Both,
}

impl Place {
    pub(crate) fn of(attribute: &Attribute) -> Self {
        let path = attribute.path();
        if path.is_ident("cfg_attr") {
            return Self::of_cfg_attr(attribute);
        }
        if ["doc", "cfg", "allow", "warn", "deny", "forbid"].iter().any(|shared| path.is_ident(shared)) {
            Self::Both
        } else if ["deprecated", "must_use"].iter().any(|outer| path.is_ident(outer)) {
            Self::Outside
        } else {
            Self::Inside
        }
    }

    /// `#[cfg_attr(condition, attribute, ..)]` goes where its attributes go, and inside when they disagree.
    fn of_cfg_attr(attribute: &Attribute) -> Self {
        let Meta::List(list) = &attribute.meta else { return Self::Inside };
        let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
        let Ok(parts) = parser.parse2(list.tokens.clone()) else { return Self::Inside };
        let mut places = parts.into_iter().skip(1).map(|meta| Self::of(&syn::parse_quote!(#[#meta])));
        let Some(first) = places.next() else { return Self::Inside };
        if places.all(|place| place == first) { first } else { Self::Inside }
    }
}
