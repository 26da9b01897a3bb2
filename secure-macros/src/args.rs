//! Attribute arguments: one table of keys for each macro, each key at most once, unknown ones refused.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    Expr, Ident, LitInt, Path, Token,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
};

use crate::{
    diag::Diagnostics,
    model::kind::{Batch, Kind},
    rules::needless_escape,
    span::ungrouped,
};

/// `key` or `key = value`.
#[derive(Clone)]
pub(crate) struct Arg {
    pub(crate) key: Ident,
    pub(crate) value: Option<Expr>,
}

impl Parse for Arg {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        let value = if input.parse::<Option<Token![=]>>()?.is_some() { Some(input.parse()?) } else { None };
        Ok(Self { key, value })
    }
}

impl ToTokens for Arg {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.key.to_tokens(tokens);
        self.value.to_tokens(tokens);
    }
}

/// Parses a list of arguments, and says what is wrong where it is not one.
pub(crate) fn parse(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Vec<Arg> {
    match Punctuated::<Arg, Token![,]>::parse_terminated.parse2(ungrouped(tokens)) {
        Ok(args) => args.into_iter().collect(),
        Err(error) => {
            diagnostics.syntax(error);
            Vec::new()
        }
    }
}

/// Puts a value where none was yet.
pub(crate) fn set_once<T>(slot: &mut Option<T>, value: Option<T>, arg: &Arg, diagnostics: &mut Diagnostics) {
    if slot.is_some() {
        let key = &arg.key;
        diagnostics.usage(arg, &format!("`{key}` is given twice"), "remove one of them");
    } else {
        *slot = value;
    }
}

/// An argument that the macro doesn't know.
pub(crate) fn unknown(arg: &Arg, known: &str, diagnostics: &mut Diagnostics) {
    let key = &arg.key;
    diagnostics.usage(&arg.key, &format!("unknown argument `{key}`"), &format!("the arguments are {known}"));
}

/// Where the runtime crate is.
pub(crate) struct Crate(Option<Path>);

impl Crate {
    /// The hidden module that expansions call.
    pub(crate) fn private(&self) -> TokenStream {
        quote!(#self::__v1)
    }

    /// Reads `crate = path` (or, as serde and tokio write it, `crate = "path"`).
    pub(crate) fn path(arg: &Arg, diagnostics: &mut Diagnostics) -> Option<Path> {
        let path = match &arg.value {
            Some(Expr::Path(path)) if path.qself.is_none() => Some(path.path.clone()),
            Some(Expr::Lit(literal)) => match &literal.lit {
                syn::Lit::Str(text) => text.parse().ok(),
                _ => None,
            },
            _ => None,
        };
        if path.is_none() {
            diagnostics.usage(arg, "`crate` takes a path", "write `crate = my_name_for_secure_runtime`");
        }
        path
    }
}

impl From<Option<Path>> for Crate {
    fn from(path: Option<Path>) -> Self {
        Self(path)
    }
}

impl ToTokens for Crate {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.0 {
            Some(path) => path.to_tokens(tokens),
            None => tokens.extend(quote!(::secure_runtime)),
        }
    }
}

/// Who says whether an event is valid.
pub(crate) enum ValidBy {
    /// The type itself, by the runtime's `Validate`.
    Itself,
    /// What `garde` has derived.
    Garde,
}

/// The arguments of `#[secure_event]`.
pub(crate) struct EventArgs {
    pub(crate) krate: Crate,
    /// With the word that asks for it.
    pub(crate) validate: Option<(Ident, ValidBy)>,
}

impl EventArgs {
    pub(crate) fn read(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut krate = None;
        let mut validate = None;
        for arg in parse(tokens, diagnostics) {
            if arg.key == "crate" {
                let path = Crate::path(&arg, diagnostics);
                set_once(&mut krate, path, &arg, diagnostics);
            } else if arg.key == "validate" {
                let by = ValidBy::read(&arg, diagnostics);
                set_once(&mut validate, by.map(|by| (arg.key.clone(), by)), &arg, diagnostics);
            } else {
                unknown(&arg, "`validate`, `validate = garde` and `crate = path`", diagnostics);
            }
        }
        Self { krate: Crate(krate), validate }
    }
}

impl ValidBy {
    fn read(arg: &Arg, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &arg.value {
            None => Some(Self::Itself),
            Some(Expr::Path(path)) if path.path.is_ident("garde") => Some(Self::Garde),
            Some(other) => {
                diagnostics.usage(
                    other,
                    "an event is validated by itself, or by `garde`",
                    "write `validate`, and implement `secure_runtime::Validate`; or write `validate = garde`, and derive \
                     `garde::Validate`",
                );
                None
            }
        }
    }
}

/// A static that a function may use all the same.
pub(crate) struct AllowedStatic {
    pub(crate) path: Path,
    pub(crate) at: TokenStream,
    pub(crate) needed: bool,
}

/// The arguments of an attribute on a function.
pub(crate) struct FunctionArgs {
    pub(crate) krate: Crate,
    pub(crate) kind: Kind,
    /// Whether the runtime knows handlers of that kind.
    pub(crate) has_feature: bool,
    /// Whether it is said to be of one kind, and no two.
    pub(crate) is_one_kind: bool,
    pub(crate) statics: Vec<AllowedStatic>,
    /// Whether the stack is wiped when the function returns: of `#[secure_fn]` alone.
    wipe: Option<bool>,
}

/// An argument of an attribute on a function: `key`, `key = value` or `key(..)`.
struct FunctionArg {
    key: Ident,
    list: Option<TokenStream>,
    value: Option<Expr>,
}

impl Parse for FunctionArg {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        if input.peek(syn::token::Paren) {
            let list;
            syn::parenthesized!(list in input);
            return Ok(Self { key, list: Some(list.parse()?), value: None });
        }
        let value = if input.parse::<Option<Token![=]>>()?.is_some() { Some(input.parse()?) } else { None };
        Ok(Self { key, list: None, value })
    }
}

