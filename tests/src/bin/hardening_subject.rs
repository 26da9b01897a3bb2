//! A function that is closed to others of its user or, where `MAIN` says so, left open. It does what a closed process may have
//! lost the right to.

use std::{
    env, fs,
    os::fd::{AsFd as _, AsRawFd as _},
    process::{self, Command, Output},
    sync::Mutex,
};

use secure_runtime::{
    prelude::*,
    tmp::{PlaintextFd, SealedFile},
};

#[secure_event]
struct Event<'inv> {
    #[public]
    mode: String,
    text: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Event<'_>>) -> Result<String, Error> {
    let Event { mode, text } = event.payload;
    run(&mode, text.declassify("it is handed to tools", String::clone))
}

fn run(mode: &str, text: String) -> Result<String, Error> {
    if mode == "leaves a file" {
        fs::write(env::temp_dir().join("left"), &text)?;
        return Ok(text);
    }
    if mode == "kept" {
        keep(&text);
        return Ok(text);
    }
    let mut file = SealedFile::create()?;
    file.write_validated(&Validated::check(text, |text| text.len() < 100)?)?;
    let plaintext = file.as_plaintext_fd()?;
    let number = plaintext.as_fd().as_raw_fd();
    let own = format!("/proc/self/fd/{number}");
    match mode {
        "standard input" => read_by(Command::new("cat").stdin(plaintext).output()?),
        "a path of standard input" => read_by(Command::new("cat").arg("/proc/self/fd/0").stdin(plaintext).output()?),
        "a path here" => Ok(fs::read_to_string(own)?),
        "a path of the process" => read_by(cat(&format!("/proc/{}/fd/{number}", process::id()))?),
        "not inherited" => read_by(cat(&own)?),
        "inherited" => {
            let _open: PlaintextFd = plaintext.inheritable()?;
            read_by(cat(&own)?)
        }
        other => Err(format!("no mode {other}").into()),
    }
}

/// What a test finds when it looks.
fn keep(text: &str) {
    static KEPT: Mutex<String> = Mutex::new(String::new());
    text.clone_into(&mut KEPT.lock().expect("nobody panics"));
}

fn cat(path: &str) -> Result<Output, Error> {
    Ok(Command::new("cat").arg(path).output()?)
}

fn read_by(output: Output) -> Result<String, Error> {
    if output.status.success() { Ok(String::from_utf8(output.stdout)?) } else { Ok("not readable".to_owned()) }
}

#[secure_runtime::main]
async fn closed() -> Result<(), Error> {
    serve().await
}

#[secure_runtime::main(harden = false, allocator = none)]
async fn open() -> Result<(), Error> {
    serve().await
}

async fn serve() -> Result<(), Error> {
    secure_runtime::log::init();
    secure_runtime::run(service_fn(handler)).await
}

fn main() -> Result<(), Error> {
    if env::var("MAIN").as_deref() == Ok("open") { open() } else { closed() }
}
