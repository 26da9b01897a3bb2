#![deny(warnings)]
#![allow(non_snake_case, clippy::declare_interior_mutable_const)]

use secure_runtime::prelude::*;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const LIMIT: usize = 3;
const EMPTY: Vec<String> = Vec::new();
const KEY: &str = "AWS_SECRET_ACCESS_KEY";
static TABLE: &[(&str, u32)] = &[("a", 1), ("b", 2)];
static NUMBERS: [u8; LIMIT] = [1, 2, 3];

struct Defaults;

impl Defaults {
    const LIMIT: u64 = 7;
}

#[derive(Clone, Copy, PartialEq)]
#[allow(non_camel_case_types, clippy::upper_case_acronyms)]
enum Verb {
    GET,
    PUT,
}

use Verb::GET;

trait Named {
    const NAME: &'static str;
}

impl Named for Defaults {
    const NAME: &'static str = "defaults";
}

fn helper(number: u64) -> u64 {
    number
}

mod tools {
    pub fn double(number: u64) -> u64 {
        number * 2
    }
    pub const FACTOR: u64 = 2;
}

macro_rules! dsl {
    ($($word:ident)*) => {
        [$(stringify!($word)),*].len()
    };
}

#[secure_handler]
async fn constants(event: LambdaEvent<()>) -> Result<u64, Error> {
    let _ = event;
    const INNER: u64 = 1;
    const ATOMIC: AtomicU64 = AtomicU64::new(0);
    let fresh = [ATOMIC; 2];
    fresh[0].store(INNER, Relaxed);
    let mut names = EMPTY;
    names.push(KEY.to_owned());
    let listed = [0u8; LIMIT];
    let verb = if names.len() > LIMIT { Verb::PUT } else { GET };
    let text = format!("{LIMIT} {KEY} {}", Defaults::NAME);
    assert_eq!(listed.len(), LIMIT, "{text}");
    let of_table: u64 = TABLE.iter().map(|(_, n)| u64::from(*n)).sum();
    let of_numbers: u64 = NUMBERS.iter().copied().map(u64::from).sum();
    let words = dsl!(SELECT NAME FROM USERS);
    let total = [1, of_table].into_iter().map(helper).map(tools::double).sum::<u64>();
    Ok(match verb {
        GET if names.len() == 1 => Defaults::LIMIT * tools::FACTOR + of_numbers,
        _ => total + u64::try_from(words)?,
    })
}

#[secure_handler]
async fn generic<T: Named, const N: usize>(event: LambdaEvent<()>, state: &[T; N]) -> Result<usize, Error> {
    let LOCAL = event.payload;
    let _ = LOCAL;
    fn inner<const M: usize>(numbers: [u8; M]) -> usize {
        numbers.len() + M
    }
    Ok(N + state.len() + T::NAME.len() + inner([1, 2]))
}

#[secure_handler]
async fn configured(event: LambdaEvent<()>) -> Result<(), Error> {
    #[cfg(any())]
    MISSING.fetch_add(1, Relaxed);
    #[cfg(any())]
    {
        MISSING_TOO.lock();
    }
    match LIMIT {
        #[cfg(any())]
        1 if MISSING => {}
        _ => {}
    }
    Ok(event.payload)
}

mod constants_of_macros {
    pub const MOST: u8 = 3;
}

use constants_of_macros::MOST;

macro_rules! words {
    ($($tokens:tt)*) => {
        0u8
    };
}

#[secure_handler]
async fn words_in_capitals(event: LambdaEvent<()>) -> Result<u8, Error> {
    const TWICE: u8 = MOST * 2;
    let read = words!(SELECT * FROM USERS WHERE ID < MOST; GET crate::constants_of_macros::MOST);
    let guarded = match read {
        0 if MOST > 2 => const { MOST + 1 },
        MOST => 1,
        _ => 2,
    };
    let () = event.payload;
    Ok(guarded + TWICE)
}

#[deprecated]
const OLD: u64 = 1;

#[secure_handler]
async fn told_apart(event: LambdaEvent<()>) -> Result<u64, Error> {
    let _ = event;
    #[allow(deprecated)]
    let old = OLD;
    let factor = tokio::select! {
        () = std::future::ready(()) => {
            use tools::FACTOR as TIMES;
            TIMES
        }
    };
    Ok(old * factor)
}

fn main() {}
