//! Data keys of KMS, against moto's.

use aws_sdk_kms::Client;
use secure_aws_tests::Store;
use secure_runtime::s3::{DataKeys as _, KmsDataKeys, SealedObject, SealedObjectError};
use tokio::io::AsyncReadExt as _;

const NAME: &str = "reports/1";

/// A key of KMS, by its id.
async fn kms_key(client: &Client) -> String {
    client.create_key().send().await.unwrap().key_metadata.unwrap().key_id
}

#[tokio::test]
async fn what_was_put_is_got_with_the_key_of_kms() {
    let store = Store::start().await;
    let client = Client::new(&store.moto.config());
    let keys = KmsDataKeys::new(client.clone(), kms_key(&client).await);
    let bucket = store.bucket();
    let object = SealedObject::new(&bucket, NAME, &keys);
    object.put(&b"a text"[..]).await.unwrap();
    let mut text = String::new();
    object.get().await.unwrap().read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "a text");

    store.overwrite("reports/2", store.bytes(NAME).await).await;
    let renamed = SealedObject::new(&bucket, "reports/2", &keys).get().await;
    assert!(matches!(renamed, Err(SealedObjectError::Forged)), "{renamed:?}");
}

#[tokio::test]
async fn a_data_key_is_of_one_object_and_one_key() {
    let store = Store::start().await;
    let client = Client::new(&store.moto.config());
    let keys = KmsDataKeys::new(client.clone(), kms_key(&client).await);
    let made = keys.generate(NAME).await.unwrap();
    assert!(keys.unwrap(NAME, &made.wrapped).await.is_ok());
    let other_object = keys.unwrap("reports/2", &made.wrapped).await;
    assert!(matches!(other_object, Err(SealedObjectError::Forged)), "{other_object:?}");
    let mut forged = made.wrapped.clone();
    *forged.last_mut().unwrap() ^= 1;
    let forged = keys.unwrap(NAME, &forged).await;
    assert!(matches!(forged, Err(SealedObjectError::Forged)), "{forged:?}");
    let again = keys.generate(NAME).await.unwrap();
    assert_ne!(again.wrapped, made.wrapped);
}

#[tokio::test]
async fn a_key_that_is_not_there_is_an_error_of_the_key_service() {
    let store = Store::start().await;
    let bucket = store.bucket();
    let keys = KmsDataKeys::new(Client::new(&store.moto.config()), "11111111-2222-3333-4444-555555555555");
    let put = SealedObject::new(&bucket, NAME, &keys).put(&b"a text"[..]).await;
    let Err(SealedObjectError::KeyService(error)) = put else { panic!("{put:?}") };
    assert!(error.to_string().contains("NotFound"), "{error}");
    assert_eq!(store.requests.seen().len(), 0, "nothing was asked of S3");
    assert_eq!(format!("{keys:?}"), "KmsDataKeys([redacted])");
}
