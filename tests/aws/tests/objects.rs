//! Sealed objects, against moto's S3: what is sent, what lies there, and what is made of it when somebody has changed it.

use std::sync::{Arc, Mutex};

use aws_sdk_s3::types::{ChecksumMode, ServerSideEncryption};
use secure_aws_tests::{BUCKET, End, KEY, Repeated, Store, key};
use secure_runtime::s3::{Bucket, ObjectReader, Progress, SealedObject, SealedObjectError, Stored};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

const NAME: &str = "reports/1";
/// A text a part of which doesn't fit into one request.
const LONG: usize = 9 << 20;

async fn put(bucket: &Bucket, text: &[u8]) -> Stored {
    SealedObject::new(bucket, NAME, &key(KEY)).put(text).await.unwrap()
}

async fn get(bucket: &Bucket, name: &str, secret: &str) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    SealedObject::new(bucket, name, &key(secret)).get().await?.read_to_end(&mut text).await?;
    Ok(text)
}

fn is_forged(read: &std::io::Result<Vec<u8>>) -> bool {
    let error = read.as_ref().err().and_then(|error| error.get_ref()?.downcast_ref());
    matches!(error, Some(SealedObjectError::Forged))
}

fn text(len: usize) -> Vec<u8> {
    (0..=250).cycle().take(len).collect()
}

#[tokio::test]
async fn what_was_put_is_got_and_is_gone_when_it_was_deleted() {
    let store = Store::start().await;
    let bucket = store.bucket();
    for len in [0, 1, 65_536, 65_537, LONG] {
        let text = text(len);
        let stored = put(&bucket, &text).await;
        let lies = store.bytes(NAME).await;
        assert_eq!((stored.text, stored.stored), (len as u64, lies.len() as u64));
        assert!(stored.e_tag.is_some());
        assert_eq!(stored.e_tag.unwrap().contains('-'), len == LONG, "of several parts");
        assert!(!lies.windows(8).any(|window| text.starts_with(window)), "in clear");
        assert!(get(&bucket, NAME, KEY).await.unwrap() == text, "{len}");
    }
    let key = key(KEY);
    let object = SealedObject::new(&bucket, NAME, &key);
    object.delete().await.unwrap();
    assert!(matches!(object.get().await, Err(SealedObjectError::NotFound)));
    object.delete().await.unwrap();
}

#[tokio::test]
async fn progress_is_what_was_stored() {
    let store = Store::start().await;
    for (len, calls) in [(0, 1), (100, 1), (LONG, 2)] {
        let seen = Mutex::new(Vec::new());
        let (bucket, key) = (store.bucket(), key(KEY));
        let object = SealedObject::new(&bucket, NAME, &key);
        let object = object.on_progress(|progress| seen.lock().unwrap().push(progress));
        let stored = object.put(&text(len)[..]).await.unwrap();
        let seen: Vec<Progress> = seen.lock().unwrap().clone();
        assert_eq!(seen.len(), calls);
        assert!(seen.is_sorted_by(|a, b| a.text < b.text && a.stored < b.stored), "{seen:?}");
        assert_eq!((seen[calls - 1].text, seen[calls - 1].stored), (stored.text, stored.stored));
    }
}

