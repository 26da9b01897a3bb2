//! A walk over a body's tokens: the only view that reaches into every macro's arguments.

use proc_macro2::{Delimiter, Group, Ident, Literal, Spacing, TokenStream, TokenTree};
use syn::Lit;

use super::{
    aliases::{Aliases, is_punct},
    bare,
};

/// Something that a body mentions.
pub(crate) enum Mention {
    Path(PathUse),
    Method(Method),
    Text(Text),
    /// A keyword.
    Word(Ident),
}

/// A path, in whatever position.
pub(crate) struct PathUse {
    pub(crate) segments: Vec<Ident>,
    /// What it may stand for: as written, or as the body's imports say.
    spellings: Vec<Vec<String>>,
    pub(crate) called: Called,
    /// Whether what it gives is awaited at once.
    pub(crate) awaited: bool,
    /// The methods that are called on what it gives.
    pub(crate) chain: Vec<String>,
}

/// What follows a path or a method's name.
pub(crate) enum Called {
    No,
    Function(TokenStream),
    Macro(TokenStream),
}

/// `.name(arguments)`
pub(crate) struct Method {
    pub(crate) name: Ident,
    pub(crate) arguments: TokenStream,
}

/// A literal of characters or bytes.
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) token: Literal,
    /// The name that it is bound to: a variable's, a field's, a key's, a setter's.
    pub(crate) name: Option<String>,
}

impl PathUse {
    /// Whether the path is `full`, written with at least `least` of its segments.
    pub(crate) fn is(&self, full: &str, least: usize) -> bool {
        let full: Vec<_> = full.split("::").collect();
        self.spellings.iter().any(|spelling| {
            (least..=full.len()).contains(&spelling.len()) && full[full.len() - spelling.len()..] == *spelling
        })
    }

    /// Whether the path leads through `name`.
    pub(crate) fn leads_through(&self, name: &str) -> bool {
        self.spellings.iter().any(|spelling| spelling.iter().any(|segment| segment == name))
    }

    /// Whether the path begins with a crate or module.
    pub(crate) fn begins_with(&self, name: &str) -> bool {
        self.spellings.iter().any(|spelling| spelling.len() > 1 && spelling[0] == name)
    }

    pub(crate) fn is_called(&self) -> bool {
        matches!(self.called, Called::Function(_))
    }

    pub(crate) fn last(&self) -> &Ident {
        self.segments.last().expect("a path has a segment")
    }

    /// The path as it is written, without generics.
    pub(crate) fn written(&self) -> String {
        self.segments.iter().map(ToString::to_string).collect::<Vec<_>>().join("::")
    }

    pub(crate) fn tokens(&self) -> TokenStream {
        self.segments.iter().map(|segment| TokenTree::Ident(segment.clone())).collect()
    }
}

pub(super) fn of(tokens: TokenStream, aliases: &Aliases) -> Vec<Mention> {
    let mut scan = Scan { aliases, found: Vec::new() };
    scan.tokens(tokens, &Owner::None);
    scan.found
}

/// What the group that is being walked is the argument list of.
enum Owner {
    None,
    /// A function of this name.
    Function(String),
    /// A method of this name.
    Method(String),
    /// A wrapper around a single value that is bound to this name.
    Wraps(String),
}

/// What makes a value of a literal and nothing else.
const WRAPPERS: &[&str] = &["from", "new", "Some", "Ok", "Borrowed", "from_str", "from_static", "Cow", "into"];

/// Methods that take a name and what is kept under it.
const KEEPERS: &[&str] = &["insert", "append", "set_var", "entry"];

const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "dyn", "else", "enum", "extern", "false", "fn", "for", "if",
    "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "static", "struct", "trait",
    "true", "type", "unsafe", "use", "where", "while", "yield",
];

struct Scan<'a> {
    aliases: &'a Aliases,
    found: Vec<Mention>,
}

