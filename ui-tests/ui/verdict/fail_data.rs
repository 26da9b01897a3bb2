use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

enum Kind {
    Long,
    Short,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<(), Error> {
    let password = event.payload.password;
    password.expose(|p| p.clone());
    password.expose(|p| p.len());
    password.expose(|p| p.as_bytes().to_vec());
    password.expose(|p| Some(p.chars().next()));
    password.expose(|p| if p.is_empty() { Err(p.clone()) } else { Ok(()) });
    password.expose(|p| if p.len() > 7 { Kind::Long } else { Kind::Short });
    password.expose_async(async |p| p.clone()).await;
    password.expose_blocking(|p| p.len()).await;
    Ok(())
}

fn main() {}
