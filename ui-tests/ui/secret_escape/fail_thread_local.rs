use std::cell::RefCell;
use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

thread_local! {
    static KEPT: RefCell<Option<Secret<'static, String>>> = const { RefCell::new(None) };
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<(), Error> {
    KEPT.with(|kept| *kept.borrow_mut() = Some(event.payload.password));
    Ok(())
}

fn main() {}
