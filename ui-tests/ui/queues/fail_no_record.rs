use secure_runtime::prelude::*;

#[secure_handler(sqs)]
async fn borrowed(record: &Record<()>) -> Result<(), Error> {
    Ok(record.body)
}

#[secure_handler(sqs)]
async fn two(record: Record<()>, other: Record<()>) -> Result<(), Error> {
    let _ = other;
    Ok(record.body)
}

#[secure_handler(sqs)]
async fn none() -> Result<(), Error> {
    Ok(())
}

#[secure_handler(sqs)]
fn not_async(record: Record<()>) -> Result<(), Error> {
    Ok(record.body)
}

#[secure_handler(sqs)]
async fn forever(record: Record<Secret<'static, String>>) -> Result<(), Error> {
    drop(record);
    Ok(())
}

fn main() {}
