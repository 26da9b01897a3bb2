//! Handlers with secrets: the plain twin has a `String` where the other has a `Secret`.

use lambda_runtime::{Error, LambdaEvent};
use secure_runtime::{PublicEvent, RawPayload, Secret, secure_event, secure_handler};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::context;

fn verify(password: &str) -> bool {
    password.len() > 4
}

async fn lookup(token: &str) -> bool {
    tokio::task::yield_now().await;
    token.starts_with("t-")
}

/// Sends the same events to both, and compares what they answer.
macro_rules! alike {
    ($test:ident: $plain:ident($plain_event:ty), $secured:ident; $($json:tt)*) => {
        #[tokio::test]
        async fn $test() {
            let events = json!([$($json)*]);
            for event in events.as_array().unwrap() {
                let plain = match serde_json::from_value::<$plain_event>(event.clone()) {
                    Ok(payload) => $plain(LambdaEvent::new(payload, context())).await.ok(),
                    Err(_) => None,
                };
                let secured = $secured(LambdaEvent::new(RawPayload::from(event.clone()), context())).await.ok();
                assert_eq!(plain.map(|answer| json!(answer)), secured.map(|answer| json!(answer)), "{event}");
            }
        }
    };
}

#[derive(Deserialize)]
struct PlainLogin {
    user: String,
    password: String,
    #[serde(default)]
    codes: Vec<String>,
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    address: Option<PlainAddress>,
}

#[derive(Deserialize)]
struct PlainAddress {
    street: String,
    country: String,
}

#[secure_event]
struct Login<'inv> {
    #[public]
    user: String,
    password: Secret<'inv, String>,
    #[serde(default)]
    codes: Vec<Secret<'inv, String>>,
    #[serde(default)]
    token: Option<Secret<'inv, String>>,
    #[serde(default)]
    #[nested]
    address: Option<Address<'inv>>,
}

#[secure_event]
struct Address<'inv> {
    street: Secret<'inv, String>,
    #[public]
    country: String,
}

async fn plain_login(event: LambdaEvent<PlainLogin>) -> Result<String, Error> {
    let PlainLogin { user, password, .. } = event.payload;
    if !verify(&password) {
        return Err(format!("{user} has no such password").into());
    }
    Ok(format!("welcome {user}"))
}

#[secure_handler]
async fn login(event: LambdaEvent<Login<'_>>) -> Result<String, Error> {
    let Login { user, password, .. } = event.payload;
    if !password.expose(|password| verify(password)) {
        return Err(format!("{user} has no such password").into());
    }
    Ok(format!("welcome {user}"))
}

alike! {
    a_password_is_verified: plain_login(PlainLogin), login;
    {"user": "ada", "password": "walrus"}, {"user": "ada", "password": "abc"}, {"user": "ada"}
}

async fn plain_token(event: LambdaEvent<PlainLogin>) -> Result<(bool, usize), Error> {
    let token = event.payload.token.ok_or("no token")?;
    let known = lookup(&token).await;
    Ok((known, event.payload.codes.iter().filter(|code| code.len() == 6).count()))
}

#[secure_handler]
async fn token(event: LambdaEvent<Login<'_>>) -> Result<(bool, usize), Error> {
    let token = event.payload.token.ok_or("no token")?;
    let known = token.expose_async(async |token| lookup(token).await).await;
    Ok((known, event.payload.codes.iter().filter(|code| code.expose(|code| code.len() == 6)).count()))
}

alike! {
    optional_secrets_and_lists: plain_token(PlainLogin), token;
    {"user": "a", "password": "p", "token": "t-1", "codes": ["123456", "1"]},
    {"user": "a", "password": "p", "token": "x"},
    {"user": "a", "password": "p"}
}

async fn plain_nested(event: LambdaEvent<PlainLogin>) -> Result<Option<(String, bool)>, Error> {
    Ok(event.payload.address.map(|address| (address.country, address.street.is_empty())))
}

#[secure_handler]
async fn nested(event: LambdaEvent<Login<'_>>) -> Result<Option<(String, bool)>, Error> {
    Ok(event.payload.address.map(|address| (address.country, address.street.expose(String::is_empty))))
}

alike! {
    nested_events: plain_nested(PlainLogin), nested;
    {"user": "a", "password": "p", "address": {"street": "Main St", "country": "IE"}},
    {"user": "a", "password": "p"},
    {"user": "a", "password": "p", "address": {"street": "Main St"}}
}

