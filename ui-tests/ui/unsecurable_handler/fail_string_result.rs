use secure_runtime::prelude::*;

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> String {
    event.context.request_id
}

fn main() {}
