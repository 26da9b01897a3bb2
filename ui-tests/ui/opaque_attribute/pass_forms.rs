use secure_runtime::prelude::*;
use std::fmt::Debug;

#[derive(Debug, thiserror::Error, OpaqueError)]
enum OrderError<'a, T: Debug + 'static> {
    #[error("no {0}")]
    #[opaque(code = "sold_out", status = 409, message = "There is none left.", poison)]
    SoldOut(&'a str),
    #[error("busy {since}")]
    #[opaque(status = 503, retry)]
    Busy { since: u64 },
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("other {0:?}")]
    Other(T),
    #[error("unit")]
    #[opaque(code = "unit", message = "One.")]
    Unit,
}

#[derive(Debug, OpaqueError)]
#[opaque(code = "wrong", status = 400)]
struct Wrong<const N: usize>([u8; N]);

#[derive(Debug, OpaqueError)]
struct Internal;

#[derive(Debug, OpaqueError)]
enum Never {}

type Shown = (&'static str, u16, String, bool, bool);

async fn shown<E: OpaqueError>(error: E) -> Shown {
    #[secure_handler]
    async fn fails<E: OpaqueError>(_: LambdaEvent<()>, error: E) -> Result<(), E> {
        Err(error)
    }
    let event = LambdaEvent::new(RawPayload::from(serde_json::Value::Null), Context::default());
    let failure = fails(event, error).await.unwrap_err();
    (failure.code(), failure.status(), failure.message().to_owned(), failure.is_retryable(), failure.is_poison())
}

#[tokio::main]
async fn main() {
    fn is_error<E: OpaqueError>() {}
    is_error::<Never>();
    let internal = "The request could not be processed.";
    let sold_out = OrderError::<'_, ()>::SoldOut("tea");
    assert_eq!(shown(sold_out).await, ("sold_out", 409, "There is none left.".to_owned(), false, true));
    assert_eq!(
        shown::<OrderError<'_, ()>>(OrderError::Busy { since: 7 }).await,
        ("internal_error", 503, internal.to_owned(), true, false)
    );
    assert_eq!(shown(OrderError::<'_, ()>::Unit).await, ("unit", 500, "One.".to_owned(), false, false));
    for error in [OrderError::Io(std::io::Error::other("disk")), OrderError::Other(7)] {
        assert_eq!(shown(error).await, ("internal_error", 500, internal.to_owned(), false, false));
    }
    assert_eq!(shown(Wrong([1, 2])).await, ("wrong", 400, internal.to_owned(), false, false));
    assert_eq!(shown(Internal).await.0, "internal_error");
}
