//! A function that seals its event's text in a bucket.

use std::sync::Mutex;

use aws_sdk_s3::Client;
use secure_aws_tests::{End, Repeated};
use secure_runtime::{
    prelude::*,
    s3::{Bucket, KmsDataKeys, SealedObject, SealedObjectError},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    sync::Notify,
};

const BUCKET: &str = "sealed";
const OBJECT: &str = "reports/1";

#[secure_event]
struct Event<'inv> {
    #[public]
    mode: String,
    /// How often the text comes.
    #[public]
    times: usize,
    text: Secret<'inv, String>,
    key: Secret<'inv, String>,
}

/// How this function reaches AWS.
struct Clients {
    s3: Client,
    kms: aws_sdk_kms::Client,
}

#[secure_handler]
async fn secured(event: LambdaEvent<Event<'_>>, clients: &Clients) -> Result<String, Error> {
    let Event { mode, times, text, key } = event.payload;
    let bucket = Bucket::new(clients.s3.clone(), BUCKET);
    let object = SealedObject::new(&bucket, OBJECT, &key);
    text.declassify_async("it goes into a bucket", async |text| {
        let ends = || Repeated::new(text, times, End::Ends);
        Ok(match mode.as_str() {
            "round trip" => {
                object.put(ends()).await?;
                compared(object.get().await?, ends()).await?
            }
            "kms" => {
                let keys = KmsDataKeys::new(clients.kms.clone(), "alias/reports");
                let object = SealedObject::new(&bucket, OBJECT, &keys);
                object.put(ends()).await?;
                compared(object.get().await?, ends()).await?
            }
            "stalls" => {
                let told = Notify::new();
                let source = Repeated::new(text, times, End::Stalls(&told));
                tokio::select! {
                    put = object.put(source) => said(put),
                    () = told.notified() => "dropped".to_owned(),
                }
            }
            "fails" => said(object.put(Repeated::new(text, times, End::Fails)).await),
            "half read" => {
                object.put(ends()).await?;
                let mut some = vec![0; 100_000];
                object.get().await?.read_exact(&mut some).await?;
                "half read".to_owned()
            }
            "deletes" => {
                object.put(ends()).await?;
                object.delete().await?;
                said(object.get().await.map(drop))
            }
            "in clear" => {
                let body = text.repeat(times).into_bytes().into();
                clients.s3.put_object().bucket(BUCKET).key("clear").body(body).send().await?;
                "in clear".to_owned()
            }
            "keeps" => {
                keep(text);
                "kept".to_owned()
            }
            other => return Err(format!("no mode {other}").into()),
        })
    })
    .await
}

/// What a function should not do.
static KEPT: Mutex<String> = Mutex::new(String::new());

fn keep(text: &str) {
    KEPT.lock().expect("nobody panics").push_str(text);
}

fn said<T>(result: Result<T, SealedObjectError>) -> String {
    result.map_or_else(|error| error.to_string(), |_| "no error".to_owned())
}

/// Whether two texts are the same, which are never whole in memory.
async fn compared(mut left: impl AsyncRead + Unpin, mut right: impl AsyncRead + Unpin) -> Result<String, Error> {
    let [mut of_left, mut of_right] = [(); 2].map(|()| vec![0; 10_000]);
    loop {
        let read = left.read(&mut of_left).await?;
        if read == 0 {
            return Ok(if right.read(&mut of_right).await? == 0 { "as it was" } else { "too short" }.to_owned());
        }
        if right.read_exact(&mut of_right[..read]).await.is_err() || of_left[..read] != of_right[..read] {
            return Ok("something else".to_owned());
        }
    }
}

#[secure_runtime::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Error> {
    secure_runtime::log::init();
    let config = secure_aws_tests::config().await;
    let clients = Clients { s3: secure_aws_tests::s3(&config), kms: aws_sdk_kms::Client::new(&config) };
    secure_runtime::run(service_fn(|event| secured(event, &clients))).await
}
