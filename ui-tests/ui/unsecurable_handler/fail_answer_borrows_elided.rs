use secure_runtime::prelude::*;

#[secure_event]
struct Greeting<'inv> {
    #[public]
    name: &'inv str,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Greeting<'_>>) -> Result<&str, Error> {
    Ok(event.payload.name)
}

fn main() {}
