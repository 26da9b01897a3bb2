//! Documented limits of `Secret::expose`: these compile, and they should not be written.

use secure_runtime::prelude::*;
use serde_json::json;
use std::cell::RefCell;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

/// Interior mutability that the closure captures, where SH019 doesn't see it written to.
#[secure_handler]
async fn through_a_cell(event: LambdaEvent<Login<'_>>) -> Result<String, Error> {
    let stolen = RefCell::new(String::new());
    event.payload.password.expose(|p| keep(p, &stolen));
    Ok(stolen.into_inner())
}

fn keep(password: &str, stolen: &RefCell<String>) {
    stolen.borrow_mut().push_str(password);
}

/// A lock that SH004 doesn't see.
#[derive(Default)]
struct Vault(std::sync::Mutex<String>);

/// A helper that copies what it is lent.
#[secure_handler]
async fn through_a_helper(event: LambdaEvent<Login<'_>>, vault: &Vault) -> Result<(), Error> {
    fn check(password: &str, vault: &Vault) -> bool {
        vault.0.lock().unwrap().push_str(password);
        true
    }
    event.payload.password.expose(|p| check(p, vault));
    Ok(())
}

/// A verdict that is asked for bit by bit.
#[secure_handler]
async fn bit_by_bit(event: LambdaEvent<Login<'_>>) -> Result<String, Error> {
    let password = event.payload.password;
    let mut bytes = Vec::new();
    for index in 0.. {
        if password.expose(|p| index >= p.len()) {
            break;
        }
        let bit = |bit: u8| u8::from(password.expose(|p| p.as_bytes()[index] >> bit & 1 == 1)) << bit;
        bytes.push((0..8).map(bit).sum());
    }
    Ok(String::from_utf8(bytes)?)
}

#[tokio::main]
async fn main() {
    let event = || LambdaEvent::new(RawPayload::from(json!({"password": "hunter2"})), Context::default());
    assert_eq!(through_a_cell(event()).await.unwrap(), "hunter2");
    let vault = Vault::default();
    through_a_helper(event(), &vault).await.unwrap();
    assert_eq!(*vault.0.lock().unwrap(), "hunter2");
    assert_eq!(bit_by_bit(event()).await.unwrap(), "hunter2");
}
