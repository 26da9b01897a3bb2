use secure_runtime::prelude::*;
use std::{fmt::Debug, sync::Arc};

#[derive(Debug, thiserror::Error, OpaqueError)]
enum Inner {
    #[error("refused {0}")]
    #[opaque(code = "refused", status = 402, message = "The bank refuses.", poison)]
    Refused(String),
    #[error("down")]
    Down,
}

#[derive(Debug, thiserror::Error, OpaqueError)]
enum OrderError<'a, E, const N: usize = 1>
where
    E: std::error::Error + 'static,
{
    #[error(transparent)]
    #[opaque(delegate)]
    From(#[from] Inner),
    #[error("marked")]
    #[opaque(delegate)]
    Marked(&'a str, #[source] Inner),
    #[error("named")]
    #[opaque(delegate)]
    Named { source: Inner, at: [u8; N] },
    #[error("raw")]
    #[opaque(delegate)]
    Raw { r#type: Box<Inner> },
    #[error("marked, not named")]
    #[opaque(delegate)]
    MarkedNotNamed {
        #[source]
        why: Arc<Inner>,
        source_of_it: String,
    },
    #[error(transparent)]
    #[opaque(delegate)]
    Generic(E),
    #[error(transparent)]
    #[opaque(delegate)]
    GenericInside(Box<E>),
    #[error("not passed on: {0}")]
    Kept(Inner),
}

#[derive(Debug, OpaqueError)]
#[opaque(delegate)]
struct Tuple<T>(T);

#[derive(Debug, OpaqueError)]
#[opaque(delegate)]
struct Named<'a> {
    source: Tuple<Inner>,
    #[expect(dead_code)]
    name: &'a str,
}

/// Its own kind inside.
#[derive(Debug, OpaqueError)]
enum Nested<T> {
    #[opaque(delegate)]
    Deeper(Box<Nested<T>>),
    #[opaque(delegate)]
    End(T),
}

macro_rules! error {
    ($name:ident, $inner:ty, $code:literal, $status:expr, $message:literal) => {
        #[derive(Debug, OpaqueError)]
        enum $name {
            #[opaque(code = $code, status = $status, message = $message)]
            Own,
            #[opaque(delegate)]
            Inner($inner),
        }
    };
}

error!(ByMacro, Inner, "by_macro", 418, "Short and stout.");

async fn code<E: OpaqueError>(error: E) -> (&'static str, u16, bool) {
    #[secure_handler]
    async fn fails<E: OpaqueError>(_: LambdaEvent<()>, error: E) -> Result<(), E> {
        Err(error)
    }
    let event = LambdaEvent::new(RawPayload::from(serde_json::Value::Null), Context::default());
    let failure = fails(event, error).await.unwrap_err();
    assert!(!failure.to_string().contains("tea"));
    (failure.code(), failure.status(), failure.is_poison())
}

#[tokio::main]
async fn main() {
    type Order = OrderError<'static, Inner>;
    let refused = || Inner::Refused("tea".to_owned());
    let passed_on = ("refused", 402, true);
    let internal = ("internal_error", 500, false);
    for error in [
        Order::From(refused()),
        Order::Marked("tea", refused()),
        Order::Named { source: refused(), at: [0] },
        Order::Raw { r#type: Box::new(refused()) },
        Order::MarkedNotNamed { why: Arc::new(refused()), source_of_it: "tea".to_owned() },
        Order::Generic(refused()),
        Order::GenericInside(Box::new(refused())),
    ] {
        assert_eq!(code(error).await, passed_on);
    }
    assert_eq!(code(Order::Kept(refused())).await, internal);
    assert_eq!(code(Order::From(Inner::Down)).await, internal);
    assert_eq!(code(Tuple(refused())).await, passed_on);
    assert_eq!(code(Named { source: Tuple(refused()), name: "tea" }).await, passed_on);
    assert_eq!(code(Nested::Deeper(Box::new(Nested::End(refused())))).await, passed_on);
    assert_eq!(code(ByMacro::Inner(refused())).await, passed_on);
    assert_eq!(code(ByMacro::Own).await, ("by_macro", 418, false));
}
