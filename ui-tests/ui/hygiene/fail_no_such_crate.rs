use secure_runtime::prelude::*;

#[secure_event(crate = ::no_such_crate)]
struct Event {
    #[public]
    count: u32,
}

fn main() {}
