//! What the messages of this folder's programs lead to: the page `docs/messages.md` says it in words.

use secure_runtime::prelude::*;

struct Db;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn login(event: LambdaEvent<Login<'_>>, _db: &Db) -> Result<bool, Error> {
    let password = event.payload.password;
    #[secret]
    let expected = String::from_utf8(vec![b'x'; 20])?;
    Ok(password.ct_eq(&expected) || password.expose(|password| password == &"y".repeat(20)))
}

fn main() {
    let db = Db;
    let _ = service_fn(|event| login(event, &db));
}
