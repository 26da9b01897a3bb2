use secure_runtime::prelude::*;

#[derive(Debug)]
struct Undeclared;

struct Client;

struct Letters;

type Order = LambdaEvent<()>;

#[secure_handler(sqs)]
async fn answers_something(record: Record<()>) -> Result<u32, Error> {
    Ok(record.receive_count())
}

#[secure_handler(sqs)]
async fn answers_nothing_at_all(record: Record<()>) {
    record.body
}

#[secure_handler(sqs)]
async fn undeclared_error(record: Record<()>) -> Result<(), Undeclared> {
    Ok(record.body)
}

#[secure_handler(sqs)]
async fn state_that_cannot_be_cloned(record: Record<()>, client: Client) -> Result<(), Error> {
    let _ = client;
    Ok(record.body)
}

#[secure_handler(sqs, dead_letter = letters)]
async fn no_sink(record: Record<()>, letters: &Letters) -> Result<(), Error> {
    let _ = letters;
    Ok(record.body)
}

#[secure_handler(sqs)]
async fn no_record(record: Order) -> Result<(), Error> {
    Ok(record.payload)
}

#[secure_handler(sqs)]
async fn undeclared_body(record: Record<String>) -> Result<(), Error> {
    drop(record.body);
    Ok(())
}

fn main() {}
