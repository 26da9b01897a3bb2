use secure_runtime::prelude::*;

#[secure_event(strict)]
struct Unknown {
    #[public]
    count: u32,
}

#[secure_event]
fn function() {}

#[secure_event]
union Bits {
    bit: bool,
}

#[secure_event]
struct Marks {
    #[public(always)]
    count: u32,
}

fn main() {}
