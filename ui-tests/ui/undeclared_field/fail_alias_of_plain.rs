use secure_runtime::prelude::*;

type Name = String;

#[secure_event]
struct Patient {
    name: Name,
}

fn main() {}
