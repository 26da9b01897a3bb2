//! Whatever the macros are given, they give back an error or an expansion: never a panic, and no error is lost (the sink
//! panics when it is dropped with errors in it).

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::{args::Features, expand};

/// How many inputs a run tries; they are the same in every run.
const CASES: u32 = 2000;

/// Items that the macros are made for, to be mutated.
const ITEMS: &[&str] = &[
    r#"
    /// Docs.
    #[tracing::instrument(skip(event))]
    pub(crate) async fn handler<'a, T: Store, const N: usize>(
        LambdaEvent { payload, .. }: LambdaEvent<Login<'a>>, db: &Db, state: impl Fn(&str) -> u8,
    ) -> Result<impl Serialize + use<T>, Error> where T: Send {
        use std::fs::{self, write as w, File as F};
        static SEEN: Mutex<u8> = Mutex::new(0);
        #[secret]
        let Some(mut key) = env::var("API_KEY").ok() else { return Err(e.to_string().into()) };
        let text = format!("{COUNTER:?} {key:>w$}", key = 1, w = 2);
        'outer: for (i, x) in payload.items.iter().enumerate() {
            match x { Err(e) if LIMIT > i => break 'outer, Ok(A | B) => {}, _ => continue }
        }
        let verdict = payload.password.expose(|p| seen.borrow_mut().push_str(p));
        key.declassify("a reason that is long enough", |k| k.len());
        unsafe { <Vec<u8>>::leak(vec![1u8; N]) };
        tokio::select! { v = next() => { CACHE.lock() } () = stop => {} else => {} }
        fs::set_permissions("/tmp/x", Permissions::from_mode(0o644))?;
        json!({ "password": "hunter2", "list": [STATE, { "deep": crate::a::b }] });
        fastrand::u64(..); println!("{text}"); mem::forget(key);
        if let Err(error) = parse() && cfg!(x) { return Ok(format!("{error}")) }
        Ok(verdict)
    }
    "#,
    r#"
    #[derive(Debug)]
    #[serde(tag = "kind", rename_all = "camelCase")]
    enum Payment<'inv, T> {
        Card { #[serde(rename = "cardNumber")] number: Secret<'inv, String>, #[public] token: T },
        #[nested] Other(#[nested] Vec<Payment<'inv, T>>, #[public] &'static str, Option<u8>),
        None,
    }
    "#,
    r#"
    #[opaque(crate = renamed)]
    pub enum LoginError<E: Display> where E: Send {
        #[error("no user {0}")]
        #[opaque(code = "invalid_login", status = 401, message = "User or password is wrong.", poison)]
        Refused(String),
        #[error(transparent)]
        #[opaque(delegate, retry)]
        Db { #[from] source: E },
        Unit,
    }
    "#,
    "#[public(crate = x)] struct Verdict<T>(bool, Option<T>) where T: Public;",
    "async fn main() -> Result<(), Error> { run(service_fn(|event| handler(event, &db))).await }",
    "union Bits { a: u8, b: f32 }",
    "impl Handler for X { async fn call(&self, event: LambdaEvent<()>) {} }",
];

const ARGS: &[&str] = &[
    "",
    "crate = renamed",
    "http",
    "sqs, concurrency = 4, dead_letter = db",
    "allow(SH015, reason = \"a reason that is long enough\"), allow_static(crate::COUNTER, reason = \"short\")",
    "flavor = \"multi_thread\", worker_threads = 2, allocator = none, name = \"x\"",
    "allow(SH999), allow, crate = 7, unknown(1, 2), = !",
];

/// Words to put into items.
const WORDS: &[&str] = &[
    "async",
    "fn",
    "let",
    "unsafe",
    "static",
    "const",
    "use",
    "impl",
    "self",
    "crate",
    "dyn",
    "'a",
    "'static",
    "_",
    "x",
    "COUNTER",
    "LambdaEvent",
    "#",
    "!",
    "<",
    ">",
    "::",
    ":",
    "=",
    "=>",
    "->",
    ";",
    ",",
    ".",
    "&",
    "|",
    "..",
    "?",
    "@",
    "$",
    "0o777",
    "1.5",
    "\"text {x}\"",
    "b\"/tmp/x\"",
    "'c'",
    "r#type",
    "()",
    "[]",
    "{}",
    "(a)",
    "{ a }",
    "[public]",
    "[secret]",
    "#[secret]",
    "é",
    "format!(\"{e}\")",
    "macro_rules!",
    "\"{\"",
    "c\"x\"",
];

