use secure_runtime::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

static FAILED: AtomicU64 = AtomicU64::new(0);

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
    secure_runtime::audit!("login_failed", count = FAILED.load(Relaxed), key = "AKIAIOSFODNN7EXAMPLF");
    Ok(event.payload)
}

fn main() {}