async fn plain_blocking(event: LambdaEvent<PlainLogin>) -> Result<bool, Error> {
    let password = event.payload.password;
    Ok(tokio::task::spawn_blocking(move || verify(&password)).await?)
}

#[secure_handler]
async fn blocking(event: LambdaEvent<Login<'_>>) -> Result<bool, Error> {
    Ok(event.payload.password.expose_blocking(|password| verify(password)).await)
}

alike! {
    work_that_blocks: plain_blocking(PlainLogin), blocking;
    {"user": "a", "password": "walrus"}, {"user": "a", "password": "w"}
}

async fn plain_signed(event: LambdaEvent<PlainLogin>) -> Result<(String, bool), Error> {
    let key = String::from_utf8(vec![107; 4])?;
    let joined = format!("{key}{}", event.payload.password.trim());
    Ok((joined.len().to_string(), key == event.payload.password))
}

#[secure_handler]
async fn signed(event: LambdaEvent<Login<'_>>) -> Result<(String, bool), Error> {
    #[secret]
    let key = String::from_utf8(vec![107; 4])?;
    let same = event.payload.password.ct_eq(&key);
    let joined = key.zip(event.payload.password.map(|password| password.trim().to_owned()));
    let length = joined.declassify("the length is what the caller asked for", |(key, rest)| key.len() + rest.len());
    Ok((length.to_string(), same))
}

alike! {
    secrets_made_joined_and_compared: plain_signed(PlainLogin), signed;
    {"user": "a", "password": " walrus "}, {"user": "a", "password": "kkkk"}
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum PlainPayment {
    Card { number: String, amount: u64 },
    Invoice { address: String, amount: u64 },
}

#[secure_event]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Payment<'inv> {
    Card {
        number: Secret<'inv, String>,
        #[public]
        amount: u64,
    },
    Invoice {
        #[public]
        address: String,
        #[public]
        amount: u64,
    },
}

async fn plain_pay(event: LambdaEvent<PlainPayment>) -> Result<(String, u64), Error> {
    match event.payload {
        PlainPayment::Card { number, amount } if number.len() == 16 => Ok((number[12..].to_owned(), amount)),
        PlainPayment::Card { .. } => Err("no card number".into()),
        PlainPayment::Invoice { address, amount } => Ok((address, amount)),
    }
}

#[secure_handler]
async fn pay(event: LambdaEvent<Payment<'_>>) -> Result<(String, u64), Error> {
    match event.payload {
        Payment::Card { number, amount } if number.expose(|number| number.len() == 16) => {
            Ok((number.declassify("receipts show the last four digits", |number| number[12..].to_owned()), amount))
        }
        Payment::Card { .. } => Err("no card number".into()),
        Payment::Invoice { address, amount } => Ok((address, amount)),
    }
}

alike! {
    events_of_several_kinds: plain_pay(PlainPayment), pay;
    {"kind": "card", "number": "4111111111111111", "amount": 7},
    {"kind": "card", "number": "4111", "amount": 7},
    {"kind": "invoice", "address": "Main St", "amount": 1},
    {"kind": "cash"}
}

/// Stands for an event type of another crate.
#[derive(Debug, Deserialize)]
struct S3Event {
    #[serde(rename = "Records")]
    records: Vec<Value>,
}

async fn plain_objects(event: LambdaEvent<S3Event>) -> Result<Vec<Value>, Error> {
    Ok(event.payload.records.iter().map(|record| record["s3"]["object"]["key"].clone()).collect())
}

#[secure_handler]
async fn objects(event: LambdaEvent<PublicEvent<S3Event>>) -> Result<Vec<Value>, Error> {
    Ok(event.payload.records.iter().map(|record| record["s3"]["object"]["key"].clone()).collect())
}

alike! {
    events_of_other_crates: plain_objects(S3Event), objects;
    {"Records": [{"s3": {"object": {"key": "a.png"}}}, {}]}, {"Records": []}, {"records": []}
}

async fn plain_ignored(_: LambdaEvent<serde::de::IgnoredAny>) -> Result<&'static str, Error> {
    Ok("ok")
}

#[secure_handler]
async fn ignored(_: LambdaEvent<serde::de::IgnoredAny>) -> Result<&'static str, Error> {
    Ok("ok")
}

alike! {
    events_that_do_not_matter: plain_ignored(serde::de::IgnoredAny), ignored;
    {"any": ["thing"]}, null, 7
}
