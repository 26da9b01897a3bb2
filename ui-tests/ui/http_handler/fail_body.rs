use secure_runtime::prelude::*;

#[derive(serde::Deserialize)]
struct Login {
    password: String,
}

#[secure_handler(http)]
async fn handler(request: HttpRequest<Login>) -> Result<String, Error> {
    Ok(request.body.password)
}

fn main() {}
