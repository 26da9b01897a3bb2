//! A function that puts every order aside: `SINK` says where.

use std::env;

use secure_runtime::{
    dead_letter::{DeadLetter, FileSink, MemorySink, SqsSink},
    prelude::*,
    s3::Bucket,
};

#[secure_event]
struct Order<'inv> {
    #[public]
    order_id: String,
    card_number: Secret<'inv, String>,
}

#[derive(Debug, thiserror::Error, OpaqueError)]
#[error("order {0} has no card")]
#[opaque(code = "no_card", status = 422, message = "That is no card.", poison)]
struct NoCard(String);

#[secure_handler(sqs, dead_letter = sink)]
async fn take(record: Record<Order<'_>>, sink: &Sink) -> Result<(), NoCard> {
    let Order { order_id, card_number } = record.body;
    if card_number.expose(|number| number.len() == 16) { Ok(()) } else { Err(NoCard(order_id)) }
}

/// Where this function's letters go.
enum Sink {
    Queue(SqsSink),
    File(FileSink),
    /// In clear: whoever looks for what is left has to find it here.
    Memory(MemorySink),
}

impl DeadLetterSink for Sink {
    async fn put(&self, letter: DeadLetter<'_>) -> Result<(), Error> {
        match self {
            Self::Queue(sink) => sink.put(letter).await,
            Self::File(sink) => sink.put(letter).await,
            Self::Memory(sink) => sink.put(letter).await,
        }
    }
}

async fn sink() -> Result<Sink, Error> {
    let kind = env::var("SINK")?;
    if kind == "memory" {
        return Ok(Sink::Memory(MemorySink::default()));
    }
    let key = env::var("DEAD_LETTER_KEY")?.parse()?;
    if kind == "file" {
        return Ok(Sink::File(FileSink::new(env::var("LETTERS")?, key)));
    }
    let config = secure_aws_tests::config().await;
    let sink = SqsSink::new(aws_sdk_sqs::Client::new(&config), env::var("LETTERS")?, key);
    Ok(Sink::Queue(match kind.as_str() {
        "queue" => sink,
        _ => sink.overflow(Bucket::new(secure_aws_tests::s3(&config), kind).expires_in_days(14)),
    }))
}

#[secure_runtime::main]
async fn main() -> Result<(), Error> {
    secure_runtime::log::init();
    let sink = sink().await?;
    secure_runtime::run(service_fn(|batch| take(batch, &sink))).await
}
