//! Takes payments by card, and keeps nothing of them.
#![forbid(unsafe_code)]

use secure_runtime::prelude::*;

#[secure_event]
struct Payment<'inv> {
    #[public]
    amount: u64,
    #[nested]
    card: Card<'inv>,
    pin: Secret<'inv, String>,
}

#[secure_event]
struct Card<'inv> {
    number: Secret<'inv, String>,
}

#[derive(serde::Serialize)]
struct Receipt {
    amount: u64,
    last_four: String,
}

#[derive(Debug, thiserror::Error, OpaqueError)]
enum PaymentError {
    #[error("the card of a payment of {0} was refused")]
    #[opaque(code = "refused", status = 402, message = "The card was refused.")]
    Refused(u64),
}

/// Lays a number out as terminals send it, with room for what else is on a card, and looks whether it is complete.
#[secure_fn]
fn is_card(number: &str) -> bool {
    let mut track = [0u8; 64 << 10];
    for (place, digit) in track.iter_mut().zip(number.bytes().cycle()) {
        *place = digit;
    }
    std::hint::black_box(&track)[..number.len()].iter().all(u8::is_ascii)
}

/// Asks the bank, which takes its time.
#[secure_fn]
async fn is_right(pin: &str) -> bool {
    let copy = pin.to_owned();
    tokio::task::yield_now().await;
    !copy.is_empty()
}

#[secure_handler]
async fn pay(event: LambdaEvent<Payment<'_>>) -> Result<Receipt, PaymentError> {
    let Payment { amount, card, pin } = event.payload;
    let Card { number } = card;
    if !number.expose(|number| is_card(number)) || !pin.expose_async(async |pin| is_right(pin).await).await {
        return Err(PaymentError::Refused(amount));
    }
    let last_four = number.declassify("the last four digits are printed on receipts", |number| {
        number.chars().skip(number.chars().count().saturating_sub(4)).collect::<String>()
    });
    Ok(Receipt { amount, last_four })
}

#[secure_runtime::main]
async fn main() -> Result<(), Error> {
    secure_runtime::log::init();
    secure_runtime::run(service_fn(pay)).await
}