impl Scan<'_> {
    fn tokens(&mut self, tokens: TokenStream, owner: &Owner) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at = match token {
                TokenTree::Punct(hash) if hash.as_char() == '#' => self.attribute(&tokens, at),
                // A lifetime is no name.
                TokenTree::Punct(quote) if quote.as_char() == '\'' => at + 2,
                TokenTree::Punct(dot) if dot.as_char() == '.' => self.method(&tokens, at),
                TokenTree::Punct(angle) if angle.as_char() == '<' => self.qualified(&tokens, at, owner),
                TokenTree::Punct(_) => at + 1,
                TokenTree::Ident(word)
                    if word == "use" && !tokens.get(at + 1).is_some_and(|next| is_punct(next, '<')) =>
                {
                    tokens[at..].iter().position(|token| is_punct(token, ';')).map_or(tokens.len(), |end| at + end + 1)
                }
                TokenTree::Ident(word) if KEYWORDS.iter().any(|keyword| word == keyword) => {
                    self.found.push(Mention::Word(word.clone()));
                    at + 1
                }
                TokenTree::Ident(_) => self.path(&tokens, at, Vec::new(), owner),
                TokenTree::Literal(literal) => {
                    self.literal(literal, &tokens, at, owner);
                    at + 1
                }
                TokenTree::Group(group) => {
                    // `{ "x" }` and `("x")` are what they hold.
                    let holds_one = group.delimiter() != Delimiter::Bracket && group.stream().into_iter().count() == 1;
                    let bound = if holds_one { bound_to(&tokens, at, owner) } else { None };
                    self.tokens(group.stream(), &bound.map_or(Owner::None, Owner::Wraps));
                    at + 1
                }
            };
        }
    }

    /// `#[..]` is of no interest, unless it is `#[unsafe(..)]`.
    fn attribute(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let bang = usize::from(tokens.get(at + 1).is_some_and(|next| is_punct(next, '!')));
        match tokens.get(at + 1 + bang) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
                if let Some(TokenTree::Ident(word)) = group.stream().into_iter().next()
                    && word == "unsafe"
                {
                    self.found.push(Mention::Word(word));
                }
                at + 2 + bang
            }
            _ => at + 1,
        }
    }

    /// `.name(..)`, `.name::<..>(..)`, or a field.
    fn method(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let Some(TokenTree::Ident(name)) = tokens.get(at + 1) else { return at + 1 };
        let after = after_generics(tokens, at + 2);
        let Some(group) = arguments(tokens.get(after)) else { return at + 2 };
        let method = Method { name: name.clone(), arguments: group.stream() };
        self.found.push(Mention::Method(method));
        self.tokens(group.stream(), &Owner::Method(bare(name)));
        after + 1
    }

    /// `<Type>::name`
    fn qualified(&mut self, tokens: &[TokenTree], at: usize, owner: &Owner) -> usize {
        let opens = match at.checked_sub(1).map(|before| &tokens[before]) {
            None => true,
            Some(TokenTree::Punct(punct)) => !matches!(punct.as_char(), ':' | '>' | '.' | '?'),
            Some(TokenTree::Ident(word)) => KEYWORDS.iter().any(|keyword| word == keyword),
            Some(_) => false,
        };
        let end = if opens { closing(tokens, at) } else { None };
        let Some(end) = end.filter(|&end| is_colons(tokens, end + 1)) else { return at + 1 };
        // The type's own path, up to its generics.
        let inner = tokens[at + 1..end].iter();
        let ty: Vec<Ident> = inner
            .take_while(|token| !is_punct(token, '<'))
            .filter_map(|token| match token {
                TokenTree::Ident(word) if word != "as" && word != "dyn" => Some(word.clone()),
                _ => None,
            })
            .collect();
        match tokens.get(end + 3) {
            Some(TokenTree::Ident(_)) => self.path(tokens, end + 3, ty, owner),
            _ => end + 3,
        }
    }

    /// A path from its first segment on; `before` are those of a qualified type.
    fn path(&mut self, tokens: &[TokenTree], start: usize, before: Vec<Ident>, owner: &Owner) -> usize {
        let mut segments = before;
        let mut at = start;
        while let Some(TokenTree::Ident(segment)) = tokens.get(at) {
            segments.push(segment.clone());
            at = after_generics(tokens, at + 1);
            if !is_colons(tokens, at) || !matches!(tokens.get(at + 2), Some(TokenTree::Ident(_))) {
                break;
            }
            at += 2;
        }
        let names: Vec<_> = segments.iter().map(bare).collect();
        let spellings = self.aliases.spellings(&names);
        let last = names.last().cloned().unwrap_or_default();
        let is_macro = tokens.get(at).is_some_and(|next| is_punct(next, '!'));
        let awaited = tokens.get(at + 2).is_some_and(|token| is_word(token, "await"));
        match (is_macro, tokens.get(at + usize::from(is_macro))) {
            (true, Some(TokenTree::Group(group))) => {
                let called = Called::Macro(group.stream());
                self.found.push(Mention::Path(PathUse { segments, spellings, called, awaited, chain: Vec::new() }));
                if last == "concat" {
                    self.concat(group, tokens, start);
                } else {
                    self.tokens(group.stream(), &Owner::None);
                }
                at + 2
            }
            (false, Some(TokenTree::Group(group))) if group.delimiter() == Delimiter::Parenthesis => {
                let called = Called::Function(group.stream());
                let chain = chain(&tokens[at + 1..]);
                self.found.push(Mention::Path(PathUse { segments, spellings, called, awaited, chain }));
                // `set("password", Field::new("Password:"))` makes something else of it.
                let owner = if last == "new" { &Owner::None } else { owner };
                let bound = WRAPPERS.contains(&&*last).then(|| bound_to(tokens, start, owner)).flatten();
                self.tokens(group.stream(), &bound.map_or(Owner::Function(last), Owner::Wraps));
                at + 1
            }
            _ => {
                let (called, awaited, chain) = (Called::No, false, Vec::new());
                self.found.push(Mention::Path(PathUse { segments, spellings, called, awaited, chain }));
                at
            }
        }
    }

    fn literal(&mut self, literal: &Literal, tokens: &[TokenTree], at: usize, owner: &Owner) {
        if let Some(value) = text_of(literal) {
            let name = bound_to(tokens, at, owner);
            self.found.push(Mention::Text(Text { value, token: literal.clone(), name }));
        }
    }

    /// The parts of a `concat!` are one text.
    fn concat(&mut self, group: &Group, tokens: &[TokenTree], start: usize) {
        let literals: Vec<Literal> = group
            .stream()
            .into_iter()
            .filter_map(|token| match token {
                TokenTree::Literal(literal) => Some(literal),
                _ => None,
            })
            .collect();
        if let Some(first) = literals.first() {
            let value = literals.iter().filter_map(text_of).collect();
            let name = bound_to(tokens, start, &Owner::None);
            self.found.push(Mention::Text(Text { value, token: first.clone(), name }));
        }
        self.tokens(group.stream(), &Owner::None);
    }
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    tokens.get(at).is_some_and(|token| is_punct(token, ':'))
        && tokens.get(at + 1).is_some_and(|token| is_punct(token, ':'))
}

