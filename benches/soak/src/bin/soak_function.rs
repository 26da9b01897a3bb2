//! A secured function that does with its event's text what the event's `mode` says, and counts how much of its heap is alive.

use std::{
    alloc::System,
    env,
    hint::black_box,
    io::{Read as _, Seek as _},
    time::Duration,
};

use lambda_runtime::FunctionResponse;
use secure_runtime::{
    WipingAlloc,
    prelude::*,
    tmp::{SealedFile, TmpPolicy},
    token::Token,
};
use secure_tests::residue::{self, Answer, Block, blocking, done};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static GLOBAL: WipingAlloc<&StatsAlloc<System>> = WipingAlloc::new(&INSTRUMENTED_SYSTEM);

#[secure_event]
struct Event<'inv> {
    #[public]
    mode: String,
    text: Secret<'inv, String>,
}

#[secure_handler]
async fn soaked(event: LambdaEvent<Event<'_>>) -> Result<Answer, Error> {
    let Event { mode, text } = event.payload;
    match mode.as_str() {
        "secret" => {
            #[secret]
            let reversed =
                text.declassify("made a secret again at once", |text| text.chars().rev().collect::<String>());
            assert!(!text.ct_eq(&reversed));
        }
        "expose_blocking" => assert!(text.expose_blocking(|text| black_box(blocking(text)) != [0; 32]).await),
        "sealed file" => {
            let text = text.declassify("a sealed file takes text", String::clone);
            let text = Validated::check(text, |text| text.is_ascii())?;
            let mut file = SealedFile::create()?;
            file.write_validated(&text)?;
            file.rewind()?;
            let mut read = String::new();
            file.read_to_string(&mut read)?;
            assert!(!read.is_empty());
        }
        "token" => {
            let (token, record) = Token::issue(Duration::from_secs(60));
            assert!(record.verify(token.as_str()));
        }
        "left in tmp" => {
            let text = text.declassify("a careless tool", String::clone);
            careless_tool(&text)?;
        }
        "alive" => return Ok(alive()),
        "keeps" => keep(text.declassify("to see whether it is found", |text| Box::new(Block::of(text)))),
        mode => {
            let text = text.declassify("a careless handler", String::clone);
            return residue::run(mode, text).await;
        }
    }
    Ok(done())
}

/// Writes where no handler may. What it leaves is found and wiped.
fn careless_tool(text: &str) -> std::io::Result<()> {
    std::fs::write(env::temp_dir().join("left"), text)
}

/// What no runtime can help against.
fn keep(copy: Box<Block>) {
    black_box(Box::leak(copy));
}

/// How many bytes of the heap are alive.
fn alive() -> Answer {
    let stats = INSTRUMENTED_SYSTEM.stats();
    let alive = stats.bytes_allocated.saturating_sub(stats.bytes_deallocated);
    FunctionResponse::BufferedResponse(alive.to_string())
}

fn main() -> Result<(), Error> {
    match env::var("RUN")?.as_str() {
        "one thread" => on_one_thread(),
        "concurrent" => on_workers(),
        other => Err(format!("no way to run called {other}").into()),
    }
}

#[secure_runtime::main(allocator = none)]
async fn on_one_thread() -> Result<(), Error> {
    secure_runtime::log::init();
    secure_runtime::tmp::set_policy(TmpPolicy::Wipe);
    secure_runtime::run(service_fn(soaked)).await
}

#[secure_runtime::main(flavor = "multi_thread", worker_threads = 2, allocator = none)]
async fn on_workers() -> Result<(), Error> {
    secure_runtime::log::init();
    secure_runtime::run_concurrent(service_fn(soaked)).await
}
