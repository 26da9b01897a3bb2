use secure_runtime::prelude::*;

#[derive(serde::Deserialize)]
struct Login {
    password: String,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login>) -> Result<usize, Error> {
    Ok(event.payload.password.len())
}

fn main() {}
