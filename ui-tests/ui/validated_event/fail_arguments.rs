use secure_runtime::prelude::*;

#[secure_event(validate = "garde")]
struct Text {
    #[public]
    count: u32,
}

#[secure_event(validate = validator)]
struct OtherCrate {
    #[public]
    count: u32,
}

#[secure_event(validate, validate)]
struct Twice {
    #[public]
    count: u32,
}

#[secure_event(validate(strict))]
struct List {
    #[public]
    count: u32,
}

fn main() {}
