#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::{
    borrow::Cow,
    collections::HashMap,
    error::Error,
    fmt::{Debug, Display},
    future::Future,
    pin::Pin,
    rc::Rc,
};

use secure_runtime::prelude::{secure_fn, *};

type Boxed = Box<dyn Error + Send + Sync>;

#[derive(Debug, Clone)]
struct Store<const N: usize> {
    words: Vec<String>,
    last: [u8; N],
}

trait Lookup {
    const NAME: &'static str;

    fn get(&self, at: usize) -> Option<&str>;

    #[secure_fn]
    fn or_default<'a>(&'a self, at: usize, default: &'a str) -> &'a str {
        self.get(at).unwrap_or(default)
    }

    #[secure_fn]
    fn named(&self) -> String
    where
        Self: Debug,
    {
        format!("{} {self:?}", Self::NAME)
    }
}

impl<const N: usize> Lookup for Store<N> {
    const NAME: &'static str = "store";

    #[secure_fn]
    fn get(&self, at: usize) -> Option<&str> {
        Some(self.words.get(at)?.as_str())
    }
}

impl<const N: usize> Store<N> {
    /// Documented.
    #[must_use]
    #[inline]
    #[secure_fn]
    pub fn of(words: &[&str]) -> Self {
        Self { words: words.iter().map(ToString::to_string).collect(), last: [N.to_le_bytes()[0]; N] }
    }

    #[secure_fn]
    fn first_mut(&mut self) -> Option<&mut String> {
        self.words.first_mut()
    }

    #[secure_fn]
    fn either(&mut self, second: bool) -> &mut String {
        if second {
            return &mut self.words[1];
        }
        &mut self.words[0]
    }

    #[secure_fn]
    fn into_words(mut self) -> Vec<String> {
        self.words.push(String::from("end"));
        self.words
    }

    #[secure_fn]
    fn boxed(self: Box<Self>) -> usize {
        self.words.len() + self.last.len()
    }

    #[secure_fn]
    fn shared(self: &Rc<Self>) -> Rc<Self> {
        Rc::clone(self)
    }

    #[secure_fn]
    fn iter(&self) -> impl Iterator<Item = &str> + '_ {
        self.words.iter().map(String::as_str)
    }

    #[secure_fn]
    async fn longest(&self, other: &str) -> Result<Cow<'_, str>, Boxed> {
        let found = self.words.iter().max_by_key(|word| word.len()).ok_or("there are no words")?;
        std::future::ready(()).await;
        Ok(if found.len() > other.len() { Cow::Borrowed(found) } else { Cow::Owned(other.to_owned()) })
    }

    #[secure_fn]
    async fn replace(&mut self, at: usize, with: String) -> &mut String {
        self.words[at] = with;
        &mut self.words[at]
    }
}

/// A coercion and a `?`, which both need the declared type.
#[secure_fn]
fn parsed(text: &str) -> Result<u64, Box<dyn Error>> {
    if text.is_empty() {
        return Err(Box::new(std::fmt::Error));
    }
    let number = text.parse::<u32>()?;
    Ok(number.into())
}

#[secure_fn]
async fn parsed_later(text: &str) -> Result<u64, Box<dyn Error>> {
    if text.is_empty() {
        return Err(Box::new(std::fmt::Error));
    }
    std::future::ready(()).await;
    Ok(text.parse::<u32>()?.into())
}

#[secure_fn]
async fn only_a_tail() -> Result<(), Box<dyn Error>> {
    Err(Box::new(std::fmt::Error))
}

#[secure_fn]
async fn inferred() -> Vec<u8> {
    std::iter::repeat_n(7, 3).collect()
}

#[secure_fn]
fn patterns((a, mut b): (u8, u8), [c, ..]: [u8; 3], &d: &u8, _: u8, Store { last, .. }: Store<2>) -> u8 {
    b += 1;
    a + b + c + d + last[0]
}

#[secure_fn]
fn counted(mut number: u32) -> u32 {
    let mut sum = 0;
    'outer: loop {
        loop {
            if number == 0 {
                break 'outer;
            }
            sum += number;
            number -= 1;
            if number.is_multiple_of(2) {
                continue 'outer;
            }
        }
    }
    sum
}

#[secure_fn]
fn factorial(number: u64) -> u64 {
    if number < 2 { 1 } else { number * factorial(number - 1) }
}

#[secure_fn]
async fn factorial_later(number: u64) -> u64 {
    if number < 2 { 1 } else { number * Box::pin(factorial_later(number - 1)).await }
}

#[secure_fn]
fn items(number: u8) -> u8 {
    const ONE: u8 = 1;
    fn two() -> u8 {
        2
    }
    macro_rules! three {
        () => {
            3
        };
    }
    number + ONE + two() + three!()
}

