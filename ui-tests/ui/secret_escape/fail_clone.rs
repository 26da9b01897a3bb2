use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<(), Error> {
    let copy = event.payload.password.clone();
    drop(copy);
    Ok(())
}

fn main() {}
