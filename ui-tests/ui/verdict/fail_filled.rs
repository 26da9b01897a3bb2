use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<String, Error> {
    let mut stolen = String::new();
    event.payload.password.expose(|p| stolen.push_str(p));
    Ok(stolen)
}

#[secure_handler]
async fn awaits(event: LambdaEvent<Login<'_>>) -> Result<String, Error> {
    let mut stolen = String::new();
    event.payload.password.expose_async(async |p| stolen.push_str(p)).await;
    Ok(stolen)
}

fn main() {}
