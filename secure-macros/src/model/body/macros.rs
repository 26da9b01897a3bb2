//! What is written in a macro's arguments, as far as it reads like Rust.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Arm, Block, Expr, ExprBlock, ExprMatch, Ident, Macro, Pat, Path, Token,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
};

use super::aliases::is_punct;

/// A macro's arguments.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) expressions: Vec<Expr>,
    /// Names that the macro may bind: `x` in `x = future => ..` and in `x = expression`.
    pub(crate) bound: HashSet<String>,
    /// Whether all of it was a list of expressions.
    pub(crate) plain: bool,
    /// Paths in capitals among tokens that don't read as Rust. They need be no values.
    pub(crate) words: Vec<Path>,
}

/// Macros whose arguments are known to be expressions, however they are put.
const KNOWN: &[&str] = &[
    "anyhow",
    "assert",
    "assert_eq",
    "assert_ne",
    "audit",
    "bail",
    "dbg",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "ensure",
    "eprint",
    "eprintln",
    "error",
    "event",
    "eyre",
    "format",
    "format_args",
    "info",
    "join",
    "json",
    "log",
    "matches",
    "panic",
    "pin",
    "print",
    "println",
    "ready",
    "select",
    "todo",
    "trace",
    "try_join",
    "unimplemented",
    "unreachable",
    "vec",
    "warn",
    "write",
    "writeln",
];

/// Whether a macro is one whose arguments are expressions.
pub(crate) fn is_known(call: &Macro) -> bool {
    call.path.segments.last().is_some_and(|last| KNOWN.iter().any(|known| last.ident == known))
}

/// Reads a macro's arguments.
pub(crate) fn arguments(tokens: &TokenStream) -> Arguments {
    let mut arguments = Arguments::default();
    arguments.plain = arguments.read(tokens);
    arguments
}

impl Arguments {
    /// Whether the tokens were a list of expressions.
    fn read(&mut self, tokens: &TokenStream) -> bool {
        if tokens.is_empty() {
            return true;
        }
        if let Ok(list) = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens.clone()) {
            for expression in list {
                self.take(expression);
            }
            return true;
        }
        if let Ok(stmts) = Block::parse_within.parse2(tokens.clone()) {
            let block = Block { brace_token: syn::token::Brace::default(), stmts };
            self.expressions.push(Expr::Block(ExprBlock { attrs: Vec::new(), label: None, block }));
            return false;
        }
        if let Ok(Waits(waits)) = syn::parse2(tokens.clone()) {
            self.expressions.extend(waits);
            return false;
        }
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        for part in tokens.split(|token| is_punct(token, ',') || is_punct(token, ';')) {
            self.read_part(part);
        }
        false
    }

    /// `name = expression` names an argument: the name is no expression.
    fn take(&mut self, expression: Expr) {
        match expression {
            Expr::Assign(assign) => {
                if let Expr::Path(name) = &*assign.left
                    && let Some(name) = name.path.get_ident()
                {
                    self.bound.insert(super::bare(name));
                } else {
                    self.expressions.push(*assign.left);
                }
                self.expressions.push(*assign.right);
            }
            other => self.expressions.push(other),
        }
    }

    /// A part between commas: `"key": value`, `x = future => { .. }`, `name = %value`.
    fn read_part(&mut self, part: &[TokenTree]) {
        let whole: TokenStream = part.iter().cloned().collect();
        if let Ok(expression) = syn::parse2::<Expr>(whole) {
            self.take(expression);
            return;
        }
        // tracing's sigils
        if let Some((first, rest)) = part.split_first()
            && (is_punct(first, '%') || is_punct(first, '?'))
        {
            self.read_part(rest);
            return;
        }
        if let Some(at) = separator(part) {
            let before = &part[..at];
            let arrow = part.get(at + 1).is_some_and(|next| is_punct(next, '>'));
            // `future => { .. }`: what `select!` waits for.
            if arrow && let Ok(awaited) = syn::parse2::<Expr>(before.iter().cloned().collect()) {
                self.take(awaited);
                self.read_part(&part[at + 2..]);
                return;
            }
            // `NAME = value` binds it; `into NAME: value` does not.
            if before.len() > 1 {
                self.words.extend(words(before));
            }
            for token in before {
                match token {
                    TokenTree::Ident(name) if before.len() == 1 || !is_in_capitals(name) => {
                        self.bound.insert(super::bare(name));
                    }
                    TokenTree::Group(group) => self.bind_all(&group.stream()),
                    _ => {}
                }
            }
            self.read_part(&part[at + 1 + usize::from(arrow)..]);
            return;
        }
        self.words.extend(words(part));
        for token in part {
            if let TokenTree::Group(group) = token {
                self.read(&group.stream());
            }
        }
    }

    fn bind_all(&mut self, tokens: &TokenStream) {
        for token in tokens.clone() {
            match token {
                TokenTree::Ident(name) => {
                    self.bound.insert(super::bare(&name));
                }
                TokenTree::Group(group) => self.bind_all(&group.stream()),
                _ => {}
            }
        }
    }
}

