use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<(), Error> {
    let mut seen = std::collections::HashSet::new();
    seen.insert(event.payload.password);
    Ok(())
}

fn main() {}
