use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn login(event: LambdaEvent<Login<'_>>) -> Result<bool, Error> {
    Ok(event.payload.password == "walrus")
}

fn main() {
    let _ = login;
}
