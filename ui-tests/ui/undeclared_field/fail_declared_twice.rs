use secure_runtime::prelude::*;

#[secure_event]
struct Patient {
    #[public]
    #[nested]
    clinic: String,
}

fn main() {}
