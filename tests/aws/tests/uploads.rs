//! Uploads in parts that are interrupted: nothing of them stays.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Waker},
    time::Duration,
};

use secure_aws_tests::{BUCKET, End, KEY, Repeated, Requests, Store, key};
use secure_runtime::s3::{SealedObject, SealedObjectError};
use tokio::sync::Notify;
use tracing::{Event, Metadata, Subscriber, field, span};

const NAME: &str = "reports/1";
const WORD: &str = "0123456789";
/// How often the word comes in a text that takes two parts, with some of a third.
const LONG: usize = (17 << 20) / WORD.len();

/// Puts a text that never ends, and drops that once two parts are there.
async fn interrupted(store: &Store) {
    let (bucket, key, stalled) = (store.bucket(), key(KEY), Notify::new());
    let object = SealedObject::new(&bucket, NAME, &key);
    tokio::select! {
        put = object.put(Repeated::new(WORD, LONG, End::Stalls(&stalled))) => panic!("{put:?}"),
        () = stalled.notified() => {}
    }
    assert_eq!(store.requests.count("partNumber"), 2);
}

#[tokio::test]
async fn a_put_that_is_dropped_leaves_no_parts() {
    let store = Store::start().await;
    interrupted(&store).await;
    assert_eq!(store.requests.count("AbortMultipartUpload"), 0, "the task has not run yet");
    store.wait_until_no_upload_is_left().await;
    assert_eq!(store.requests.count("AbortMultipartUpload"), 1);
}

#[tokio::test]
async fn a_put_that_is_dropped_while_the_upload_begins_leaves_none() {
    let store = Store::start().await;
    let (bucket, key) = (store.bucket(), key(KEY));
    let object = SealedObject::new(&bucket, NAME, &key);
    {
        let mut put = pin!(object.put(Repeated::new(WORD, LONG, End::Ends)));
        assert!(put.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert_eq!(store.requests.count("?uploads"), 0, "its answer can't be there");
    let aborted = async {
        while store.requests.count("AbortMultipartUpload") == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), aborted).await.expect("nobody aborts it");
    assert_eq!(store.requests.count("?uploads"), 1);
    store.wait_until_no_upload_is_left().await;
}

#[tokio::test]
async fn a_source_that_fails_leaves_no_parts() {
    let store = Store::start().await;
    let (bucket, key) = (store.bucket(), key(KEY));
    let object = SealedObject::new(&bucket, NAME, &key);
    let put = object.put(Repeated::new(WORD, LONG, End::Fails)).await;
    let Err(SealedObjectError::Source(error)) = put else { panic!("{put:?}") };
    assert_eq!(error.to_string(), "the source has failed");
    assert_eq!(store.uploads().await, 0, "aborted before the error was given");
    assert_eq!(store.requests.count("partNumber"), 2);
    assert!(matches!(object.get().await, Err(SealedObjectError::NotFound)));
}

#[tokio::test]
async fn a_service_that_fails_is_the_error_also_when_nothing_is_left_to_be_aborted() {
    let store = Store::start().await;
    let (bucket, key) = (store.bucket(), key(KEY));
    let (source, mut sink) = tokio::io::duplex(1 << 20);
    let object = SealedObject::new(&bucket, NAME, &key);
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let (put, ()) = tokio::join!(object.put(source), async {
        let mut text = Repeated::new(WORD, LONG, End::Ends);
        tokio::io::copy(&mut text, &mut sink).await.unwrap();
        // Somebody else aborts it between two parts.
        let uploads = store.client.list_multipart_uploads().bucket(BUCKET).send().await.unwrap();
        let id = uploads.uploads()[0].upload_id().unwrap().to_owned();
        store.client.abort_multipart_upload().bucket(BUCKET).key(NAME).upload_id(id).send().await.unwrap();
        drop(sink);
    });
    assert!(matches!(put, Err(SealedObjectError::Service(_))), "{put:?}");
    assert_eq!(store.requests.count("AbortMultipartUpload"), 1);
    assert_eq!(log.warnings(), Vec::<String>::new());
}

#[tokio::test]
async fn an_upload_that_cannot_be_aborted_is_logged() {
    let store = Store::noting(Requests::stopping("DELETE")).await;
    let (bucket, key) = (store.bucket(), key(KEY));
    let object = SealedObject::new(&bucket, NAME, &key);
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let put = object.put(Repeated::new(WORD, LONG, End::Fails)).await;
    assert!(matches!(put, Err(SealedObjectError::Source(_))), "what was wrong first: {put:?}");
    let warnings = log.warnings();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("AbortIncompleteMultipartUpload") && warnings[0].contains(BUCKET), "{warnings:?}");
    assert_eq!(store.uploads().await, 1, "so it would be seen if it stayed");
}

#[test]
fn an_upload_that_is_dropped_outside_of_a_runtime_is_logged() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(Store::start());
    let (bucket, key, stalled) = (store.bucket(), key(KEY), Notify::new());
    let object = SealedObject::new(&bucket, NAME, &key);
    let mut put = Box::pin(object.put(Repeated::new(WORD, LONG, End::Stalls(&stalled))));
    runtime.block_on(async {
        tokio::select! {
            put = &mut put => panic!("{put:?}"),
            () = stalled.notified() => {}
        }
    });
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    drop(put);
    assert!(log.warnings()[0].contains("no tokio runtime"), "{:?}", log.warnings());
    assert_eq!(runtime.block_on(store.uploads()), 1);
}

/// The warnings of this library.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn warnings(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::WARN && metadata.target().starts_with("secure_runtime")
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = String::new();
        event.record(&mut |field: &field::Field, value: &dyn std::fmt::Debug| {
            line.extend([field.name(), "=", &format!("{value:?} ")]);
        });
        self.0.lock().unwrap().push(line);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
