//! A function as one would write it without protection, which does on demand all that goes wrong: the
//! positive control of this crate's tests.

use std::{
    env, fs,
    hint::black_box,
    io::{Read as _, Write as _},
    net::TcpStream,
    process,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use lambda_runtime::{Error, LambdaEvent, run_concurrent, service_fn};
use serde_json::{Value, json};

/// The last event: what survives a warm start.
static LAST: Mutex<Option<Value>> = Mutex::new(None);
static ENCODED: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// In `.data`, because it isn't all zeros.
static DATA: Mutex<[u8; 64]> = Mutex::new([1; 64]);
static MET: AtomicUsize = AtomicUsize::new(0);

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let LambdaEvent { payload, context } = event;
    let data = payload["data"].as_str().unwrap_or_default().to_owned();
    let task = payload["do"].as_str().unwrap_or("answer").to_owned();
    let last = LAST.lock().unwrap().replace(payload);
    match task.as_str() {
        "error" => return Err(data.into()),
        "panic" => panic!("{data}"),
        "abort" => process::abort(),
        "exit" => process::exit(data.parse()?),
        "hang" => loop {
            tokio::time::sleep(Duration::from_secs(60)).await;
        },
        "exit later" => later(|| process::exit(0)),
        "log" => {
            println!("out: {data}");
            eprintln!("err: {data}");
        }
        "log later" => later(|| println!("late")),
        "spin" => drop(thread::spawn(|| {
            let started = Instant::now();
            while started.elapsed() < Duration::from_millis(300) {}
            println!("spun");
        })),
        // Answers when as many events as `data` says are here together.
        "meet" => {
            MET.fetch_add(1, Ordering::SeqCst);
            while MET.load(Ordering::SeqCst) < data.parse()? {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        "base64" => ENCODED.lock().unwrap().push(BASE64_STANDARD.encode(format!("x{data}"))),
        "trace" => return Ok(json!(context.xray_trace_id)),
        "capitals" => ENCODED.lock().unwrap().push(data.to_uppercase()),
        "last" => return Ok(last.unwrap_or_default()),
        "hex" => {
            let hex = data
                .bytes()
                .flat_map(|b| [b >> 4, b & 15])
                .map(|nibble| char::from(b"0123456789ABCDEF"[usize::from(nibble)]));
            ENCODED.lock().unwrap().push(hex.collect());
        }
        "file" => {
            fs::write(env::temp_dir().join("kept"), &data)?;
            fs::create_dir(env::temp_dir().join(&data))?;
        }
        "deep" => deep(&data, 500),
        "deep in a thread" => sleeper(&data, |data| deep(data, 64)),
        "register" => sleeper(&data, in_registers),
        "data" => DATA.lock().unwrap()[..data.len()].copy_from_slice(data.as_bytes()),
        "env" => return Ok(env::vars().collect()),
        "deadline" => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
            let left = u128::from(context.deadline).saturating_sub(now.as_millis());
            return Ok(json!(u64::try_from(left)?));
        }
        _ => {}
    }
    Ok(json!({"echo": data, "id": context.request_id}))
}

fn later(f: impl FnOnce() + Send + 'static) {
    thread::spawn(|| {
        thread::sleep(Duration::from_millis(100));
        f();
    });
}

/// Leaves a copy of `data` in each of many frames of the stack.
#[inline(never)]
fn deep(data: &str, frames: usize) {
    let mut frame = [0; 200];
    frame[..data.len()].copy_from_slice(data.as_bytes());
    black_box(&frame);
    if frames > 0 {
        deep(data, frames - 1);
    }
    black_box(&frame);
}

/// Copies 32 bytes, for which the compiler takes vector registers, and does nothing afterwards that would need any.
fn in_registers(data: &str) {
    let bytes: [u8; 32] = data.as_bytes().try_into().unwrap();
    black_box(bytes);
    thread::sleep(Duration::from_secs(3600));
}

/// A thread that does something, and sleeps for as long as it is looked at.
fn sleeper(data: &str, f: impl FnOnce(&str) + Send + 'static) {
    let (data, (done, wait)) = (data.to_owned(), mpsc::channel());
    let thread = thread::Builder::new().name("sleeper".to_owned()).spawn(move || {
        done.send(()).unwrap();
        f(&data);
        thread::sleep(Duration::from_secs(3600));
    });
    drop(thread);
    wait.recv().unwrap();
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    match env::args().nth(1).as_deref() {
        Some("--fail") => return Err("no database".into()),
        Some("--report") => {
            let mut api = TcpStream::connect(env::var("AWS_LAMBDA_RUNTIME_API")?)?;
            let body = r#"{"errorType":"NoDatabase"}"#;
            let head = "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nhost: api\r\nconnection: close";
            write!(api, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
            api.read_to_end(&mut Vec::new())?;
            process::exit(3);
        }
        _ => {}
    }
    println!("ready");
    run_concurrent(service_fn(handle)).await
}
