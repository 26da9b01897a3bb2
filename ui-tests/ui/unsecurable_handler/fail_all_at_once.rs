use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler(verbose)]
unsafe fn handler(event: LambdaEvent<Login<'static>>, again: LambdaEvent<Login<'_>>) {
    drop((event, again));
}

#[secure_runtime::main]
async fn main() -> Result<(), Error> {
    secure_runtime::run(service_fn(handler)).await
}
