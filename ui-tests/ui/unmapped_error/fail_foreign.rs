use secure_runtime::prelude::*;

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<u32, std::num::ParseIntError> {
    event.context.request_id.parse()
}

fn main() {}
