//! Whatever a function may look like.
#![deny(warnings)]
#![deny(clippy::pedantic)]
#![forbid(unsafe_code)]

use std::{
    collections::BTreeMap,
    fmt::{self, Debug, Display},
    future::Future,
    iter::Peekable,
    pin::pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use secure_runtime::prelude::*;

#[secure_fn]
fn nothing() {}

#[secure_fn]
fn early(stop: bool, log: &mut Vec<u8>) {
    if stop {
        return;
    }
    log.push(1);
}

#[secure_fn]
fn question(text: &str) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
    let number: u8 = text.parse()?;
    if number == 0 {
        return Err("zero".into());
    }
    Ok(number.into())
}

#[secure_fn]
fn option(map: &BTreeMap<u8, String>, key: u8) -> Option<&str> {
    let value = map.get(&key)?;
    Some(value.as_str())
}

#[secure_fn]
fn coerced(deep: bool) -> Box<dyn Display> {
    if deep {
        return Box::new(1);
    }
    Box::new("text")
}

#[secure_fn]
fn unnamed<'a>(texts: &'a [String], end: &'a str) -> impl Iterator<Item = &'a str> + use<'a> {
    texts.iter().map(String::as_str).take_while(move |text| *text != end)
}

#[secure_fn]
fn unnamed_result(length: usize) -> Result<impl Debug + Clone, fmt::Error> {
    let parsed: usize = length.to_string().parse().map_err(|_| fmt::Error)?;
    if parsed > 3 {
        return Err(fmt::Error);
    }
    Ok(vec![0u8; parsed])
}

#[secure_fn]
fn pairs((mut left, right): (u32, u32), [first, .., last]: [u8; 4], mut text: String) -> String {
    left += right;
    text.push_str(&left.to_string());
    text.push(char::from(first));
    text.push(char::from(last));
    text
}

#[secure_fn]
fn called(f: impl FnOnce(&str) -> usize, mut g: impl FnMut() -> usize) -> usize {
    f("text") + g() + g()
}

#[secure_fn]
fn longest<'a>(one: &'a str, other: &'a str) -> &'a str {
    if one.len() > other.len() { one } else { other }
}

#[secure_fn]
fn grown<'v>(values: &'v mut Vec<u8>, last: &u8) -> &'v mut u8 {
    values.push(*last);
    values.last_mut().unwrap()
}

#[secure_fn]
fn generic<T, const N: usize>(values: [T; N]) -> [T; N]
where
    T: Copy + Ord,
{
    fn sorted<T: Ord>(values: &mut [T]) {
        values.sort();
    }
    let mut copy = values;
    sorted(&mut copy);
    copy
}

#[secure_fn]
fn factorial(n: u64) -> u64 {
    if n == 0 { 1 } else { n * factorial(n - 1) }
}

#[secure_fn]
fn labelled(rows: &[Vec<u8>]) -> Option<usize> {
    'rows: for (at, row) in rows.iter().enumerate() {
        for value in row {
            if *value == 0 {
                continue 'rows;
            }
        }
        return Some(at);
    }
    None
}

#[secure_fn]
fn shared(value: &Rc<u8>) -> Rc<u8> {
    Rc::clone(value)
}

#[secure_fn]
fn diverges(text: &str) -> ! {
    panic!("{text}")
}

#[secure_fn]
extern "C" fn for_c(number: i32) -> i32 {
    number + 1
}

/// With docs.
#[must_use]
#[inline]
#[secure_fn]
pub fn doubled(number: u64) -> u64 {
    number * 2
}

#[secure_fn]
fn peeked(words: Peekable<std::str::Split<'_, char>>) -> usize {
    words.count()
}

#[derive(Default)]
struct Vault {
    keys: Vec<String>,
    count: usize,
}

trait Opens {
    fn name(&self) -> &str;

    #[secure_fn]
    fn opens(&self, key: &str) -> bool {
        self.name() == key
    }

    #[secure_fn]
    fn consumed(self) -> usize
    where
        Self: Sized,
    {
        self.name().len()
    }
}

impl Opens for Vault {
    #[secure_fn]
    fn name(&self) -> &str {
        self.keys.first().map_or("", |key| key)
    }
}

impl Vault {
    #[secure_fn]
    fn new(keys: &[&str]) -> Self {
        Self { keys: keys.iter().map(ToString::to_string).collect(), ..Self::default() }
    }

    #[secure_fn]
    fn add(&mut self, key: String) -> &mut Self {
        self.keys.push(key);
        self.count += 1;
        self
    }

