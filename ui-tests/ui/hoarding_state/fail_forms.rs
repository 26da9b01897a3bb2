use secure_runtime::prelude::*;

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, LazyLock, Mutex, OnceLock, RwLock},
};

static JWT_SECRET: LazyLock<String> = LazyLock::new(String::new);
static API_KEY: OnceLock<String> = OnceLock::new();

#[secure_handler]
async fn parameters(
    event: LambdaEvent<()>,
    text: &Mutex<String>,
    bytes: Arc<RwLock<Vec<u8>>>,
    value: &RefCell<serde_json::Value>,
    maps: (&Mutex<HashMap<u64, String>>, u8),
    counted: &Arc<RwLock<BTreeMap<String, u64>>>,
    set: &RwLock<HashSet<String>>,
    later: &OnceCell<String>,
    behind: Option<Box<Arc<Mutex<Option<String>>>>>,
    tokio_lock: &tokio::sync::Mutex<Vec<String>>,
    tokio_once: &tokio::sync::OnceCell<String>,
    many: &[Mutex<String>],
    one: &Cell<Option<Box<str>>>,
) -> Result<(), Error> {
    let _ = (text, bytes, value, maps, counted, set, later, behind, tokio_lock, tokio_once, many, one);
    Ok(event.payload)
}

#[secure_handler(
    allow_static(JWT_SECRET, reason = "it is the same for all of them"),
    allow_static(API_KEY, reason = "it is the same for all of them"),
)]
async fn statics(event: LambdaEvent<()>) -> Result<bool, Error> {
    let _ = event;
    Ok(JWT_SECRET.is_empty() && API_KEY.get().is_none())
}

#[secure_fn(allow_static(API_KEY, reason = "it is the same for all of them"))]
fn helper() -> bool {
    API_KEY.get().is_none()
}

#[secure_handler]
async fn beside(event: LambdaEvent<()>, kept: &std::sync::Mutex<Option<(std::time::Instant, String)>>) -> Result<(), Error> {
    let _ = kept;
    Ok(event.payload)
}

#[secure_handler]
async fn parts(event: LambdaEvent<()>, (_, kept): &(u8, std::sync::Arc<std::sync::Mutex<String>>)) -> Result<(), Error> {
    let _ = kept;
    Ok(event.payload)
}

#[secure_handler]
async fn numbers(
    event: LambdaEvent<()>,
    kept: &std::sync::RwLock<std::collections::HashMap<String, Vec<u64>>>,
) -> Result<(), Error> {
    let _ = kept;
    Ok(event.payload)
}

#[secure_handler]
async fn pointers(
    event: LambdaEvent<()>,
    pinned: std::pin::Pin<Box<std::sync::Mutex<String>>>,
    weak: std::sync::Weak<std::sync::Mutex<String>>,
) -> Result<(), Error> {
    let _ = (pinned, weak);
    Ok(event.payload)
}

fn main() {}