/// Where the tokens go on after `::<..>`, if it stands here.
pub(crate) fn after_generics(tokens: &[TokenTree], at: usize) -> usize {
    if is_colons(tokens, at) && tokens.get(at + 2).is_some_and(|token| is_punct(token, '<')) {
        closing(tokens, at + 2).map_or(at, |end| end + 1)
    } else {
        at
    }
}

/// The `>` that closes the `<` at `at`.
fn closing(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let mut depth = 0;
    for (offset, token) in tokens[at..].iter().enumerate() {
        if is_punct(token, '<') {
            depth += 1;
        } else if is_punct(token, '>') && !is_punct(&tokens[at + offset - 1], '-') {
            depth -= 1;
            if depth == 0 {
                return Some(at + offset);
            }
        } else if is_punct(token, ';') {
            return None;
        }
    }
    None
}

/// The names of `.a(..).b(..)?.c(..)`.
fn chain(mut tokens: &[TokenTree]) -> Vec<String> {
    let mut names = Vec::new();
    loop {
        match tokens {
            [TokenTree::Punct(dot), TokenTree::Ident(name), TokenTree::Group(_), rest @ ..] if dot.as_char() == '.' => {
                names.push(bare(name));
                tokens = rest;
            }
            [TokenTree::Punct(question), rest @ ..] if question.as_char() == '?' => tokens = rest,
            _ => return names,
        }
    }
}

fn arguments(token: Option<&TokenTree>) -> Option<&Group> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => Some(group),
        _ => None,
    }
}

