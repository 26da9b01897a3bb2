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

#[secure_event]
struct More {
    #[public]
    api_keys: Vec<String>,
    #[public]
    cvv2: String,
    #[public]
    db_pass: String,
    #[public]
    seed_phrase: String,
}

fn main() {}
