use secure_runtime::{audit, prelude::*};

#[secure_event]
struct Login<'inv> {
    #[public]
    user: String,
    password: Secret<'inv, String>,
}

const LIMIT: u64 = 3;

#[secure_handler]
async fn login(event: LambdaEvent<Login<'_>>) -> Result<(), Error> {
    let Login { user, password } = event.payload;
    audit!("login_begun");
    audit!("login_failed", user = %user, reason = "unknown_user", attempts = LIMIT, ?password, "client.ip" = "::1");
    secure_runtime::audit!("login_failed", %user, client.name = ?user, "{user} of {}", LIMIT);
    if let Err(error) = "x".parse::<u8>() {
        audit!("token_refused", error = %error, text = error.to_string());
        ::secure_runtime::audit!("token_refused", why = format!("{error}"),);
    }
    match password.expose(|password| password.is_empty()) {
        true => audit!("login_refused", password = "missing"),
        false => audit!("login_succeeded", user),
    }
    Ok(())
}

#[tokio::main]
async fn main() {
    let payload = || RawPayload::from(serde_json::json!({ "user": "ada", "password": "walrus" }));
    let event = || LambdaEvent::new(payload(), Context::default());
    login(event()).await.unwrap();
    secure_runtime::log::init();
    login(event()).await.unwrap();
}
