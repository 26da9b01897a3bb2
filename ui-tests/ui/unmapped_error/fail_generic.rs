use secure_runtime::prelude::*;

#[secure_handler]
async fn handler<E: std::error::Error + Default>(event: LambdaEvent<()>) -> Result<(), E> {
    drop(event);
    Err(E::default())
}

fn main() {}
