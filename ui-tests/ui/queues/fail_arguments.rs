use secure_runtime::prelude::*;

#[secure_handler(sqs, dead_letter = 5)]
async fn no_name(record: Record<()>) -> Result<(), Error> {
    Ok(record.body)
}

#[secure_handler(sqs, dead_letter = nosuch)]
async fn no_such_parameter(record: Record<()>, sink: &impl DeadLetterSink) -> Result<(), Error> {
    let _ = sink;
    Ok(record.body)
}

#[secure_handler(sqs, dead_letter = record)]
async fn the_record_itself(record: Record<()>) -> Result<(), Error> {
    Ok(record.body)
}

#[secure_handler(sqs, concurrency = 0)]
async fn never(record: Record<()>) -> Result<(), Error> {
    Ok(record.body)
}

#[secure_handler(sqs, concurrency = many)]
async fn no_number(record: Record<()>) -> Result<(), Error> {
    Ok(record.body)
}

#[secure_handler(concurrency = 4)]
async fn no_queue(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

#[secure_handler(dead_letter = sink)]
async fn no_queue_either(event: LambdaEvent<()>, sink: &str) -> Result<(), Error> {
    let _ = sink;
    Ok(event.payload)
}

#[secure_handler(http, sqs)]
async fn both(record: Record<()>) -> Result<(), Error> {
    Ok(record.body)
}

#[secure_handler(sqs = true)]
async fn with_a_value(record: Record<()>) -> Result<(), Error> {
    Ok(record.body)
}

#[secure_handler(sqs, sqs)]
async fn twice(record: Record<()>) -> Result<(), Error> {
    Ok(record.body)
}

fn main() {
    let _ = secure_runtime::run(service_fn(never));
}
