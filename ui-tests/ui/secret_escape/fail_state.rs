use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>, cache: &tokio::sync::Mutex<Vec<Secret<'static, String>>>) -> Result<(), Error> {
    cache.lock().await.push(event.payload.password);
    Ok(())
}

fn main() {}
