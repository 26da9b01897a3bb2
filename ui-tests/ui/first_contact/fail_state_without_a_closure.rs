use secure_runtime::prelude::*;

struct Db;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn login(event: LambdaEvent<Login<'_>>, _db: &Db) -> Result<bool, Error> {
    Ok(event.payload.password.expose(String::is_empty))
}

#[secure_runtime::main]
async fn main() -> Result<(), Error> {
    secure_runtime::run(service_fn(login)).await
}
