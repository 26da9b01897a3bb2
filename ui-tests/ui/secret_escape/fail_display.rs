use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<(), Error> {
    let text = format!("{}", event.payload.password);
    drop(text);
    Ok(())
}

fn main() {}
