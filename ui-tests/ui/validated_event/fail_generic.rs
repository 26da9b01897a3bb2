//! A generic event is asked where its parameter is known.

use secure_runtime::{Invalid, Validate, prelude::*};

#[secure_event(validate)]
struct Page<T> {
    #[nested]
    items: Vec<T>,
}

trait Counted {}

impl<T: Counted> Validate for Page<T> {
    fn validate(&self) -> Result<(), Invalid> {
        if self.items.len() < 10 { Ok(()) } else { Err(Invalid::field("items")) }
    }
}

#[secure_event]
struct Item {
    #[public]
    id: u64,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Page<Item>>) -> Result<usize, Error> {
    Ok(event.payload.items.len())
}

fn main() {}
