//! The escapes in a file.
//!
//! Which function one is in is told by syntax, the rest by tokens: they reach into every macro's arguments.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, ImplItem, Item, TraitItem, Type,
    parse::{ParseStream, Parser},
};

use super::sources::{Source, is_for_tests};
use crate::{
    args,
    model::body::{after_generics, bare, is_punct, text_of},
    rules::declassify_reason::argument,
};

/// One escape.
pub(super) struct Entry {
    pub(super) kind: &'static str,
    /// The rule or the static that is allowed.
    pub(super) of: Option<String>,
    pub(super) function: String,
    pub(super) file: String,
    pub(super) line: usize,
    /// `None` where no literal says it.
    pub(super) reason: Option<String>,
}

impl Entry {
    pub(super) fn key(&self) -> (&str, &str, &str, Option<&str>, Option<&str>) {
        (&self.file, &self.function, self.kind, self.of.as_deref(), self.reason.as_deref())
    }
}

pub(super) fn entries(source: &Source) -> Vec<Entry> {
    let mut search = Search { file: &source.file, path: source.module.clone(), found: Vec::new() };
    search.items(&source.syntax.items);
    search.found
}

struct Search<'a> {
    file: &'a str,
    /// Of the item that is being searched.
    path: Vec<String>,
    found: Vec<Entry>,
}

impl Search<'_> {
    fn items(&mut self, items: &[Item]) {
        for item in items {
            self.item(item);
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Mod(module) if is_for_tests(&module.attrs) => {}
            Item::Mod(module) => {
                let items = module.content.as_ref().map(|(_, items)| items.as_slice()).unwrap_or_default();
                self.within(bare(&module.ident), |inner| inner.items(items));
            }
            Item::Impl(item) if !is_for_tests(&item.attrs) => self.within(name_of(&item.self_ty), |inner| {
                for part in &item.items {
                    let name = match part {
                        ImplItem::Fn(part) => Some(&part.sig.ident),
                        ImplItem::Const(part) => Some(&part.ident),
                        _ => None,
                    };
                    inner.named(name.map(bare), part);
                }
            }),
            Item::Trait(item) if !is_for_tests(&item.attrs) => self.within(bare(&item.ident), |inner| {
                for part in &item.items {
                    let name = match part {
                        TraitItem::Fn(part) => Some(&part.sig.ident),
                        TraitItem::Const(part) => Some(&part.ident),
                        _ => None,
                    };
                    inner.named(name.map(bare), part);
                }
            }),
            other => {
                let name = match other {
                    Item::Fn(item) => Some(bare(&item.sig.ident)),
                    Item::Const(item) => Some(bare(&item.ident)),
                    Item::Static(item) => Some(bare(&item.ident)),
                    Item::Struct(item) => Some(bare(&item.ident)),
                    Item::Enum(item) => Some(bare(&item.ident)),
                    Item::Macro(item) => item
                        .ident
                        .as_ref()
                        .or_else(|| item.mac.path.segments.last().map(|last| &last.ident))
                        .map(|name| format!("{}!", bare(name))),
                    _ => None,
                };
                self.named(name, other);
            }
        }
    }

    fn within(&mut self, name: String, search: impl FnOnce(&mut Self)) {
        self.path.push(name);
        search(self);
        self.path.pop();
    }

    /// An item, unless it is for tests.
    fn named(&mut self, name: Option<String>, item: &impl ToTokens) {
        let tokens = item.to_token_stream();
        if is_for_tests(&attributes(tokens.clone())) {
            return;
        }
        match name {
            Some(name) => self.within(name, |inner| inner.tokens(tokens, false)),
            None => self.tokens(tokens, false),
        }
    }

    fn tokens(&mut self, tokens: TokenStream, in_attribute: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(word) => self.word(&tokens, at, word, in_attribute),
                TokenTree::Group(group) => {
                    let opens_one = group.delimiter() == Delimiter::Bracket && follows_hash(&tokens, at);
                    self.tokens(group.stream(), in_attribute || opens_one);
                }
                _ => {}
            }
        }
    }

    fn word(&mut self, tokens: &[TokenTree], at: usize, word: &Ident, in_attribute: bool) {
        let before = at.checked_sub(1).map(|before| &tokens[before]);
        let is_method = before.is_some_and(|before| is_punct(before, '.'));
        let is_path = before.is_some_and(|before| is_punct(before, ':'));
        let arguments = || match tokens.get(after_generics(tokens, at + 1)) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => group.stream(),
            _ => TokenStream::new(),
        };
        match bare(word).as_str() {
            // `secret.declassify(reason, ..)`, `Secret::declassify(&secret, reason, ..)`
            name @ ("declassify" | "declassify_async") if is_method || is_path => {
                let kind = if name == "declassify" { "declassify" } else { "declassify_async" };
                let reason = literal(argument(&arguments(), usize::from(is_path)));
                self.push(kind, None, word, reason);
            }
            // `Token::issue_long(ttl, reason)`, `SignedToken::issue_long(claims, ttl, reason, key)`
            "issue_long" if is_path => {
                let arguments = arguments();
                let reason = (1..=2).find_map(|index| literal(argument(&arguments, index)));
                self.push("issue_long", None, word, reason);
            }
            name @ ("allow" | "allow_static") if in_attribute => {
                let Some(TokenTree::Group(list)) = tokens.get(at + 1) else { return };
                let Some((what, reason)) = args::escape_of(word, list.stream()) else { return };
                if name == "allow_static" {
                    self.push("allow_static", Some(what), word, reason);
                } else if what.starts_with("SH") {
                    // The compiler's own `allow` is about lints.
                    self.push("allow", Some(what), word, reason);
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, kind: &'static str, of: Option<String>, at: &Ident, reason: Option<String>) {
        let (function, file, line) = (self.path.join("::"), self.file.to_owned(), at.span().start().line);
        self.found.push(Entry { kind, of, function, file, line, reason });
    }
}

/// `#[..]`, `#![..]`
fn follows_hash(tokens: &[TokenTree], at: usize) -> bool {
    let before = |steps: usize| at.checked_sub(steps).map(|before| &tokens[before]);
    let is = |token: Option<&TokenTree>, sign| token.is_some_and(|token| is_punct(token, sign));
    is(before(1), '#') || is(before(1), '!') && is(before(2), '#')
}

fn literal(tokens: TokenStream) -> Option<String> {
    match tokens.into_iter().collect::<Vec<_>>().as_slice() {
        [TokenTree::Literal(literal)] => text_of(literal),
        _ => None,
    }
}

/// The attributes in front of an item.
fn attributes(item: TokenStream) -> Vec<Attribute> {
    let parser = |input: ParseStream<'_>| {
        let attrs = input.call(Attribute::parse_outer)?;
        input.parse::<TokenStream>()?;
        Ok(attrs)
    };
    parser.parse2(item).unwrap_or_default()
}

/// What an `impl` is for.
fn name_of(ty: &Type) -> String {
    match ty {
        Type::Path(ty) if ty.qself.is_none() => {
            ty.path.segments.iter().map(|segment| bare(&segment.ident)).collect::<Vec<_>>().join("::")
        }
        other => other.to_token_stream().to_string(),
    }
}
