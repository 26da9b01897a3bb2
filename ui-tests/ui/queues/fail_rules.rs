//! The rules hold for a record's handler as for any other.
use std::sync::{Mutex, OnceLock};

use secure_runtime::prelude::*;

#[secure_event]
#[derive(Debug)]
struct Order<'inv> {
    #[public]
    sku: String,
    card_number: Secret<'inv, String>,
}

static LAST: Mutex<String> = Mutex::new(String::new());

#[secure_handler(sqs)]
async fn uses_a_static(record: Record<Order<'_>>) -> Result<(), Error> {
    LAST.lock().unwrap().push_str(&record.body.sku);
    Ok(())
}

#[secure_handler(sqs)]
async fn hoards(record: Record<Order<'_>>, cache: &Mutex<Vec<String>>) -> Result<(), Error> {
    cache.lock().unwrap().push(record.body.sku);
    Ok(())
}

#[secure_handler(sqs)]
async fn tokens(record: Record<Order<'_>>) -> Result<(), Error> {
    static KEPT: OnceLock<String> = OnceLock::new();
    println!("{}", record.body.sku);
    let key = std::env::var("STRIPE_SECRET_KEY")?;
    let password = "hunter2hunter2";
    let seen = record.body.card_number.declassify("why", String::clone);
    std::mem::forget(seen);
    std::fs::write("/tmp/seen", key)?;
    let _ = unsafe { password.as_ptr().read() };
    Ok(())
}

#[secure_handler(sqs)]
#[tracing::instrument]
async fn recorded(record: Record<Order<'_>>) -> Result<(), Error> {
    drop(record);
    Ok(())
}

#[secure_handler(sqs)]
async fn leaks_into_state<'a>(record: Record<Order<'a>>, keep: std::sync::Arc<Mutex<Option<Secret<'a, String>>>>) -> Result<(), Error> {
    *keep.lock().unwrap() = Some(record.body.card_number);
    Ok(())
}

#[secure_handler(sqs)]
async fn spawns(record: Record<Order<'_>>) -> Result<(), Error> {
    tokio::spawn(async move { record.body.card_number.expose(|number| number.is_empty()) }).await?;
    Ok(())
}

fn main() {}
