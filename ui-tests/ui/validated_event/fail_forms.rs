use secure_runtime::prelude::*;

#[secure_event(validate)]
struct Missing<'inv> {
    #[public]
    count: u32,
    pin: Secret<'inv, String>,
}

#[secure_event(validate)]
enum MissingToo {
    Counted(#[public] u32),
}

#[secure_event(validate = garde)]
struct FeatureIsOff {
    #[public]
    count: u32,
}

fn main() {}
