use secure_runtime::prelude::*;

struct Config {
    user: String,
    password: String,
}

struct Client;

impl Client {
    fn user(self, _: &str) -> Self {
        self
    }
    fn with_password(self, _: &str) -> Self {
        self
    }
    fn token(self, _: &str) -> Self {
        self
    }
}

#[secure_handler]
async fn case_0(event: LambdaEvent<()>) -> Result<(), Error> {
    let password = "hunter2";
    let api_key: &'static str = "f3b1c9";
    const SIGNING_SECRET: &[u8] = b"walrus and carpenter 7";
    let _ = (password, api_key, SIGNING_SECRET);
    Ok(event.payload)
}

#[secure_handler]
async fn case_1(event: LambdaEvent<()>) -> Result<(), Error> {
    let config = Config { user: "ada".into(), password: "hunter2".to_owned() };
    let _ = (config.user, config.password);
    Ok(event.payload)
}

#[secure_handler]
async fn case_2(event: LambdaEvent<()>) -> Result<(), Error> {
    let mut config = Config { user: String::new(), password: String::new() };
    config.password = String::from("hunter2");
    let _ = (config.user, config.password);
    Ok(event.payload)
}

#[secure_handler]
async fn case_3(event: LambdaEvent<()>) -> Result<(), Error> {
    let body = serde_json::json!({ "user": "ada", "password": "hunter2", "clientSecret": "7f3b" });
    let _ = body;
    Ok(event.payload)
}

#[secure_handler]
async fn case_4(event: LambdaEvent<()>) -> Result<(), Error> {
    let client = Client.user("ada").with_password("hunter2").token("f3b1c9");
    let _ = client;
    Ok(event.payload)
}

#[secure_handler]
async fn case_5(event: LambdaEvent<()>) -> Result<(), Error> {
    let mut headers = std::collections::HashMap::new();
    headers.insert("x-api-key", "f3b1c9");
    Ok(event.payload)
}

struct Caller;

impl Caller {
    fn set_token(&self, _: String) {}
}

#[secure_handler]
async fn converted(event: LambdaEvent<()>) -> Result<(), Error> {
    Caller.set_token("f3b1c9".to_owned());
    let mut map = std::collections::HashMap::new();
    map.insert("password".to_owned(), String::from("f3b1c9"));
    let signing_key: [u8; 6] = *b"f3b1c9";
    let api_key: Box<str> = Box::from("f3b1c9");
    let password = { "f3b1c9" };
    let hmac_key = ("f3b1c9");
    let _ = (map, signing_key, api_key, password, hmac_key);
    Ok(event.payload)
}

fn main() {}
