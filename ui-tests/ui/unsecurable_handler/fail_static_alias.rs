use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

type Forever = Login<'static>;

#[secure_handler]
async fn handler(event: LambdaEvent<Forever>) -> Result<bool, Error> {
    Ok(event.payload.password.expose(|password| password.is_empty()))
}

fn main() {}
