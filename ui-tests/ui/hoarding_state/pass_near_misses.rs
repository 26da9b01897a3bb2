use secure_runtime::prelude::*;

use std::{
    collections::HashMap,
    fmt::Display,
    sync::{Arc, Mutex, RwLock, atomic::{AtomicBool, AtomicU64}},
};

struct Config {
    table: String,
}

struct Client;

trait Store: Sync {
    fn len(&self) -> usize;
}

impl Store for Client {
    fn len(&self) -> usize {
        0
    }
}

static SERVED: AtomicU64 = AtomicU64::new(0);

#[allow(clippy::too_many_arguments)]
#[secure_handler(allow_static(SERVED, reason = "a number of invocations and nothing of them"))]
async fn handler<T: Display + Sync>(
    event: LambdaEvent<()>,
    table: &str,
    owned: String,
    config: Arc<Config>,
    names: &HashMap<String, String>,
    client: &Client,
    pool: &Mutex<Vec<Client>>,
    clients: &RwLock<HashMap<String, Client>>,
    cold: &AtomicBool,
    hits: &Mutex<u64>,
    store: &dyn Store,
    any: &T,
    shown: impl Display,
    text: Option<&'static str>,
) -> Result<(), Error> {
    let _ = (table, owned, &config.table, names, client, pool, clients, cold, hits, store.len(), any.to_string());
    let _ = (shown.to_string(), text, &SERVED);
    Ok(event.payload)
}

#[secure_handler]
async fn beside_numbers(
    event: LambdaEvent<()>,
    started: &std::sync::Mutex<(u64, std::time::Instant)>,
    (name, count): &(String, std::sync::atomic::AtomicU64),
    pinned: std::pin::Pin<Box<String>>,
) -> Result<(), Error> {
    let _ = (started, name, count, pinned);
    Ok(event.payload)
}

fn main() {}
