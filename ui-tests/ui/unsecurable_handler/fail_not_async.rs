use secure_runtime::prelude::*;

#[secure_handler]
fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

// No echo where it is used.
fn main() {
    let _ = secure_runtime::run(service_fn(handler));
}
