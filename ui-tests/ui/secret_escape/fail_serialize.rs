use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<(), Error> {
    let json = serde_json::to_string(&event.payload.password)?;
    drop(json);
    Ok(())
}

fn main() {}