const FUNCTION_ARGS: &str =
    "`allow(SHxxx, reason = \"..\")`, `allow_static(PATH, reason = \"..\")`, `wipe = false` and `crate = path`";
const HANDLER_ARGS: &str = "`http`, `sqs`, `dead_letter = PARAM`, `concurrency = N`, \
                            `allow(SHxxx, reason = \"..\")`, `allow_static(PATH, reason = \"..\")` and `crate = path`";

impl FunctionArgs {
    /// Reads the arguments of `#[secure_fn]`; rules that they lift are lifted from then on.
    pub(crate) fn read(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        Self::read_with(tokens, None, diagnostics)
    }

    /// Reads the arguments of `#[secure_handler]`.
    pub(crate) fn read_of_handler(tokens: TokenStream, features: Features, diagnostics: &mut Diagnostics) -> Self {
        let mut kind = KindArgs::default();
        let args = Self::read_with(tokens, Some(&mut kind), diagnostics);
        let has_feature = kind.has_feature(features, diagnostics);
        let is_one_kind = kind.http.is_none() || kind.sqs.is_none();
        Self { kind: kind.kind(diagnostics), has_feature, is_one_kind, ..args }
    }

    fn read_with(tokens: TokenStream, mut kind: Option<&mut KindArgs>, diagnostics: &mut Diagnostics) -> Self {
        let (mut krate, mut wipe) = (None, None);
        let mut statics = Vec::new();
        let parsed = match Punctuated::<FunctionArg, Token![,]>::parse_terminated.parse2(ungrouped(tokens)) {
            Ok(parsed) => parsed,
            Err(error) => {
                diagnostics.syntax(error);
                Punctuated::new()
            }
        };
        for arg in parsed {
            let FunctionArg { key, list, value } = arg;
            match (key.to_string().as_str(), list) {
                ("crate", None) => {
                    let arg = Arg { key, value };
                    let path = Crate::path(&arg, diagnostics);
                    set_once(&mut krate, path, &arg, diagnostics);
                }
                ("wipe", None) if kind.is_none() => {
                    let arg = Arg { key, value };
                    let value = boolean(&arg, diagnostics);
                    set_once(&mut wipe, value, &arg, diagnostics);
                }
                (name @ ("allow" | "allow_static"), Some(list)) => {
                    if let Some(path) = escape(&key, list, diagnostics) {
                        let at = path.to_token_stream();
                        if name == "allow_static" {
                            statics.push(AllowedStatic { path, at, needed: false });
                        } else {
                            lift(&path, diagnostics);
                        }
                    }
                }
                ("allow" | "allow_static", None) => {
                    let what = format!("`{key}` takes a list");
                    diagnostics.usage(&key, &what, &format!("write `{key}(.., reason = \"..\")`"));
                }
                (_, list) => {
                    let at = key.clone();
                    let known =
                        list.is_none() && kind.as_mut().is_some_and(|kind| kind.read(&Arg { key, value }, diagnostics));
                    if !known {
                        let args = if kind.is_some() { HANDLER_ARGS } else { FUNCTION_ARGS };
                        let what = format!("unknown argument `{at}`");
                        diagnostics.usage(&at, &what, &format!("the arguments are {args}"));
                    }
                }
            }
        }
        Self { krate: Crate(krate), kind: Kind::Plain, has_feature: true, is_one_kind: true, statics, wipe }
    }

