use secure_runtime::prelude::*;

#[secure_handler(http)]
async fn lambda_event(event: LambdaEvent<()>) -> Result<String, Error> {
    drop(event);
    Ok(String::new())
}

#[secure_handler(http)]
async fn lambda_http_request(request: secure_runtime::http::Request) -> Result<String, Error> {
    drop(request);
    Ok(String::new())
}

#[secure_handler(http)]
async fn two(first: HttpRequest<()>, second: HttpRequest<()>) -> Result<String, Error> {
    drop((first, second));
    Ok(String::new())
}

#[secure_handler(http)]
async fn none(db: &str) -> Result<String, Error> {
    Ok(db.to_owned())
}

#[secure_handler]
async fn not_http(request: HttpRequest<()>) -> Result<String, Error> {
    drop(request);
    Ok(String::new())
}

fn main() {}