/// A change of a token stream: what is at a place is left out, doubled, swapped with the next, or replaced.
#[derive(Debug, Clone)]
enum Change {
    Remove,
    Double,
    Swap,
    Insert(usize),
    Unwrap,
}

fn changes() -> impl Strategy<Value = Vec<(Index, Change)>> {
    let change = prop_oneof![
        Just(Change::Remove),
        Just(Change::Double),
        Just(Change::Swap),
        (0..WORDS.len()).prop_map(Change::Insert),
        Just(Change::Unwrap),
    ];
    prop::collection::vec((any::<Index>(), change), 0..6)
}

fn count(tokens: &TokenStream) -> usize {
    tokens
        .clone()
        .into_iter()
        .map(|token| 1 + if let TokenTree::Group(group) = &token { count(&group.stream()) } else { 0 })
        .sum()
}

/// Applies a change at the token of this number, counted into groups.
fn changed(tokens: &TokenStream, place: &mut usize, change: &Change) -> TokenStream {
    let mut all: Vec<TokenTree> = Vec::new();
    let mut swapped = None;
    for token in tokens.clone() {
        let here = *place == 0;
        *place = place.wrapping_sub(1);
        let token = match token {
            TokenTree::Group(group) if !here => {
                let delimiter = group.delimiter();
                TokenTree::Group(Group::new(delimiter, changed(&group.stream(), place, change)))
            }
            other => other,
        };
        if here {
            match change {
                Change::Remove => {}
                Change::Double => all.extend([token.clone(), token]),
                Change::Swap => swapped = Some(token),
                Change::Insert(word) => {
                    let words: TokenStream = WORDS[*word].parse().unwrap_or_default();
                    all.extend(words.into_iter().chain([token]));
                }
                Change::Unwrap => match token {
                    TokenTree::Group(group) => all.extend(group.stream()),
                    other => all.push(TokenTree::Group(Group::new(Delimiter::None, other.into()))),
                },
            }
        } else {
            all.push(token);
            all.extend(swapped.take());
        }
    }
    all.extend(swapped);
    all.into_iter().collect()
}

fn mutated(source: &str, changes: &[(Index, Change)]) -> TokenStream {
    let mut tokens: TokenStream = source.parse().unwrap();
    for (at, change) in changes {
        let total = count(&tokens);
        if total > 0 {
            tokens = changed(&tokens, &mut at.index(total), change);
        }
    }
    tokens
}

/// Every macro on one input.
fn expand_all(args: &TokenStream, item: &TokenStream) {
    let expansions = [
        expand::handler::expand_with(Features::ALL, args.clone(), item.clone()),
        expand::function::expand(args.clone(), item.clone()),
        expand::event::expand(args.clone(), item.clone()),
        expand::main::expand(args.clone(), item.clone()),
        expand::opaque_error::expand(item.clone()),
        expand::public::expand(item.clone()),
        expand::static_probes::pattern(item),
    ];
    for expansion in expansions {
        let text = expansion.to_string();
        // What no error was found in is Rust.
        assert!(
            text.contains("compile_error") || syn::parse2::<syn::File>(expansion).is_ok(),
            "neither an error nor an item: {text}"
        );
    }
}

fn run<S: Strategy>(strategy: S, test: impl Fn(S::Value)) {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let result = runner.run(&strategy, |value| {
        test(value);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn mutated_items_give_an_error_or_an_expansion() {
    let input = (0..ITEMS.len(), changes(), 0..ARGS.len(), changes());
    run(input, |(item, item_changes, args, args_changes)| {
        expand_all(&mutated(ARGS[args], &args_changes), &mutated(ITEMS[item], &item_changes));
    });
}

#[test]
fn arbitrary_tokens_give_an_error_or_an_expansion() {
    let words = || prop::collection::vec(0..WORDS.len(), 0..40);
    let tokens = |words: Vec<usize>| {
        let text = words.into_iter().map(|word| WORDS[word]).collect::<Vec<_>>().join(" ");
        text.parse::<TokenStream>().unwrap_or_default()
    };
    run((words(), words()), |(args, item)| expand_all(&tokens(args), &tokens(item)));
}

#[test]
fn the_items_are_what_the_macros_are_made_for() {
    let expand = |item: usize| expand::handler::expand(TokenStream::new(), ITEMS[item].parse().unwrap()).to_string();
    assert!(expand(0).contains("SH002") && expand(0).contains("SH030"), "{}", expand(0));
    let event = expand::event::expand(TokenStream::new(), ITEMS[1].parse().unwrap()).to_string();
    assert!(event.contains("SH010") && event.contains("SH011"), "{event}");
}
