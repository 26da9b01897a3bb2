use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<serde_json::Value, Error> {
    Ok(serde_json::to_value(event.payload.password)?)
}

fn main() {}
