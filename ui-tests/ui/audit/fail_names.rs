use secure_runtime::prelude::*;

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
    let name = "login_failed";
    secure_runtime::audit!(name, user = "ada");
    secure_runtime::audit!();
    Ok(event.payload)
}

fn main() {}
