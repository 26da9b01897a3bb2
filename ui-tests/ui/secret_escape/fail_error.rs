use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[derive(Debug, OpaqueError)]
struct Refused<'a>(Secret<'a, String>);

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<(), Refused<'static>> {
    Err(Refused(event.payload.password))
}

fn main() {}
