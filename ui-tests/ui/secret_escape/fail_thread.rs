use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<(), Error> {
    let password = event.payload.password;
    std::thread::spawn(move || password.expose(|password| password.is_empty()));
    Ok(())
}

fn main() {}
