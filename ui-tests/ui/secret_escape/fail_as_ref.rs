use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<(), Error> {
    let bytes: &[u8] = event.payload.password.as_ref();
    Ok(drop(bytes))
}

fn main() {}
