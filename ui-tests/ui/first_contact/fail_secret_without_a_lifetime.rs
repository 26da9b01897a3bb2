use secure_runtime::prelude::*;

#[secure_event]
struct Login {
    password: Secret<String>,
}

#[secure_handler]
async fn login(event: LambdaEvent<Login>) -> Result<bool, Error> {
    Ok(event.payload.password.expose(String::is_empty))
}

fn main() {
    let _ = login;
}
