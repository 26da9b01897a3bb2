use secure_runtime::prelude::*;

struct Db;

#[secure_handler]
async fn handler(db: &Db, table: &str) -> Result<(), Error> {
    Ok(())
}

fn main() {}
