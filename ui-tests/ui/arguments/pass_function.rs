#![deny(warnings)]
#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use secure_runtime::prelude::*;

const LIMIT: usize = 8;
static CALLS: AtomicU64 = AtomicU64::new(0);

struct Key<const N: usize>([u8; N]);

impl<const N: usize> Key<N> {
    const NAME: &'static str = "key";

    #[secure_fn]
    fn fits(&self) -> bool {
        N <= LIMIT && self.0.len() == N && !Self::NAME.is_empty()
    }

    #[secure_fn(allow_static(CALLS, reason = "a number of calls and nothing of them"))]
    pub(crate) fn new(bytes: [u8; N]) -> Self {
        CALLS.fetch_add(1, Relaxed);
        Self(bytes)
    }
}

#[secure_fn]
async fn verify<'a, T>(given: &'a T, expected: &str) -> Result<&'a str, std::num::ParseIntError>
where
    T: AsRef<str> + ?Sized,
{
    if given.as_ref() == expected { Ok(given.as_ref()) } else { given.as_ref().parse::<u8>().map(|_| "a number") }
}

#[secure_fn(wipe = false)]
const fn double(number: u64) -> u64 {
    number * 2
}

#[secure_fn]
fn shown(values: impl Iterator<Item = u8>) -> impl std::fmt::Display {
    values.map(|value| format!("{value:02x}")).collect::<String>()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    assert!(Key::new([1, 2, 3]).fits());
    assert_eq!(verify("walrus", "walrus").await, Ok("walrus"));
    assert!(verify("walrus", "carpenter").await.is_err());
    assert_eq!(double(4), 8);
    assert_eq!(shown([1, 255].into_iter()).to_string(), "01ff");
    assert_eq!(CALLS.load(Relaxed), 1);
}
