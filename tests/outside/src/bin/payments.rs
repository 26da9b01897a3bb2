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
    #[error("no card has {0} digits")]
    #[opaque(code = "no_card", status = 400, message = "This is no card.")]
    NoCard(usize),
}

/// The check digit of a card's number (ISO/IEC 7812-1, annex B).
#[secure_fn]
fn is_card(number: &str) -> bool {
    let digits = number.bytes().rev().filter(u8::is_ascii_digit).map(|digit| u32::from(digit - b'0'));
    let digits: Vec<u32> = digits.enumerate().map(|(at, digit)| digit << (at % 2)).collect();
    digits.len() >= 12 && digits.iter().all(|&digit| digit < 20)
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
    if !number.expose(|number| number.len() < 12 || is_card(number)) {
        return Err(PaymentError::NoCard(0));
    }
    if !pin.expose_async(async |pin| is_right(pin).await).await {
        return Err(PaymentError::NoCard(0));
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
