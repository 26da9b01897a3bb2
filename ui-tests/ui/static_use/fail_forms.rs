use secure_runtime::prelude::*;

use std::sync::{LazyLock, Mutex, OnceLock, atomic::{AtomicU64, Ordering::Relaxed}};

static SERVED: AtomicU64 = AtomicU64::new(0);
static LAST: Mutex<String> = Mutex::new(String::new());
static GREETING: LazyLock<String> = LazyLock::new(|| "hello".to_owned());

struct Own {
    seen: Mutex<u8>,
}

static OWN: Own = Own { seen: Mutex::new(0) };
static ALIAS: &Mutex<String> = &LAST;

mod state {
    pub static KEY: super::OnceLock<String> = super::OnceLock::new();
    pub static IMPORTED: super::AtomicU64 = super::AtomicU64::new(0);
    pub static RENAMED: super::AtomicU64 = super::AtomicU64::new(0);
    pub static GLOBBED: super::AtomicU64 = super::AtomicU64::new(0);
    #[allow(non_upper_case_globals)]
    pub static lower: super::AtomicU64 = super::AtomicU64::new(0);
}

use state::RENAMED as renamed;

thread_local! {
    static DEPTH: u8 = const { 0 };
}

macro_rules! own_macro {
    ($value:expr) => {
        $value
    };
}

#[secure_handler]
async fn by_path(event: LambdaEvent<()>) -> Result<(), Error> {
    SERVED.fetch_add(1, Relaxed);
    *OWN.seen.lock().unwrap() += 1;
    ALIAS.lock().unwrap().clear();
    self::state::KEY.get();
    state::lower.load(Relaxed);
    renamed.load(Relaxed);
    DEPTH.with(|depth| *depth);
    Ok(event.payload)
}

#[secure_handler]
async fn nested(event: LambdaEvent<()>) -> Result<(), Error> {
    let closure = || async { SERVED.load(Relaxed) };
    closure().await;
    fn function() -> usize {
        LAST.lock().unwrap().len()
    }
    match function() {
        1 if GREETING.is_empty() => {}
        _ => {}
    }
    Ok(event.payload)
}

#[secure_handler]
async fn imported(event: LambdaEvent<()>) -> Result<(), Error> {
    {
        use state::IMPORTED;
        IMPORTED.load(Relaxed);
    }
    {
        use state::IMPORTED as other;
        other.load(Relaxed);
    }
    {
        use state::*;
        GLOBBED.load(Relaxed);
    }
    Ok(event.payload)
}

#[secure_handler]
async fn in_macros(event: LambdaEvent<()>) -> Result<serde_json::Value, Error> {
    let _ = event;
    let text = format!("{SERVED:?}");
    let (both, _) = tokio::join!(async { state::KEY.get() }, async { 1 });
    own_macro!(LAST).lock().unwrap().clear();
    tracing::info!(greeting = %*GREETING, "{text} {both:?}");
    Ok(serde_json::json!({ "imported": [{ "deep": state::IMPORTED.load(Relaxed) }] }))
}

#[secure_handler]
async fn guards(event: LambdaEvent<()>) -> Result<(), Error> {
    match event.context.deadline {
        0 if SERVED.load(Relaxed) > 0 => {}
        _ => {}
    }
    Ok(event.payload)
}

macro_rules! select {
    ($($tokens:tt)*) => {};
}

#[secure_handler]
async fn selected(event: LambdaEvent<()>) -> Result<(), Error> {
    select! {
        biased;
        Some(_) = next(), if OWN.seen.is_poisoned() => { SERVED.load(Relaxed); }
        else => LAST.lock().unwrap().clear(),
    }
    Ok(event.payload)
}

macro_rules! keep {
    ($value:ident in $static:ident) => {
        *$static.lock().unwrap() = $value
    };
    (into $static:path: $value:expr) => {
        *$static.lock().unwrap() = $value
    };
}

#[secure_handler]
async fn words(event: LambdaEvent<()>) -> Result<(), Error> {
    let user = String::new();
    keep!(user in LAST);
    keep!(into crate::LAST: String::new());
    Ok(event.payload)
}

#[secure_handler]
async fn constants(event: LambdaEvent<()>) -> Result<(), Error> {
    const LAST_USER: &Mutex<String> = &LAST;
    LAST_USER.lock().unwrap().clear();
    let served = const { &SERVED };
    served.load(Relaxed);
    Ok(event.payload)
}

fn main() {}
