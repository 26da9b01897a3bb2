use std::sync::Mutex;
use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

static KEPT: Mutex<Option<Secret<'static, String>>> = Mutex::new(None);

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<(), Error> {
    *KEPT.lock().unwrap() = Some(event.payload.password);
    Ok(())
}

fn main() {}
