use secure_runtime::prelude::*;

#[secure_event]
struct Login {
    #[public]
    password: String,
    #[public]
    card_number: String,
    #[public]
    ssn: Option<String>,
    #[public]
    clientSecret: String,
}

fn main() {}
