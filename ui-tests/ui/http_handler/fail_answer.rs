use secure_runtime::prelude::*;

struct Session {
    id: u64,
}

#[secure_handler(http)]
async fn handler(request: HttpRequest<()>) -> Result<Session, Error> {
    drop(request);
    Ok(Session { id: 7 })
}

type Answer<T> = Result<T, Error>;

#[secure_handler(http)]
async fn behind_an_alias(request: HttpRequest<()>) -> Answer<u64> {
    drop(request);
    Ok(Session { id: 7 }.id)
}

fn main() {}
