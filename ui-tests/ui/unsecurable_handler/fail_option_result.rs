use secure_runtime::prelude::*;

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Option<String> {
    Some(event.context.request_id)
}

fn main() {}
