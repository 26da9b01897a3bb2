//! A record's handler takes what any handler takes.
#![deny(warnings)]
#![forbid(unsafe_code)]

use std::{rc::Rc, sync::Arc};

use secure_runtime::{JsonText, dead_letter::MemorySink, prelude::*};
use serde_json::json;

#[secure_event]
struct Order<'inv> {
    #[public]
    sku: String,
    card_number: Secret<'inv, String>,
}

#[derive(Debug, OpaqueError)]
enum OrderError {
    #[opaque(code = "sold_out", status = 409, message = "There is none left.", poison)]
    SoldOut,
    Database(std::io::Error),
}

impl From<std::io::Error> for OrderError {
    fn from(error: std::io::Error) -> Self {
        Self::Database(error)
    }
}

type Orders<'inv> = Record<Order<'inv>>;
type Handled<E = OrderError> = Result<(), E>;

trait Store {
    fn has(&self, sku: &str) -> bool;
}

#[derive(Clone)]
struct Shelf(Arc<str>);

impl Store for Shelf {
    fn has(&self, sku: &str) -> bool {
        &*self.0 == sku
    }
}

#[secure_handler(sqs)]
async fn alone(record: Record<Order<'_>>) -> Result<(), OrderError> {
    let Order { sku, card_number } = record.body;
    if sku == "none" { Err(OrderError::SoldOut) } else { Ok(drop(card_number)) }
}

#[secure_handler(sqs, concurrency = 8, dead_letter = letters)]
async fn state_around(shelf: Shelf, record: Orders<'_>, letters: &MemorySink) -> Handled {
    if shelf.has(&record.body.sku) { Ok(()) } else { Err(OrderError::SoldOut) }
}

#[secure_handler(sqs, dead_letter = letters)]
async fn sink_by_value(Record { body, .. }: Record<Order<'_>>, letters: Arc<MemorySink>) -> Handled {
    drop(letters);
    std::fs::metadata(body.sku)?;
    Ok(())
}

#[secure_handler(sqs, dead_letter = sink)]
async fn generic<'a, S: Store + ?Sized, const N: usize>(
    record: Record<Order<'a>>,
    store: &S,
    sink: &impl DeadLetterSink,
) -> Result<(), OrderError>
where
    S: Send,
{
    let _ = (sink, N);
    if store.has(&record.body.sku) { Ok(()) } else { Err(OrderError::SoldOut) }
}

#[secure_handler(sqs)]
async fn dynamic(record: Record<Order<'_>>, store: &dyn Store) -> Result<(), OrderError> {
    if store.has(&record.body.sku) { Ok(()) } else { Err(OrderError::SoldOut) }
}

#[secure_handler(sqs)]
async fn not_send(record: Record<()>, shared: Rc<str>) -> Result<(), std::convert::Infallible> {
    let known = Rc::clone(&shared);
    tokio::task::yield_now().await;
    assert!(known.len() + record.message_id().len() > 0);
    Ok(record.body)
}

#[secure_handler(sqs)]
async fn secret_let(record: Record<JsonText<Order<'_>>>) -> Result<(), Error> {
    #[secret]
    let key = String::from("of the environment");
    let same = record.body.card_number.ct_eq(&key);
    assert!(!same);
    Ok(())
}

struct Service;

impl Service {
    #[secure_handler(sqs)]
    async fn associated(record: Record<Order<'_>>) -> Result<(), OrderError> {
        Self::check(&record.body.sku)
    }

    fn check(sku: &str) -> Result<(), OrderError> {
        if sku.is_empty() { Err(OrderError::SoldOut) } else { Ok(()) }
    }
}

fn is_send<T: Send + 'static>(value: T) -> T {
    value
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let event = || {
        let order = json!({"sku": "none", "card_number": "4111111111111111"}).to_string();
        let batch = json!({"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": order}]});
        LambdaEvent::new(RawPayload::from(batch), Context::default())
    };
    assert_eq!(is_send(alone(event())).await.unwrap().failed().collect::<Vec<_>>(), ["1"]);
    let letters = Arc::new(MemorySink::default());
    let shelf = Shelf("none".into());
    assert_eq!(state_around(shelf.clone(), event(), &letters).await.unwrap().failed().count(), 0);
    assert_eq!(state_around(Shelf("some".into()), event(), &letters).await.unwrap().failed().count(), 0);
    assert_eq!(letters.letters().len(), 1);
    assert_eq!(is_send(sink_by_value(event(), Arc::clone(&letters))).await.unwrap().failed().count(), 1);
    assert_eq!(generic::<_, 3>(event(), &shelf, &letters).await.unwrap().failed().count(), 0);
    assert_eq!(dynamic(event(), &shelf).await.unwrap().failed().count(), 0);
    assert_eq!(not_send(event(), "".into()).await.unwrap().failed().count(), 1);
    assert_eq!(secret_let(event()).await.unwrap().failed().count(), 1);
    assert_eq!(Service::associated(event()).await.unwrap().failed().count(), 0);
    drop(secure_runtime::run(service_fn(alone)));
}
