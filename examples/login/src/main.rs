//! The function's process.

use login::{db::Db, handler::login};
use secure_runtime::prelude::*;

#[secure_runtime::main]
async fn main() -> Result<(), secure_runtime::Error> {
    secure_runtime::log::init();
    let db = Db::connect()?;
    secure_runtime::run(service_fn(|event| login(event, &db))).await
}