/// The characters of a literal, or its bytes where they are text.
pub(crate) fn text_of(literal: &Literal) -> Option<String> {
    match Lit::new(literal.clone()) {
        Lit::Str(text) => Some(text.value()),
        Lit::ByteStr(bytes) => Some(String::from_utf8_lossy(&bytes.value()).into_owned()),
        Lit::CStr(text) => Some(text.value().to_string_lossy().into_owned()),
        _ => None,
    }
}

/// The name that the value at `at` is bound to.
fn bound_to(tokens: &[TokenTree], at: usize, owner: &Owner) -> Option<String> {
    let mut before = at;
    let is_prefix = |token| is_punct(token, '&') || is_punct(token, '*') || is_word(token, "mut");
    while before > 0 && is_prefix(&tokens[before - 1]) {
        before -= 1;
    }
    let Some(last) = before.checked_sub(1) else {
        return match owner {
            Owner::Wraps(name) => Some(name.clone()),
            Owner::Method(name) if is_converted(&tokens[at..]) => setter(name),
            _ => None,
        };
    };
    let previous = last.checked_sub(1);
    match &tokens[last] {
        TokenTree::Punct(colon) if colon.as_char() == ':' => {
            let previous = previous.filter(|&previous| !is_punct(&tokens[previous], ':'))?;
            name_of(&tokens[previous])
        }
        TokenTree::Punct(equals) if equals.as_char() == '=' => {
            // `==`, `>=`, but `Box<str> =`
            if let TokenTree::Punct(before) = &tokens[previous?]
                && "=!<>".contains(before.as_char())
                && before.spacing() == Spacing::Joint
            {
                return None;
            }
            assigned(&tokens[..last])
        }
        TokenTree::Punct(comma) if comma.as_char() == ',' => match owner {
            Owner::Function(name) | Owner::Method(name) if KEEPERS.contains(&&**name) => key(&tokens[..last]),
            _ => None,
        },
        _ => None,
    }
}

/// A value and what makes another type of it, as `"x".to_string()`: nothing else.
fn is_converted(value: &[TokenTree]) -> bool {
    const CONVERSIONS: &[&str] = &["to_string", "to_owned", "into", "as_bytes", "to_vec", "into_bytes", "clone"];
    let Some((first, rest)) = value.split_first() else { return false };
    // `String::from("x")`
    let call = match first {
        TokenTree::Ident(_) => rest.iter().position(|token| arguments(Some(token)).is_some()).map_or(0, |at| at + 1),
        _ => 0,
    };
    rest[call..].chunks(3).all(|chunk| match chunk {
        [dot, TokenTree::Ident(method), TokenTree::Group(_)] => {
            is_punct(dot, '.') && CONVERSIONS.iter().any(|conversion| method == conversion)
        }
        _ => false,
    })
}

/// The first of two arguments: a literal, however it is converted, or a name.
fn key(tokens: &[TokenTree]) -> Option<String> {
    if tokens.iter().any(|token| is_punct(token, ',')) {
        return None;
    }
    first_text(tokens.iter().cloned().collect()).or_else(|| match tokens {
        [name] => name_of(name),
        _ => None,
    })
}

/// The first text among tokens, in groups as well.
pub(crate) fn first_text(tokens: TokenStream) -> Option<String> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Literal(literal) => text_of(&literal),
        TokenTree::Group(group) => first_text(group.stream()),
        _ => None,
    })
}

/// The name on the left of an `=`: a declaration's, with or without a type, or the last of a place.
fn assigned(left: &[TokenTree]) -> Option<String> {
    let start = left
        .iter()
        .rposition(|token| {
            is_punct(token, ';')
                || is_punct(token, ',')
                || matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
        })
        .map_or(0, |at| at + 1);
    let left = &left[start..];
    let declared = left.iter().position(|token| ["let", "const", "static"].iter().any(|word| is_word(token, word)));
    match declared {
        Some(at) => left[at + 1..].iter().find(|token| !is_word(token, "mut")).and_then(name_of),
        None => left.last().and_then(name_of),
    }
}

fn name_of(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(name) => Some(bare(name)),
        TokenTree::Literal(literal) => text_of(literal),
        _ => None,
    }
}