/// What `select!` waits for, each as the match that it comes to: `pattern = future, if condition => body`.
struct Waits(Vec<Expr>);

impl Parse for Waits {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut found = Vec::new();
        // `biased;`
        if input.peek(Ident) && input.peek2(Token![;]) {
            input.parse::<Ident>()?;
            input.parse::<Token![;]>()?;
        }
        while !input.is_empty() {
            // `else =>`, `complete =>`, `default =>`
            if input.peek(Ident::peek_any) && input.peek2(Token![=>]) {
                input.call(Ident::parse_any)?;
                input.parse::<Token![=>]>()?;
                found.push(answer(input)?);
                continue;
            }
            let pat = Pat::parse_multi_with_leading_vert(input)?;
            input.parse::<Token![=]>()?;
            let awaited = input.parse()?;
            if input.parse::<Option<Token![,]>>()?.is_some() {
                input.parse::<Token![if]>()?;
                found.push(input.parse()?);
            }
            let fat_arrow_token = input.parse()?;
            let arm = Arm { attrs: Vec::new(), pat, fat_arrow_token, body: Box::new(answer(input)?), comma: None };
            found.push(Expr::Match(ExprMatch {
                attrs: Vec::new(),
                match_token: <Token![match]>::default(),
                expr: Box::new(awaited),
                brace_token: syn::token::Brace::default(),
                arms: vec![arm],
            }));
        }
        Ok(Self(found))
    }
}

/// What `select!` does with what it has waited for, and the comma after it.
fn answer(input: ParseStream<'_>) -> syn::Result<Expr> {
    let body = if input.peek(syn::token::Brace) {
        Expr::Block(ExprBlock { attrs: Vec::new(), label: None, block: input.parse()? })
    } else {
        input.parse()?
    };
    if !input.is_empty() {
        input.parse::<Option<Token![,]>>()?;
    }
    Ok(body)
}

