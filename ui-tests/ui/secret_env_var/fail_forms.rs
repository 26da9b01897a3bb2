use secure_runtime::prelude::*;

use std::env;

const JWT_SECRET: &str = "JWT_SECRET";

#[secure_handler]
async fn case_0(event: LambdaEvent<()>) -> Result<(), Error> {
    let password = std::env::var("DB_PASSWORD")?;
    let _ = password;
    Ok(event.payload)
}

#[secure_handler]
async fn case_1(event: LambdaEvent<()>) -> Result<(), Error> {
    let key = env::var_os("STRIPE_SECRET_KEY");
    let _ = key;
    Ok(event.payload)
}

#[secure_handler]
async fn case_2(event: LambdaEvent<()>) -> Result<(), Error> {
    use std::env::var as read;
    let token = read("GITHUB_TOKEN")?;
    let _ = token;
    Ok(event.payload)
}

#[secure_handler]
async fn case_3(event: LambdaEvent<()>) -> Result<(), Error> {
    const NAME: &str = "x";
    let _ = (env::var(JWT_SECRET), NAME);
    Ok(event.payload)
}

#[secure_handler]
async fn case_4(event: LambdaEvent<()>) -> Result<(), Error> {
    let built_in = option_env!("API_KEY");
    let _ = built_in;
    Ok(event.payload)
}

#[secure_handler]
async fn case_5(event: LambdaEvent<()>) -> Result<(), Error> {
    let shown = format!("{:?}", std::env::var("CLIENT_SECRET"));
    let _ = shown;
    Ok(event.payload)
}

#[secure_handler]
async fn case_6(event: LambdaEvent<()>) -> Result<(), Error> {
    #[secret]
    let fine = env::var("DB_PASSWORD")?;
    let not_fine = env::var("DB_PASSWORD")?;
    let _ = (fine, not_fine);
    Ok(event.payload)
}

#[secure_handler]
async fn by_name(event: LambdaEvent<()>) -> Result<(), Error> {
    const NAME: &str = "API_TOKEN";
    let _ = std::env::var(NAME)?;
    let name = "DB_PASSWORD";
    let _ = std::env::var(name)?;
    let _ = std::env::var("DB_PASSWORD".to_string())?;
    let _ = std::env::var(format!("{}_API_KEY", event.context.request_id))?;
    Ok(event.payload)
}

fn main() {}
