use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<(), Error> {
    let text: &str = &event.payload.password;
    let length = (*event.payload.password).len();
    Ok(drop((text, length)))
}

fn main() {}
