use secure_runtime::prelude::*;

#[secure_event]
struct Page<'inv> {
    #[public]
    next_token: Option<String>,
    #[public]
    token_count: u32,
    #[public]
    secret_name: String,
    #[public]
    public_key: String,
    #[public]
    password_reset_url: String,
    #[serde(default)]
    #[public]
    last_password_change: u64,
    #[serde(default)]
    #[public]
    cookie_consent: bool,
    #[serde(default)]
    #[public]
    start_token: Option<String>,
    password: Secret<'inv, String>,
}

fn main() {
    let page: Page<'_> = serde_json::from_str(
        r#"{"token_count": 1, "secret_name": "prod/db", "public_key": "k", "password_reset_url": "u", "password": "p"}"#,
    )
    .unwrap();
    assert_eq!((page.next_token, page.token_count), (None, 1));
    assert_eq!((page.last_password_change, page.cookie_consent, page.start_token), (0, false, None));
    assert_eq!((&*page.secret_name, &*page.public_key, &*page.password_reset_url), ("prod/db", "k", "u"));
    assert!(page.password.expose(|password| password == "p"));
}
