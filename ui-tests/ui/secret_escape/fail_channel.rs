use std::sync::mpsc::Sender;
use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>, sender: &Sender<Secret<'static, String>>) -> Result<(), Error> {
    sender.send(event.payload.password)?;
    Ok(())
}

fn main() {}