#[secure_fn]
fn unique(values: &mut Vec<u8>) -> usize {
    let mut push = |value| values.push(value);
    push(1);
    push(2);
    values.len()
}

#[secure_fn]
fn adder(by: u8) -> impl Fn(u8) -> u8 {
    move |to| to + by
}

#[secure_fn]
fn dynamic<'a>(word: &'a dyn Display) -> Box<dyn Fn() -> String + 'a> {
    Box::new(move || word.to_string())
}

#[secure_fn]
fn fallible(values: impl Iterator<Item = u8>) -> Result<impl Display, std::num::TryFromIntError> {
    let sum: u32 = values.map(u32::from).sum();
    let sum = u8::try_from(sum)?;
    Ok(sum)
}

#[secure_fn]
fn generic<'k, K, V, const N: usize>(map: &'k HashMap<K, V>, keys: [&K; N]) -> [Option<&'k V>; N]
where
    K: std::hash::Hash + Eq,
{
    keys.map(|key| map.get(key))
}

#[secure_fn]
fn never(says: &str) -> ! {
    panic!("{says}")
}

#[secure_fn]
async fn never_later(says: &str) -> ! {
    panic!("{says}")
}

#[secure_fn]
fn nothing() {}

#[secure_fn]
fn unit(stop: bool) {
    if stop {
        return;
    }
    nothing();
}

#[secure_fn]
async fn nothing_later() {}

#[secure_fn]
async fn not_send(shared: Rc<u8>) -> u8 {
    std::future::ready(()).await;
    *shared
}

/// Sent, but not shared between threads.
#[secure_fn]
async fn sent(cell: std::cell::Cell<u8>, text: &str) -> usize {
    std::future::ready(()).await;
    cell.set(cell.get() + 1);
    usize::from(cell.get()) + text.len()
}

#[secure_fn]
extern "C" fn foreign(number: u32) -> u32 {
    number + 1
}

#[secure_fn]
fn future(number: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
    Box::pin(async move { number })
}

#[secure_fn]
fn consumed(text: String) -> Option<Vec<u8>> {
    let text = Some(text).filter(|text| !text.is_empty())?;
    Some(text.into_bytes())
}

#[cfg(all())]
#[secure_fn]
fn configured(#[cfg(any())] not_there: u8, #[cfg(all())] there: u8) -> u8 {
    there
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut store = Store::<2>::of(&["a", "bcd"]);
    assert_eq!((store.get(1), store.get(2)), (Some("bcd"), None));
    assert_eq!(store.or_default(9, "none"), "none");
    assert!(store.named().starts_with("store Store"));
    store.first_mut().unwrap().push('x');
    store.either(true).push('y');
    assert_eq!(store.iter().collect::<Vec<_>>(), ["ax", "bcdy"]);
    assert_eq!(is_send(store.longest("abc")).await.unwrap(), "bcdy");
    store.replace(0, String::from("r")).await.push('s');
    assert_eq!(Rc::new(store.clone()).shared().words[0], "rs");
    assert_eq!(Box::new(store.clone()).boxed(), 4);
    assert_eq!(store.into_words(), ["rs", "bcdy", "end"]);

    assert_eq!(parsed("7").unwrap(), 7);
    assert!(parsed("").is_err() && parsed("x").is_err());
    assert_eq!(parsed_later("7").await.unwrap(), 7);
    assert!(parsed_later("").await.is_err() && only_a_tail().await.is_err());
    assert_eq!(inferred().await, [7; 3]);
    assert_eq!(patterns((1, 2), [3, 0, 0], &4, 5, Store { words: vec![], last: [6, 7] }), 17);
    assert_eq!((counted(4), factorial(5), factorial_later(5).await, items(1)), (10, 120, 120, 7));
    assert_eq!(unique(&mut vec![0]), 3);
    assert_eq!(adder(3)(4), 7);
    assert_eq!(dynamic(&7)(), "7");
    assert_eq!(fallible([1, 2].into_iter()).unwrap().to_string(), "3");
    assert!(fallible([200, 200].into_iter()).is_err());
    let map = HashMap::from([("k", 1)]);
    assert_eq!(generic(&map, [&"k", &"l"]), [Some(&1), None]);
    let panicked = std::panic::catch_unwind(|| never("on purpose")).unwrap_err();
    assert_eq!(*panicked.downcast::<String>().unwrap(), "on purpose");
    drop(never_later("is not polled"));
    unit(true);
    unit(false);
    nothing_later().await;
    assert_eq!(not_send(Rc::new(7)).await, 7);
    assert_eq!(tokio::spawn(is_send(sent(std::cell::Cell::new(1), "ab"))).await.unwrap(), 4);
    assert_eq!((foreign(1), future(2).await, configured(3)), (2, 2, 3));
    assert_eq!(consumed(String::from("ab")).unwrap(), b"ab");
    let _: Secret<'_, String>;
}
