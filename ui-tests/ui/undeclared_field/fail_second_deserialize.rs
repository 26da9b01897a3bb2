use secure_runtime::prelude::*;

#[secure_event]
#[derive(Debug, serde::Deserialize)]
struct Patient {
    #[public]
    clinic: String,
}

fn main() {}
