use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<(), Error> {
    #[secret]
    let key = String::from("key");
    tokio::spawn(async move { key.expose(|key| key.is_empty()) });
    drop(event);
    Ok(())
}

fn main() {}