#[tokio::test]
async fn an_object_is_asked_to_be_encrypted_checked_and_forgotten() {
    let store = Store::start().await;
    let bucket = store.bucket().kms_key("alias/reports").expires_in_days(3);
    for (bucket, kms_key, days) in [(bucket, Some("alias/reports"), "3"), (store.bucket(), None, "7")] {
        for len in [10, LONG] {
            let before = store.requests.seen().len();
            put(&bucket, &text(len)).await;
            let began = &store.requests.seen()[before];
            assert_eq!(began.header("x-amz-server-side-encryption"), Some("aws:kms"), "{len}");
            assert_eq!(began.header("x-amz-server-side-encryption-aws-kms-key-id"), kms_key, "{len}");
            assert_eq!(began.header("x-amz-server-side-encryption-bucket-key-enabled"), Some("true"), "{len}");
            // What is made of it there.
            let head = store.client.head_object().bucket(BUCKET).key(NAME).checksum_mode(ChecksumMode::Enabled);
            let head = head.send().await.unwrap();
            assert_eq!(head.server_side_encryption, Some(ServerSideEncryption::AwsKms), "{len}");
            assert!(kms_key.is_none() || head.ssekms_key_id.as_deref() == kms_key, "{len}");
            assert!(head.checksum_crc32_c.is_some(), "{len}");
            let tags = store.client.get_object_tagging().bucket(BUCKET).key(NAME).send().await.unwrap();
            let tags: Vec<_> = tags.tag_set().iter().map(|tag| (tag.key(), tag.value())).collect();
            assert_eq!(tags, [("expire-after-days", days)], "{len}");
        }
    }
    assert_eq!(store.requests.count("?uploads"), 2);
    let parts = store.requests.seen().into_iter().filter(|request| request.line.contains("partNumber"));
    assert_eq!(parts.filter(|part| part.header("x-amz-checksum-crc32c").is_some()).count(), 4);
}

#[tokio::test]
async fn every_call_names_the_buckets_owner_who_was_expected() {
    let store = Store::start().await;
    let bucket = store.bucket().expected_owner("123456789012").check_encryption();
    let before = store.requests.seen().len();
    store.encrypt_by_default().await;
    put(&bucket, b"in one request").await;
    put(&bucket, &text(LONG)).await;
    get(&bucket, NAME, KEY).await.unwrap();
    let key = key(KEY);
    let object = SealedObject::new(&bucket, NAME, &key);
    object.put(Repeated::new("0123456789", LONG / 10, End::Fails)).await.unwrap_err();
    object.delete().await.unwrap();
    let calls = store.requests.seen().split_off(before + 1);
    let lines: Vec<_> = calls.iter().map(|call| call.line.as_str()).collect();
    for kind in
        ["?encryption", "PutObject", "?uploads", "partNumber=2", "POST", "GetObject", "AbortMulti", "DeleteObject"]
    {
        assert!(lines.iter().any(|line| line.contains(kind)), "{kind}: {lines:#?}");
    }
    for call in &calls {
        assert_eq!(call.header("x-amz-expected-bucket-owner"), Some("123456789012"), "{}", call.line);
    }
}

#[tokio::test]
async fn a_bucket_without_default_encryption_is_refused_when_that_is_checked() {
    let store = Store::start().await;
    let (checked, unchecked, key) = (store.bucket().check_encryption(), store.bucket(), key(KEY));
    store.do_not_encrypt_by_default().await;
    let put = SealedObject::new(&checked, NAME, &key).put(&b"a text"[..]).await;
    assert!(matches!(put, Err(SealedObjectError::NoDefaultEncryption)), "{put:?}");
    assert!(matches!(SealedObject::new(&unchecked, NAME, &key).get().await, Err(SealedObjectError::NotFound)));
    SealedObject::new(&unchecked, NAME, &key).put(&b"a text"[..]).await.unwrap();
    store.encrypt_by_default().await;
    SealedObject::new(&checked, NAME, &key).put(&b"a text"[..]).await.unwrap();
    let elsewhere = Bucket::new(store.client.clone(), "no-such-bucket").check_encryption();
    let put = SealedObject::new(&elsewhere, NAME, &key).put(&b"a text"[..]).await;
    assert!(matches!(put, Err(SealedObjectError::Service(_))), "{put:?}");
}

