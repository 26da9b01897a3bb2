use secure_runtime::prelude::*;

#[secure_handler]
async unsafe fn not_safe(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

#[secure_handler]
async extern "C" fn foreign(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

#[secure_handler]
const fn constant(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(())
}

fn main() {}
