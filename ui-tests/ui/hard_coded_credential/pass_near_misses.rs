use secure_runtime::prelude::*;

const AWS_SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";

struct Fields {
    password_label: &'static str,
    next_token: &'static str,
}

fn secret_of(name: &str) -> String {
    name.to_owned()
}

#[secure_handler]
async fn handler(event: LambdaEvent<()>, user: &str, password: &str) -> Result<(), Error> {
    let secret_name = "prod/db";
    let secret = secret_of("prod/db/password");
    let password_reset_url = "https://example.com/reset";
    let token_header = "x-auth-token";
    const TOKEN: &str = "token";
    const API_KEY_ENV: &str = "API_KEY";
    let public_key = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----";
    let url = format!("postgres://{user}:{password}@db.internal/users");
    let fields = Fields { password_label: "Password", next_token: "abc" };
    let shown = serde_json::json!({ "password": "[redacted]", "token": "", "secret": { "name": "prod/db" } });
    let refused = serde_json::json!({ "password": "must have 12 characters or more", "pin": "required" });
    let mut errors = std::collections::HashMap::new();
    errors.insert("password", "is too short");
    errors.insert("token", "missing");
    let masked = serde_json::json!({ "password": "***" });
    if password == "guess" || password.starts_with("password") {
        return Err("weak".into());
    }
    let verified = verify_password("guess");
    let token_count = "7";
    let secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db";
    let _ = (secret_name, secret, password_reset_url, token_header, TOKEN, API_KEY_ENV, public_key, url);
    let _ = (fields.password_label, fields.next_token, shown, masked, refused, errors, verified, token_count, secret_arn);
    let _ = AWS_SECRET_ACCESS_KEY;
    Ok(event.payload)
}

fn verify_password(_: &str) -> bool {
    true
}

struct Label;

impl Label {
    fn new(_: &str) -> Self {
        Self
    }
}

#[secure_handler]
async fn converted(event: LambdaEvent<()>) -> Result<(), Error> {
    let mut headers = std::collections::HashMap::new();
    headers.insert("set-cookie".to_owned(), String::from("sid=; Max-Age=0"));
    let schema = serde_json::json!({ "password": { "type": "string" } });
    let longer: bool = event.context.request_id.len() >= "f3b1c9".len();
    let labels = std::collections::HashMap::from([("none", Label)]);
    let mut labels = labels;
    labels.insert("password", Label::new("Password:"));
    let _ = (headers, schema, longer, labels);
    Ok(event.payload)
}

fn main() {}
