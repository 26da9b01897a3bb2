use secure_runtime::prelude::*;

#[derive(serde::Deserialize)]
struct Address {
    street: String,
}

#[secure_event]
struct Patient {
    #[nested]
    address: Address,
}

fn main() {}
