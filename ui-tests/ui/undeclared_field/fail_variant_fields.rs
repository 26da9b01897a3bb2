use secure_runtime::prelude::*;

#[secure_event]
enum Payment<'inv> {
    Card { number: Secret<'inv, String>, holder: String },
    Invoice(String),
    Free,
}

fn main() {}