/// The names in capitals among tokens that are no Rust, and the paths from `crate`, `self` or `super` to such.
fn words(tokens: &[TokenTree]) -> Vec<Path> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let start = at;
        let mut names = Vec::new();
        while let Some(TokenTree::Ident(name)) = tokens.get(at) {
            names.push(name.clone());
            at += 1;
            let goes_on = [at, at + 1].iter().all(|&at| tokens.get(at).is_some_and(|token| is_punct(token, ':')))
                && matches!(tokens.get(at + 2), Some(TokenTree::Ident(_)));
            if !goes_on {
                break;
            }
            at += 2;
        }
        let Some(last) = names.last() else {
            at += 1;
            continue;
        };
        // `.FIELD`, `$NAME`, `'LIFETIME`, `call!(..)`
        let other =
            start.checked_sub(1).is_some_and(|before| ".$'#".chars().any(|sign| is_punct(&tokens[before], sign)))
                || tokens.get(at).is_some_and(|next| is_punct(next, '!') || matches!(next, TokenTree::Group(_)));
        let rooted = names.len() == 1 || ["crate", "self", "super"].iter().any(|root| names[0] == root);
        if !other && rooted && is_in_capitals(last) {
            found.extend(syn::parse2(quote::quote!(#(#names)::*)));
        }
    }
    found
}

fn is_in_capitals(name: &Ident) -> bool {
    let name = name.to_string();
    name.contains(char::is_alphabetic) && !name.contains(char::is_lowercase)
}

/// The first `:`, `=` or `=>` that stands for itself.
fn separator(part: &[TokenTree]) -> Option<usize> {
    let mut at = 0;
    while at < part.len() {
        if is_punct(&part[at], ':') {
            if part.get(at + 1).is_some_and(|next| is_punct(next, ':')) {
                at += 2;
                continue;
            }
            return Some(at);
        }
        if is_punct(&part[at], '=') {
            let comparison = part.get(at + 1).is_some_and(|next| is_punct(next, '='))
                || at.checked_sub(1).is_some_and(|before| "=!<>".chars().any(|sign| is_punct(&part[before], sign)));
            if !comparison {
                return Some(at);
            }
        }
        at += 1;
    }
    None
}

/// The names that a format string captures: `{name}`, `{name:?}`, `{:width$}`.
pub(crate) fn captures(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        rest = &rest[open + 1..];
        if let Some(escaped) = rest.strip_prefix('{') {
            rest = escaped;
            continue;
        }
        let Some(close) = rest.find('}') else { break };
        let (placeholder, after) = (&rest[..close], &rest[close + 1..]);
        let (name, format) = placeholder.split_once(':').unwrap_or((placeholder, ""));
        let mut names = vec![name.trim()];
        // `{:>width$.precision$}`
        names.extend(format.split('$').filter_map(|part| {
            let start = part.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
            format.contains('$').then_some(&part[start..])
        }));
        found.extend(names.into_iter().filter(|name| is_identifier(name)).map(str::to_owned));
        rest = after;
    }
    found
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && name != "_"
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens, quote};

    use super::*;

    fn read(tokens: &TokenStream) -> Vec<String> {
        let read = arguments(tokens);
        read.expressions.iter().map(|expression| expression.to_token_stream().to_string()).collect()
    }

    #[test]
    fn expressions_are_found_however_they_are_put() {
        assert_eq!(read(&quote!("{} {x}", a.b(), x = c + 1)), ["\"{} {x}\"", "a . b ()", "c + 1"]);
        assert_eq!(read(&quote!({ "a": X, "b": [Y, { "c": z() }] })), ["X", "Y", "z ()"]);
        assert_eq!(read(&quote!(count = C.load(), error = %e, ?x, "text")), ["C . load ()", "e", "x", "\"text\""]);
        assert_eq!(
            read(&quote!(v = next() => { use_it(v) }, () = stop => {})),
            ["match next () { v => { use_it (v) } }", "match stop { () => { } }"]
        );
        assert_eq!(
            read(&quote!(biased; Some(v) = next(), if open => v, _ = stop => {} else => X)),
            ["open", "match next () { Some (v) => v }", "match stop { _ => { } }", "X"]
        );
        assert_eq!(read(&quote!(0u8; N)), ["{ 0u8 ; N }"]);
    }

    #[test]
    fn names_in_capitals_are_found_in_what_is_no_rust() {
        let words = |tokens: &TokenStream| {
            let words = arguments(tokens).words;
            words.iter().map(|path| path.to_token_stream().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(words(&quote!(store user in CACHE)), ["CACHE"]);
        assert_eq!(
            words(&quote!(($v:expr) => { with [crate::CACHE $NAME x.FIELD a::B C!() D(1)] })),
            ["crate :: CACHE"]
        );
    }

    #[test]
    fn captured_names_are_found() {
        assert_eq!(
            captures("{a} {{b}} {c:?} {} {0} {:>width$.prec$} {d:>w$} {"),
            ["a", "c", "width", "prec", "d", "w"]
        );
    }
}
