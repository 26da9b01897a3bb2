use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    #[public]
    user: String,
    password: String,
}

#[secure_handler]
async fn login(event: LambdaEvent<Login<'_>>) -> Result<usize, Error> {
    let Login { user, password } = event.payload;
    Ok(user.len() + password.len())
}

fn main() {
    let _ = login;
}
