//! A function that puts its event's text into temporary files. `RUN` says which loop, `POLICY` what becomes of what is left.

use std::{
    env, fs,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::PathBuf,
    sync::Mutex,
    time::Duration,
};

use secure_runtime::{
    prelude::*,
    tmp::{self, AsyncSealedFile, SealedFile, TmpPolicy},
};
use tokio::{io::AsyncReadExt as _, time::sleep};

#[secure_event]
struct Event<'inv> {
    #[public]
    mode: String,
    /// How often the text is written.
    #[public]
    times: usize,
    text: Secret<'inv, String>,
}

#[secure_handler]
async fn secured(event: LambdaEvent<Event<'_>>) -> Result<String, Error> {
    let Event { mode, times, text } = event.payload;
    let text = text.declassify("it goes into a file", String::clone);
    run(&mode, times, text).await
}

/// A file that somebody has kept beyond its invocation.
static KEPT: Mutex<Option<SealedFile>> = Mutex::new(None);

async fn run(mode: &str, times: usize, text: String) -> Result<String, Error> {
    match mode {
        "sealed" => {
            let mut file = SealedFile::create()?;
            for piece in pieces(&text, times) {
                file.write_validated(&Validated::check(piece, |piece| piece.is_ascii())?)?;
            }
            until_looked_at().await?;
            read_all(&mut file, &text, times)
        }
        "async" => {
            let mut file = AsyncSealedFile::create().await?;
            for piece in pieces(&text, times) {
                file.write_validated(&Validated::check(piece, |piece| piece.is_ascii())?).await?;
            }
            until_looked_at().await?;
            let mut read = String::new();
            file.read_to_string(&mut read).await?;
            Ok(compared(&read, &text, times))
        }
        "plain" => {
            let path = env::temp_dir().join("plain");
            let mut file = fs::File::options().create_new(true).read(true).append(true).open(&path)?;
            fs::remove_file(&path)?;
            io::Write::write_all(&mut file, text.repeat(times).as_bytes())?;
            until_looked_at().await?;
            Ok("as it was".to_owned())
        }
        "tampered" => {
            let mut file = SealedFile::create()?;
            file.write_validated(&Validated::check(text.repeat(times), |_| true)?)?;
            // Whoever tampers with it does so now.
            until_looked_at().await?;
            match file.read_to_end(&mut Vec::new()) {
                Ok(_) => Ok("not noticed".to_owned()),
                Err(error) => Ok(error.to_string()),
            }
        }
        "keeps" => {
            let mut file = SealedFile::create()?;
            file.write_validated(&Validated::check(text.repeat(times), |_| true)?)?;
            file.read_exact(&mut [0; 100])?;
            *KEPT.lock().expect("nobody panics") = Some(file);
            Ok("kept".to_owned())
        }
        "reads what was kept" => {
            let mut kept = KEPT.lock().expect("nobody panics");
            let file = kept.as_mut().ok_or("nothing was kept")?;
            file.rewind()?;
            let read = file.read(&mut [0; 100]);
            Ok(read.map_or_else(|error| error.to_string(), |_| "readable".to_owned()))
        }
        "fills" => {
            let mut file = SealedFile::create()?;
            let piece = Validated::check(text.repeat(times), |_| true)?;
            for pieces in 0.. {
                if let Err(error) = file.write_validated(&piece) {
                    let whole = read_all(&mut file, piece.get(), pieces)?;
                    return Ok(format!("{:?} after some pieces: {}, {whole}", error.kind(), pieces > 0));
                }
            }
            unreachable!("a limit is set");
        }
        "leaves" => {
            let directory = env::temp_dir().join("directory");
            fs::create_dir_all(&directory)?;
            fs::write(directory.join("inner"), &text)?;
            fs::write(env::temp_dir().join(format!("left-{text}")), &text)?;
            Ok("left".to_owned())
        }
        "uses its own" => {
            let path = env::temp_dir().join("own");
            fs::write(&path, &text)?;
            until_looked_at().await?;
            let read = fs::read_to_string(&path)?;
            fs::remove_file(&path)?;
            Ok(compared(&read, &text, 1))
        }
        "for ever" => loop {
            let mut file = SealedFile::create()?;
            file.write_validated(&Validated::check(text.repeat(times), |_| true)?)?;
            sleep(Duration::from_micros(100)).await;
        },
        "ping" => Ok("pong".to_owned()),
        other => Err(format!("no mode {other}").into()),
    }
}

/// A text so many times, in ten pieces if it is often.
fn pieces(text: &str, times: usize) -> Vec<String> {
    let pieces = times.min(10);
    vec![text.repeat(times / pieces); pieces]
}

fn read_all(file: &mut SealedFile, text: &str, times: usize) -> Result<String, Error> {
    file.seek(SeekFrom::Start(0))?;
    let mut read = String::new();
    file.read_to_string(&mut read)?;
    Ok(compared(&read, text, times))
}

fn compared(read: &str, text: &str, times: usize) -> String {
    if read == text.repeat(times) { "as it was" } else { "something else" }.to_owned()
}

/// Says that there is something to be looked at, and waits until that was done.
async fn until_looked_at() -> Result<(), Error> {
    let control = PathBuf::from(env::var("CONTROL")?);
    fs::write(control.join("ready"), "")?;
    while !control.join("go").exists() {
        sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

#[secure_runtime::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Error> {
    secure_runtime::log::init();
    match env::var("POLICY").as_deref() {
        Ok("wipe") => tmp::set_policy(TmpPolicy::Wipe),
        Ok("ignore") => tmp::set_policy(TmpPolicy::Ignore),
        _ => {}
    }
    if env::var("RUN").as_deref() == Ok("concurrent") {
        secure_runtime::run_concurrent(service_fn(secured)).await
    } else {
        secure_runtime::run(service_fn(secured)).await
    }
}
