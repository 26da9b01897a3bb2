use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<(), Error> {
    let any: Box<dyn std::any::Any> = Box::new(event.payload.password);
    drop(any);
    Ok(())
}

fn main() {}
