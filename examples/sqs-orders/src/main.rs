//! The function's process.

use std::env;

use secure_runtime::prelude::*;
use sqs_orders::{handler::take_order, letters, payments::Payments};

#[secure_runtime::main]
async fn main() -> Result<(), secure_runtime::Error> {
    secure_runtime::log::init();
    let payments = Payments::connect(&env::var("PAYMENTS_SECRET")?);
    let letters = letters::sink().await?;
    secure_runtime::run(service_fn(|batch| take_order(batch, &payments, &letters))).await
}