    /// Whether a function's stack is wiped when it returns.
    pub(crate) fn wipes(&self) -> bool {
        self.wipe.unwrap_or(true)
    }

    /// Says which escapes nothing has needed.
    pub(crate) fn report_unneeded(&self, diagnostics: &mut Diagnostics) {
        for at in diagnostics.take_unneeded() {
            needless_escape::not_needed(at, "allow", diagnostics);
        }
        for unneeded in self.statics.iter().filter(|allowed| !allowed.needed) {
            needless_escape::not_needed(unneeded.at.clone(), "allow_static", diagnostics);
        }
    }
}

/// The kinds of handlers that the runtime knows, by its features.
#[derive(Clone, Copy)]
pub(crate) struct Features {
    pub(crate) http: bool,
    pub(crate) sqs: bool,
}

impl Features {
    /// Those that this crate is compiled with.
    pub(crate) const HERE: Self = Self { http: cfg!(feature = "http"), sqs: cfg!(feature = "sqs") };

    /// For tests, which look at expansions and don't compile them.
    #[cfg(test)]
    pub(crate) const ALL: Self = Self { http: true, sqs: true };

    fn have(self, key: &Ident) -> bool {
        if key == "http" { self.http } else { self.sqs }
    }
}

/// The runtime's, as a Cargo.toml has it.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));

/// The arguments that say what a handler is called with.
#[derive(Default)]
struct KindArgs {
    http: Option<Arg>,
    sqs: Option<Arg>,
    dead_letter: Option<(Arg, Option<Ident>)>,
    concurrency: Option<(Arg, Option<LitInt>)>,
}

impl KindArgs {
    /// Whether it is one of them.
    fn read(&mut self, arg: &Arg, diagnostics: &mut Diagnostics) -> bool {
        match arg.key.to_string().as_str() {
            name @ ("http" | "sqs") => {
                flag(arg, diagnostics);
                let slot = if name == "http" { &mut self.http } else { &mut self.sqs };
                set_once(slot, Some(arg.clone()), arg, diagnostics);
            }
            "dead_letter" => {
                let param = match &arg.value {
                    Some(Expr::Path(path)) => path.path.get_ident().cloned(),
                    _ => None,
                };
                if param.is_none() {
                    let help = "write `dead_letter = sink`, where `sink` is a parameter of the handler";
                    diagnostics.usage(arg, "`dead_letter` takes the name of a parameter", help);
                }
                set_once(&mut self.dead_letter, Some((arg.clone(), param)), arg, diagnostics);
            }
            "concurrency" => {
                let number = number::<u16>(arg, "8", diagnostics);
                if number == Some(0) {
                    diagnostics.usage(arg, "no record is ever handled with a concurrency of 0", "write 1 or more");
                }
                let literal = match &arg.value {
                    Some(Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(literal), .. })) => Some(literal.clone()),
                    _ => None,
                };
                set_once(&mut self.concurrency, Some((arg.clone(), literal)), arg, diagnostics);
            }
            _ => return false,
        }
        true
    }

    /// Whether the runtime knows handlers of this kind.
    fn has_feature(&self, features: Features, diagnostics: &mut Diagnostics) -> bool {
        let Some(Arg { key, .. }) = self.http.as_ref().or(self.sqs.as_ref()) else { return true };
        let has = features.have(key);
        if !has {
            let what = format!("`{key}` needs the feature `{key}` of secure-runtime");
            let help =
                format!("write `secure-runtime = {{ version = \"{VERSION}\", features = [\"{key}\"] }}` in Cargo.toml");
            diagnostics.usage(key, &what, &help);
        }
        has
    }

    fn kind(self, diagnostics: &mut Diagnostics) -> Kind {
        let Self { http, sqs, dead_letter, concurrency } = self;
        if let (Some(_), Some(sqs)) = (&http, &sqs) {
            let help = "keep one of them: HTTP requests and queues come to different functions";
            diagnostics.usage(&sqs.key, "a handler is `http` or `sqs`, not both", help);
        }
        if sqs.is_none() {
            let batch = dead_letter.iter().map(|(arg, _)| arg).chain(concurrency.iter().map(|(arg, _)| arg));
            for arg in batch {
                let key = &arg.key;
                let what = format!("`{key}` is for the records of a queue");
                diagnostics.usage(key, &what, &format!("write `sqs, {key} = ..`, or remove it"));
            }
        }
        match (http, sqs) {
            (Some(_), _) => Kind::Http,
            (None, Some(_)) => Kind::Sqs(Batch {
                dead_letter: dead_letter.and_then(|(_, param)| param),
                concurrency: concurrency.and_then(|(_, literal)| literal),
            }),
            (None, None) => Kind::Plain,
        }
    }
}

