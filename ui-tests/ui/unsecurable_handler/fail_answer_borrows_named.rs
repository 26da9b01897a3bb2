use secure_runtime::prelude::*;

#[secure_event]
struct Greeting<'inv> {
    #[public]
    name: &'inv str,
}

#[secure_handler]
async fn handler<'a>(event: LambdaEvent<Greeting<'a>>) -> Result<&'a str, Error> {
    Ok(event.payload.name)
}

fn main() {}
