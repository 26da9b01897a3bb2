use secure_runtime::prelude::*;
use serde_json::json;

type Ev<'a> = LambdaEvent<Login<'a>>;
type Answer<T> = Result<T, Error>;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[derive(serde::Deserialize)]
struct Notification<'a>(std::borrow::Cow<'a, str>);

#[secure_handler]
async fn behind_aliases(event: Ev<'_>) -> Answer<bool> {
    Ok(event.payload.password.expose(|password| password == "abc"))
}

#[secure_handler]
async fn public_static(event: LambdaEvent<PublicEvent<Notification<'static>>>) -> Result<usize, Error> {
    Ok(event.payload.0.len())
}

#[secure_handler]
async fn ignored(_: LambdaEvent<serde::de::IgnoredAny>) -> Result<(), std::convert::Infallible> {
    Ok(())
}

struct Function;

impl Function {
    #[secure_handler]
    async fn associated(event: Ev<'_>, limit: usize) -> Answer<bool> {
        Ok(event.payload.password.expose(|password| password.len() > limit))
    }
}

fn event(payload: serde_json::Value) -> LambdaEvent<RawPayload> {
    LambdaEvent::new(RawPayload::from(payload), Context::default())
}

#[secure_handler]
async fn names_that_are_keywords(self_: &str, event: LambdaEvent<()>, _1: u8, r#type: &str, _super: u8) -> Result<(), Error> {
    let _ = (self_, r#type);
    Ok(event.payload)
}

#[tokio::main]
async fn main() {
    assert!(behind_aliases(event(json!({"password": "abc"}))).await.unwrap());
    assert_eq!(public_static(event(json!("four"))).await.unwrap(), 4);
    ignored(event(json!([1, 2]))).await.unwrap();
    assert!(!Function::associated(event(json!({"password": "abc"})), 3).await.unwrap());
}
