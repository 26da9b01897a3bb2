use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<usize, Error> {
    let mut stolen = Vec::new();
    event.payload.password.expose(|p| stolen.push(p.clone()));
    Ok(stolen.len())
}

fn main() {}