/// Reads `(what, reason = "..")`. Without a proper reason there is an error, and the escape counts all the same, so that
/// nothing else is reported.
fn escape(key: &Ident, list: TokenStream, diagnostics: &mut Diagnostics) -> Option<Path> {
    escape_and_reason(key, list, diagnostics).map(|(path, _)| path)
}

/// What is allowed, and why, for a list of escapes: what is wrong with one is its own function's to report.
pub(crate) fn escape_of(key: &Ident, list: TokenStream) -> Option<(String, Option<String>)> {
    let mut unheard = Diagnostics::default();
    let read = escape_and_reason(key, list, &mut unheard);
    drop(unheard.into_tokens());
    let (path, reason) = read?;
    let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>().join("::");
    Some((if path.leading_colon.is_some() { format!("::{names}") } else { names }, reason))
}

fn escape_and_reason(key: &Ident, list: TokenStream, diagnostics: &mut Diagnostics) -> Option<(Path, Option<String>)> {
    let parser = |input: ParseStream<'_>| {
        let path: Path = input.parse()?;
        let rest = if input.parse::<Option<Token![,]>>()?.is_some() { input.parse()? } else { TokenStream::new() };
        Ok((path, rest))
    };
    let Ok((path, rest)) = parser.parse2(list) else {
        let example = if key == "allow" { "SH015" } else { "crate::STARTS" };
        let help = format!("write `{key}({example}, reason = \"..\")`");
        diagnostics.usage(key, &format!("`{key}` takes what is allowed, and a reason"), &help);
        return None;
    };
    let mut reason = None;
    for arg in parse(rest, diagnostics) {
        if arg.key == "reason" {
            let text = match &arg.value {
                Some(Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. })) => Some(text.value()),
                _ => None,
            };
            set_once(&mut reason, Some((text, arg.to_token_stream())), &arg, diagnostics);
        } else {
            unknown(&arg, "`reason = \"..\"`", diagnostics);
        }
    }
    let reason = match reason {
        None => {
            needless_escape::no_reason(path.to_token_stream(), diagnostics);
            None
        }
        Some((text, at)) => {
            if !text.as_deref().is_some_and(needless_escape::is_reason) {
                needless_escape::no_reason(at, diagnostics);
            }
            text
        }
    };
    Some((path, reason))
}

fn lift(path: &Path, diagnostics: &mut Diagnostics) {
    let at = path.to_token_stream();
    let id = path.get_ident().map_or_else(|| at.to_string(), ToString::to_string);
    if needless_escape::LIFTABLE.contains(&&*id) {
        diagnostics.lift(id, at);
    } else {
        needless_escape::not_liftable(at, &id, diagnostics);
    }
}

/// Reads a value that has to be a literal string.
pub(crate) fn string(arg: &Arg, diagnostics: &mut Diagnostics) -> Option<(String, Span)> {
    if let Some(Expr::Lit(literal)) = &arg.value
        && let syn::Lit::Str(text) = &literal.lit
    {
        return Some((text.value(), text.span()));
    }
    let key = &arg.key;
    diagnostics.usage(
        arg,
        &format!("`{key}` takes a literal string"),
        &format!("write `{key} = \"..\"`: no value of the program may get in here"),
    );
    None
}

/// Reads a value that has to be a literal number.
pub(crate) fn number<N>(arg: &Arg, example: &str, diagnostics: &mut Diagnostics) -> Option<N>
where
    N: std::str::FromStr,
    N::Err: std::fmt::Display,
{
    if let Some(Expr::Lit(literal)) = &arg.value
        && let syn::Lit::Int(number) = &literal.lit
        && let Ok(number) = number.base10_parse()
    {
        return Some(number);
    }
    let key = &arg.key;
    diagnostics.usage(arg, &format!("`{key}` takes a literal number"), &format!("write `{key} = {example}`"));
    None
}

/// Reads a value that has to be `true` or `false`.
pub(crate) fn boolean(arg: &Arg, diagnostics: &mut Diagnostics) -> Option<bool> {
    if let Some(Expr::Lit(literal)) = &arg.value
        && let syn::Lit::Bool(value) = &literal.lit
    {
        return Some(value.value);
    }
    let key = &arg.key;
    diagnostics.usage(
        arg,
        &format!("`{key}` takes `true` or `false`"),
        &format!("write `{key} = true` or `{key} = false`"),
    );
    None
}

/// Checks that a flag has no value.
pub(crate) fn flag(arg: &Arg, diagnostics: &mut Diagnostics) {
    if let Some(value) = &arg.value {
        let key = &arg.key;
        diagnostics.usage(value, &format!("`{key}` takes no value"), &format!("write `{key}`"));
    }
}