/// What a method sets that takes one value: `with_password` sets `password`.
fn setter(method: &str) -> Option<String> {
    const VERBS: &[&str] = &[
        "bearer_auth",
        "check",
        "compare",
        "contains",
        "decode",
        "delete",
        "describe",
        "eat",
        "ends",
        "eq",
        "expect",
        "fetch",
        "find",
        "get",
        "has",
        "hash",
        "is",
        "list",
        "load",
        "matches",
        "next",
        "parse",
        "peek",
        "read",
        "remove",
        "request",
        "revoke",
        "rotate",
        "skip",
        "split",
        "starts",
        "strip",
        "validate",
        "verify",
    ];
    let first = method.split('_').next().unwrap_or_default();
    (!VERBS.contains(&first)).then(|| method.trim_start_matches("with_").trim_start_matches("set_").to_owned())
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn mentions(tokens: &TokenStream) -> Vec<Mention> {
        of(tokens.clone(), &Aliases::of(tokens))
    }

    fn paths(tokens: &TokenStream) -> Vec<String> {
        let all = mentions(tokens);
        let paths = all.iter().filter_map(|mention| match mention {
            Mention::Path(path) => Some(path.spellings.iter().map(|s| s.join("::")).collect::<Vec<_>>().join(" or ")),
            _ => None,
        });
        paths.collect()
    }

    fn texts(tokens: &TokenStream) -> Vec<(String, Option<String>)> {
        let all = mentions(tokens);
        let texts = all.into_iter().filter_map(|mention| match mention {
            Mention::Text(text) => Some((text.value, text.name)),
            _ => None,
        });
        texts.collect()
    }

    #[test]
    fn paths_are_found_everywhere() {
        let body = quote! {
            use std::fs::write as w;
            w("x")?;
            json!({ "a": std::fs::read(p) });
            x.map(mem::forget);
            <Vec<u8>>::leak(v);
            Vec::<u8>::leak(v);
            #[cfg(feature = "y")]
            'outer: loop { break 'outer; }
        };
        assert_eq!(
            paths(&body),
            ["std::fs::write", "json", "std::fs::read", "p", "x", "mem::forget", "Vec::leak", "v", "Vec::leak", "v"]
        );
    }

    #[test]
    fn texts_know_what_they_are_bound_to() {
        for (body, name) in [
            (quote!(let password = "x";), Some("password")),
            (quote!(let password: &'static str = "x";), Some("password")),
            (
                quote!(
                    const PASSWORD: &[u8] = b"x";
                ),
                Some("PASSWORD"),
            ),
            (quote!(Config { password: "x".to_string(), other }), Some("password")),
            (quote!(Config { password: Some(String::from("x")) }), Some("password")),
            (quote!(Config { password: String::from("x") }), Some("password")),
            (quote!(config.password = "x".into();), Some("password")),
            (quote!(json!({ "password": "x" })), Some("password")),
            (quote!(client.with_password("x")), Some("password")),
            (quote!(client.set_token("x".to_string())), Some("token")),
            (quote!(client.token(String::from("x"))), Some("token")),
            (quote!(client.token("x" == given)), None),
            (quote!(map.insert("password", "x")), Some("password")),
            (quote!(map.insert("password".to_string(), String::from("x"))), Some("password")),
            (quote!(let key: [u8; 1] = *b"x";), Some("key")),
            (quote!(let key: Box<str> = Box::from("x");), Some("key")),
            (quote!(let key = { "x" };), Some("key")),
            (quote!(json!({ "password": { "x": 1 } })), None),
            (quote!(let password = fetch("x").await?;), None),
            (quote!(fetch("x").await), None),
            (quote!(if password == "x" {}), None),
            (quote!(verify_password("x")), None),
        ] {
            let found = texts(&body).into_iter().find(|(value, _)| value == "x").unwrap();
            assert_eq!(found.1.as_deref(), name, "{body}");
        }
    }

    #[test]
    fn a_concatenation_is_one_text() {
        let found = texts(&quote!(let token = concat!("AK", "IA", 7);));
        assert_eq!(found[0], ("AKIA".to_owned(), Some("token".to_owned())));
    }
}
