use secure_runtime::{Codes, prelude::*};
use std::{convert::Infallible, sync::Arc};

#[derive(Debug, thiserror::Error, OpaqueError)]
enum OrderError<E: std::error::Error + OpaqueError + 'static> {
    #[error("{0} is sold out")]
    #[opaque(code = "sold_out", status = 409, message = "There is none left.", poison)]
    SoldOut(String),
    #[error(transparent)]
    Database(#[from] std::io::Error),
    #[error(transparent)]
    #[opaque(delegate)]
    Payment(E),
    #[error("busy")]
    #[opaque(status = 503, message = "Busy | *now* <b>.", retry)]
    Busy,
    #[error("other")]
    Other,
    #[error("again")]
    #[opaque(delegate)]
    Again(Arc<PaymentError>),
}

#[derive(Debug, thiserror::Error, OpaqueError)]
enum PaymentError {
    #[error("refused")]
    #[opaque(code = "refused", status = 402, message = "The bank refuses.")]
    Refused,
    // A function may say what the runtime says.
    #[error("input")]
    #[opaque(code = "invalid_input", status = 400, message = "The input is not what this function takes.", poison)]
    Input,
    #[error("time")]
    #[opaque(code = "timed_out", status = 504, message = "The bank took too long.")]
    TimedOut,
    #[error("internal")]
    #[opaque(code = "internal_error", status = 500, message = "Something is wrong.")]
    Internal,
}

#[derive(Debug, OpaqueError)]
#[opaque(code = "ping", status = 400)]
struct Ping;

/// Two that pass on one another.
#[derive(Debug, OpaqueError)]
enum A {
    #[opaque(delegate)]
    B(Box<B>),
    #[opaque(code = "a", status = 400)]
    End,
}

#[derive(Debug, OpaqueError)]
enum B {
    #[opaque(code = "b", status = 400)]
    End,
    #[opaque(delegate)]
    A(Box<A>),
}

fn codes<E: OpaqueError>() -> Vec<(&'static str, u16)> {
    Codes::of::<E>().iter().map(|code| (code.code(), code.status())).collect()
}

fn main() {
    let order = Codes::of::<OrderError<PaymentError>>();
    assert_eq!(
        order.to_markdown(),
        "\
| code | status | message | the same request again |
| --- | --- | --- | --- |
| `sold_out` | 409 | There is none left. | will never succeed |
| `internal_error` | 500 | The request could not be processed. | |
| `refused` | 402 | The bank refuses. | |
| `invalid_input` | 400 | The input is not what this function takes. | will never succeed |
| `timed_out` | 504 | The bank took too long. | |
| `internal_error` | 500 | Something is wrong. | |
| `internal_error` | 503 | Busy \\| \\*now\\* \\<b\\>. | may succeed later |
"
    );
    let json: serde_json::Value = serde_json::from_str(&order.to_json()).unwrap();
    assert_eq!(json[0]["code"], "sold_out");
    assert_eq!(json[0]["disposition"], "poison");
    assert_eq!(json[1]["disposition"], serde_json::Value::Null);
    assert_eq!(json.as_array().unwrap().len(), 7);

    assert_eq!(codes::<Ping>(), [("ping", 400)]);
    assert_eq!(codes::<A>(), [("b", 400), ("a", 400)]);
    assert_eq!(codes::<B>(), [("b", 400), ("a", 400)]);
    assert_eq!(codes::<Infallible>(), []);
    assert_eq!(codes::<Error>(), [("internal_error", 500)]);
    assert_eq!(codes::<Box<Arc<Ping>>>(), codes::<Ping>());
    let function: Vec<_> = Codes::of_function::<Ping>().iter().map(|code| code.code()).collect();
    assert_eq!(function, ["ping", "invalid_input", "timed_out", "internal_error"]);
}