    #[secure_fn]
    fn last_mut(&mut self) -> Option<&mut String> {
        self.keys.last_mut()
    }

    #[secure_fn]
    fn into_keys(self) -> Vec<String> {
        self.keys
    }

    #[secure_fn]
    fn iter(&self) -> impl Iterator<Item = &String> {
        self.keys.iter().filter(|key| !key.is_empty())
    }

    #[secure_fn]
    fn boxed(self: Box<Self>) -> usize {
        self.keys.len()
    }

    #[secure_fn]
    async fn later(&mut self, key: &str) -> Result<&str, std::num::ParseIntError> {
        later(()).await;
        let number: u8 = key.parse()?;
        self.keys.push(number.to_string());
        Ok(self.keys.last().unwrap())
    }
}

#[secure_fn]
async fn later<T>(value: T) -> T {
    tokio::task::yield_now().await;
    value
}

#[secure_fn]
async fn coerced_later(deep: bool) -> Box<dyn Display + Send> {
    if deep {
        return Box::new(1);
    }
    Box::new(later("text").await)
}

#[secure_fn]
async fn unnamed_later(length: usize) -> Result<impl Debug, Box<dyn std::error::Error + Send + Sync>> {
    let parsed: usize = later(length.to_string()).await.parse()?;
    Ok(vec![0u8; parsed])
}

#[secure_fn]
async fn not_send(value: Rc<u8>) -> u8 {
    let other = Rc::clone(&value);
    later(()).await;
    *other
}

#[secure_fn]
async fn nothing_later(log: &mut Vec<u8>, stop: bool) {
    if stop {
        return;
    }
    later(()).await;
    log.push(2);
}

fn is_send<F: Future + Send>(future: F) -> F {
    future
}

fn ready<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

fn main() {
    let mut log = Vec::new();
    nothing();
    early(true, &mut log);
    early(false, &mut log);
    assert_eq!(log, [1]);
    assert_eq!(question("7").unwrap(), 7);
    assert!(question("x").is_err() && question("0").is_err());
    let map = BTreeMap::from([(1, "one".to_owned())]);
    assert_eq!((option(&map, 1), option(&map, 2)), (Some("one"), None));
    assert_eq!(format!("{}{}", coerced(true), coerced(false)), "1text");
    let texts = ["a", "b", "end"].map(str::to_owned);
    assert_eq!(unnamed(&texts, "end").collect::<String>(), "ab");
    assert_eq!(format!("{:?}", unnamed_result(2).unwrap().clone()), "[0, 0]");
    assert!(unnamed_result(4).is_err());
    assert_eq!(pairs((1, 2), *b"xyzw", "n".into()), "n3xw");
    let mut times = 0;
    let more = || {
        times += 1;
        times
    };
    assert_eq!(called(str::len, more), 7);
    assert_eq!(longest("one", "three"), "three");
    *grown(&mut log, &3) += 1;
    assert_eq!(log, [1, 4]);
    assert_eq!(generic([3, 1, 2]), [1, 2, 3]);
    assert_eq!(factorial(10), 3_628_800);
    assert_eq!(labelled(&[vec![1, 0], vec![1]]), Some(1));
    assert_eq!(*shared(&Rc::new(5)), 5);
    assert!(std::panic::catch_unwind(|| diverges("on purpose")).is_err());
    assert_eq!((for_c(1), doubled(2)), (2, 4));
    assert_eq!(peeked("a b".split(' ').peekable()), 2);

    let mut vault = Vault::new(&["key", ""]);
    vault.add("other".into()).add("last".into());
    vault.last_mut().unwrap().push('!');
    assert!(vault.opens("key") && !vault.opens("other"));
    assert_eq!((vault.iter().count(), vault.count), (3, 2));
    assert_eq!(ready(is_send(vault.later("7"))), Ok("7"));
    assert!(ready(vault.later("x")).is_err());
    assert_eq!(vault.into_keys(), ["key", "", "other", "last!", "7"]);
    assert_eq!((Vault::new(&["four"]).consumed(), Box::new(Vault::new(&["a"])).boxed()), (4, 1));

    assert_eq!(ready(coerced_later(true)).to_string() + &ready(is_send(coerced_later(false))).to_string(), "1text");
    assert_eq!(format!("{:?}", ready(is_send(unnamed_later(1))).unwrap()), "[0]");
    assert_eq!(ready(not_send(Rc::new(8))), 8);
    ready(nothing_later(&mut log, true));
    ready(is_send(nothing_later(&mut log, false)));
    assert_eq!(log, [1, 4, 2]);
}
