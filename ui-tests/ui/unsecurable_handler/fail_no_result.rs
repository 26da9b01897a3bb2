use secure_runtime::prelude::*;

#[secure_handler]
async fn handler(event: LambdaEvent<()>) {
    drop(event);
}

fn main() {}
