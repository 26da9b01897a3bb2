//! What a plain handler must not do, one for HTTP requests must not either.

use std::sync::{Mutex, OnceLock, atomic::AtomicU64};

use secure_runtime::prelude::*;

static CACHE: OnceLock<String> = OnceLock::new();

#[secure_event]
#[derive(Debug)]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[tracing::instrument]
#[secure_handler(http, allow(SH013, reason = "nothing is leaked here, so it is needless"))]
async fn handler(request: HttpRequest<Login<'_>>, state: &Mutex<String>) -> Result<String, Error> {
    static SEEN: AtomicU64 = AtomicU64::new(0);
    println!("{:?} {SEEN:?} {:?}", request.body, CACHE.get());
    let mut seen = Vec::new();
    request.body.password.expose(|password| seen.push(password.len()));
    let text = request.body.password.declassify("short", Clone::clone);
    let key = "AKIAIOSFODNN7EXAMPLE";
    let secret = std::env::var("API_SECRET")?;
    let random = fastrand::u64(..);
    std::fs::write("/tmp/x", &text)?;
    unsafe { std::env::set_var("A", "B") };
    match text.parse::<u8>() {
        Ok(_) => Ok(format!("{key}{secret}{random}")),
        Err(error) => Ok(error.to_string()),
    }
}

fn main() {}
