use secure_runtime::prelude::*;

#[derive(Debug, thiserror::Error)]
enum LoginError {
    #[error("no such user {0}")]
    UnknownUser(String),
}

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<(), LoginError> {
    Err(LoginError::UnknownUser(event.context.request_id))
}

fn main() {
    let _ = secure_runtime::run(service_fn(handler));
}
