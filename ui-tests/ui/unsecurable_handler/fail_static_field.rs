use secure_runtime::prelude::*;

#[secure_event]
struct Login {
    password: Secret<'static, String>,
}

fn main() {}
