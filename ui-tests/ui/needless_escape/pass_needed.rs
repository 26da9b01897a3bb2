use secure_runtime::prelude::*;

use std::sync::{LazyLock, Mutex, atomic::{AtomicBool, AtomicU64, Ordering::Relaxed}};

static COLD_START: AtomicBool = AtomicBool::new(true);
static NUMBERS: LazyLock<[u64; 3]> = LazyLock::new(|| [1, 2, 3]);

mod state {
    pub static SERVED: super::AtomicU64 = super::AtomicU64::new(0);
}

#[secure_handler(
    allow_static(COLD_START, reason = "says only whether this is the first invocation"),
    allow_static(state::SERVED, reason = "a number of invocations and nothing of them"),
    allow_static(crate::NUMBERS, reason = "computed once, of constants alone"),
)]
async fn statics(event: LambdaEvent<()>) -> Result<u64, Error> {
    let _ = event;
    use state::SERVED;
    if COLD_START.swap(false, Relaxed) {
        SERVED.fetch_add(NUMBERS[0], Relaxed);
    }
    Ok(state::SERVED.load(Relaxed))
}

#[secure_handler(
    allow(SH015, reason = "a probe reads this line on standard output"),
    allow(SH001, reason = "counts invocations, in many places"),
    allow(SH004, reason = "the cache is wiped when the invocation ends"),
    crate = secure_runtime,
)]
async fn rules(event: LambdaEvent<()>, cache: &Mutex<String>) -> Result<(), Error> {
    println!("{}", cache.lock().unwrap().len());
    state::SERVED.fetch_add(1, Relaxed);
    Ok(event.payload)
}

#[secure_fn(allow(SH015, reason = "a tool for the terminal"))]
fn helper() {
    println!("x");
}

#[allow(dead_code)]
fn used() {
    helper();
}

fn main() {}