#[tokio::test]
async fn what_was_changed_in_the_store_is_forged() {
    let store = Store::start().await;
    let bucket = store.bucket();
    let text = text(200_000);
    put(&bucket, &text).await;
    let object = store.bytes(NAME).await;
    let record = 65_536 + 24;
    let flipped = |at: usize| {
        let mut object = object.clone();
        object[at] ^= 1;
        object
    };
    let forgeries = [
        ("emptied", Vec::new()),
        ("cut in the header", object[..20].to_vec()),
        ("cut between chunks", object[..42 + 2 * record].to_vec()),
        ("cut at its end", object[..object.len() - 1].to_vec()),
        ("a bit of the magic", flipped(0)),
        ("a bit of the salt", flipped(10)),
        ("a bit of the text", flipped(42 + record + 100)),
        ("in clear", b"a text".repeat(1000)),
    ];
    for (name, forged) in forgeries {
        store.overwrite(NAME, forged).await;
        let read = get(&bucket, NAME, KEY).await;
        assert!(is_forged(&read), "{name}: {read:?}");
    }
    store.overwrite(NAME, object.clone()).await;
    assert!(get(&bucket, NAME, KEY).await.unwrap() == text, "as it was");
    store.overwrite("reports/2", object).await;
    assert!(is_forged(&get(&bucket, "reports/2", KEY).await), "renamed");
    assert!(is_forged(&get(&bucket, NAME, "another secret of thirty-two bytes").await), "another key");
}

/// Answers one request with an object, and ends the connection after so many bytes of it.
async fn cut_off(object: Vec<u8>, after: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(connection.read_u8().await.unwrap());
        }
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", object.len());
        connection.write_all(head.as_bytes()).await.unwrap();
        connection.write_all(&object[..after]).await.unwrap();
    });
    url
}

#[tokio::test]
async fn a_connection_that_breaks_is_no_end_and_no_forgery() {
    let store = Store::start().await;
    let text = text(200_000);
    put(&store.bucket(), &text).await;
    let url = cut_off(store.bytes(NAME).await, 100_000).await;
    let config = store.moto.config().into_builder().endpoint_url(url).build();
    let (bucket, key) = (Bucket::new(secure_aws_tests::s3(&config), BUCKET), key(KEY));
    let mut reader = SealedObject::new(&bucket, NAME, &key).get().await.unwrap();
    let mut first = vec![0; 65_536];
    reader.read_exact(&mut first).await.unwrap();
    assert!(first == text[..65_536]);
    for _ in 0..2 {
        let error = reader.read(&mut first).await.unwrap_err();
        let error = error.get_ref().and_then(|error| error.downcast_ref());
        assert!(matches!(error, Some(SealedObjectError::Service(_))), "{error:?}");
    }
}

#[tokio::test]
async fn a_short_key_is_refused_before_anything_is_put() {
    let store = Store::start().await;
    let (bucket, key) = (store.bucket(), key("thirty-one bytes, which are few"));
    let put = SealedObject::new(&bucket, NAME, &key).put(&b"a text"[..]).await;
    assert!(matches!(put, Err(SealedObjectError::ShortKey)), "{put:?}");
    assert_eq!(store.requests.count("PutObject"), 0);
}

#[tokio::test]
async fn it_says_nothing_of_itself() {
    let store = Store::start().await;
    let (bucket, key) = (store.bucket().kms_key("alias/reports"), key(KEY));
    let object = SealedObject::new(&bucket, NAME, &key);
    object.put(&b"a text"[..]).await.unwrap();
    let reader: ObjectReader = object.get().await.unwrap();
    let said = format!("{object:?} {reader:?} {bucket:?}");
    assert_eq!(said, "SealedObject([sealed]) ObjectReader([sealed]) Bucket { name: \"sealed\", .. }");
}

#[tokio::test]
async fn its_futures_can_be_sent() {
    let store = Store::start().await;
    let bucket = Arc::new(store.bucket());
    let task = tokio::spawn(async move {
        let key = key(KEY);
        let object = SealedObject::new(&bucket, NAME, &key);
        object.put(&b"a text"[..]).await.unwrap();
        let mut text = String::new();
        object.get().await.unwrap().read_to_string(&mut text).await.unwrap();
        object.delete().await.unwrap();
        text
    });
    assert_eq!(task.await.unwrap(), "a text");
}
