use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[derive(Debug)]
struct Answer<'a> {
    password: Secret<'a, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<Answer<'static>, Error> {
    Ok(Answer { password: event.payload.password })
}

fn main() {}
