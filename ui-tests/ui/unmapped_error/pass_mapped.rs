use secure_runtime::prelude::*;

#[derive(Debug, OpaqueError)]
#[opaque(code = "busy", status = 503, message = "Try again later.", retry)]
struct Busy;

type Answer<T> = Result<T, Busy>;

macro_rules! handlers {
    ($($name:ident: $error:ty = $value:expr;)*) => {
        $(
            #[secure_handler]
            async fn $name(_: LambdaEvent<()>) -> Result<(), $error> {
                Err($value)
            }
        )*
    };
}

handlers! {
    boxed: Error = "text".into();
    boxed_locally: Box<dyn std::error::Error> = "text".into();
    text: String = "text".into();
    literal: &'static str = "text";
    io: std::io::Error = std::io::Error::other("text");
    json: serde_json::Error = serde_json::from_str::<u8>("text").unwrap_err();
    diagnostic: secure_runtime::Diagnostic =
        secure_runtime::Diagnostic { error_type: "text".into(), error_message: "text".into() };
    own: Busy = Busy;
    own_boxed: Box<Busy> = Box::new(Busy);
}

#[secure_handler]
async fn alias(_: LambdaEvent<()>) -> Answer<()> {
    Err(Busy)
}

#[secure_handler]
async fn another_handlers(event: LambdaEvent<serde::de::IgnoredAny>) -> Result<(), secure_runtime::Failure> {
    alias(LambdaEvent::new(RawPayload::from(serde_json::Value::Null), event.context)).await
}

#[tokio::main]
async fn main() {
    let event = || LambdaEvent::new(RawPayload::from(serde_json::Value::Null), Context::default());
    for (failure, code) in [
        (boxed(event()).await, "internal_error"),
        (boxed_locally(event()).await, "internal_error"),
        (text(event()).await, "internal_error"),
        (literal(event()).await, "internal_error"),
        (io(event()).await, "internal_error"),
        (json(event()).await, "internal_error"),
        (diagnostic(event()).await, "internal_error"),
        (own(event()).await, "busy"),
        (own_boxed(event()).await, "busy"),
        (alias(event()).await, "busy"),
        (another_handlers(event()).await, "busy"),
    ] {
        let failure = failure.unwrap_err();
        assert_eq!(failure.code(), code);
        assert!(!format!("{failure} {failure:?}").contains("text"));
    }
}
