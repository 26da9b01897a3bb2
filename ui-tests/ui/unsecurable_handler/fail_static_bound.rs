use secure_runtime::prelude::*;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[secure_handler]
async fn bound<'a: 'static>(event: LambdaEvent<Login<'a>>) -> Result<(), Error> {
    let _ = event;
    Ok(())
}

#[secure_handler]
async fn required<'a>(event: LambdaEvent<Login<'a>>) -> Result<(), Error>
where
    'a: 'static,
{
    let _ = event;
    Ok(())
}

fn main() {}
