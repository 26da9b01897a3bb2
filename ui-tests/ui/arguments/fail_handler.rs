use secure_runtime::prelude::*;

#[secure_handler(verbose)]
async fn unknown(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

#[secure_handler(crate)]
async fn no_path(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

#[secure_handler(crate = secure_runtime, crate = secure_runtime)]
async fn twice(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

#[secure_handler(crate = 7)]
async fn number(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

#[secure_handler(= !)]
async fn junk(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

fn main() {
    let _ = secure_runtime::run(service_fn(unknown));
}
