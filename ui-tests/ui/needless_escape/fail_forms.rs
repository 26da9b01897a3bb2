use secure_runtime::prelude::*;

use std::sync::atomic::AtomicU64;

static SERVED: AtomicU64 = AtomicU64::new(0);

#[secure_handler(allow(SH015))]
async fn no_reason(event: LambdaEvent<()>) -> Result<(), Error> {
    println!("x");
    Ok(event.payload)
}

#[secure_handler(allow(SH015, reason = "because"))]
async fn short_reason(event: LambdaEvent<()>) -> Result<(), Error> {
    println!("x");
    Ok(event.payload)
}

#[secure_handler(allow(SH015, reason = "          "))]
async fn blank_reason(event: LambdaEvent<()>) -> Result<(), Error> {
    println!("x");
    Ok(event.payload)
}

#[secure_handler(allow_static(SERVED))]
async fn static_without_reason(event: LambdaEvent<()>) -> Result<(), Error> {
    let _ = &SERVED;
    Ok(event.payload)
}

#[secure_handler(
    allow(SH014, reason = "a reason that is long enough"),
    allow(SH001, reason = "a reason that is long enough"),
    allow(SH004, reason = "a reason that is long enough"),
    allow_static(SERVED, reason = "a reason that is long enough"),
)]
async fn nothing_needed(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

#[secure_handler(
    allow(SH010, reason = "a reason that is long enough"),
    allow(SH999, reason = "a reason that is long enough"),
)]
async fn not_to_be_lifted(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

#[secure_handler(allow(SH015, reason = "a probe reads this line"), allow(SH015, reason = "another probe does, too"))]
async fn twice(event: LambdaEvent<()>) -> Result<(), Error> {
    println!("ready");
    Ok(event.payload)
}

#[secure_handler(allow(SH004, reason = "there was a cache here once"))]
async fn no_hoard(event: LambdaEvent<()>, name: &str, limits: (u8, u8)) -> Result<(), Error> {
    let _ = (name, limits);
    Ok(event.payload)
}

fn main() {}
