use secure_runtime::prelude::*;

use tracing::instrument;

#[secure_handler]
#[tracing::instrument]
async fn bare(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

#[secure_handler]
#[instrument(skip(state), fields(id = 7))]
async fn other_skipped(event: LambdaEvent<()>, state: &str) -> Result<(), Error> {
    let _ = state;
    Ok(event.payload)
}

#[secure_handler]
#[tracing::instrument(level = "debug", err(Debug))]
async fn levelled(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

#[secure_handler]
#[tracing::instrument(skip(payload))]
async fn destructured(LambdaEvent { payload, context, .. }: LambdaEvent<()>) -> Result<(), Error> {
    let _ = context;
    Ok(payload)
}

#[tracing::instrument]
#[secure_handler]
async fn above(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

fn main() {}
