use secure_runtime::prelude::*;

#[secure_handler]
#[tracing::instrument(skip_all)]
async fn all(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

#[secure_handler]
#[tracing::instrument(skip(event, state), fields(request_id = event.context.request_id))]
async fn named(event: LambdaEvent<()>, state: &str) -> Result<(), Error> {
    let _ = state;
    Ok(event.payload)
}

#[secure_handler]
#[tracing::instrument]
async fn unnamed(_: LambdaEvent<()>) -> Result<(), Error> {
    Ok(())
}

#[tracing::instrument(skip_all)]
#[secure_handler]
async fn above(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

fn main() {}
