//! A function that frees copies of what it was sent, and keeps none.

use std::hint::black_box;

use secure_runtime::prelude::*;

#[secure_event]
struct Event<'inv> {
    word: Secret<'inv, String>,
}

/// Leaves copies on the heap: of one size, and grown until it moved.
#[secure_handler]
async fn forget(event: LambdaEvent<Event<'_>>) -> Result<usize, Error> {
    let length = event.payload.word.declassify("the test only wants to know that it was there", |word| {
        let copies: Vec<String> = (0..20).map(|_| word.clone()).collect();
        let mut grown = String::new();
        for copy in &copies {
            grown.push_str(copy);
        }
        black_box(&copies);
        black_box(grown).len()
    });
    Ok(length)
}

/// Serves events.
///
/// # Errors
/// When the Runtime API can't be talked to.
pub async fn run() -> Result<(), Error> {
    secure_runtime::run(service_fn(forget)).await
}
