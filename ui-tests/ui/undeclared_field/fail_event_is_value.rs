use secure_runtime::prelude::*;

#[secure_handler]
async fn handler(event: LambdaEvent<serde_json::Value>) -> Result<String, Error> {
    Ok(event.payload.to_string())
}

fn main() {
    let _ = secure_runtime::run(service_fn(handler));
}
