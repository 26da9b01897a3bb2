use secure_runtime::prelude::*;

use std::env;

const TABLE_ENV: &str = "TABLE_NAME";

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
    #[secret]
    let password = env::var("DB_PASSWORD")?;
    #[secret]
    let Ok(token) = env::var("API_TOKEN") else { return Err("no token".into()) };
    let table = env::var("TABLE_NAME").unwrap_or_default();
    let secret_name = env::var("SECRET_NAME").unwrap_or_default();
    let arn = env::var("DB_SECRET_ARN").unwrap_or_default();
    let other = env::var(TABLE_ENV).unwrap_or_default();
    let region = env!("CARGO_PKG_NAME");
    let _ = (password, token, table, secret_name, arn, other, region);
    Ok(event.payload)
}

#[secure_handler]
async fn by_name(event: LambdaEvent<()>) -> Result<(), Error> {
    let variable = "STAGE";
    let name = &event.context.request_id;
    let _ = (serde_json::json!({ "name": "api_token" }), std::env::var(name));
    let _ = std::env::var(variable);
    let _ = std::env::var("STAGE".to_string());
    Ok(event.payload)
}

fn main() {}
