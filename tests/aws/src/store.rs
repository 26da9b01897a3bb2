//! A bucket of a test's own, seen from the other side.
#![allow(clippy::missing_panics_doc, reason = "a test that has no server fails")]

use std::time::Duration;

use aws_sdk_s3::{
    Client,
    types::{
        BucketLocationConstraint, CreateBucketConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
        ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
    },
};
use secure_moto::Moto;
use secure_runtime::{Secret, s3::Bucket};
use serde::Deserialize as _;

use crate::Requests;

/// Its name.
pub const BUCKET: &str = "sealed";
/// Long enough for a key.
pub const KEY: &str = "a secret of thirty-two bytes, or more";

/// When a test is given up that waits for what never comes.
const LIMIT: Duration = Duration::from_secs(60);

/// A server with one bucket.
pub struct Store {
    /// The server.
    pub moto: Moto,
    /// Asks it what lies there.
    pub client: Client,
    /// What a [`bucket`](Self::bucket)'s client sends.
    pub requests: Requests,
}

/// A secret, as an event brings it.
///
/// # Panics
/// Never: it is a text.
#[must_use]
pub fn key(text: &str) -> Secret<'static, String> {
    Secret::deserialize(serde_json::Value::from(text)).expect("it is a text")
}

impl Store {
    /// Starts it.
    ///
    /// # Panics
    /// When it can't be started. Everything else here panics when it can't be done, too.
    pub async fn start() -> Self {
        Self::noting(Requests::default()).await
    }

    /// Starts one whose buckets' client has its requests noted, or stopped.
    pub async fn noting(requests: Requests) -> Self {
        let moto = tokio::task::spawn_blocking(Moto::start).await.expect("moto starts");
        let client = crate::s3(&moto.config());
        let place = BucketLocationConstraint::EuCentral1;
        let place = CreateBucketConfiguration::builder().location_constraint(place).build();
        client
            .create_bucket()
            .bucket(BUCKET)
            .create_bucket_configuration(place)
            .send()
            .await
            .expect("a bucket is made");
        Self { moto, client, requests }
    }

    /// As a function sees it.
    #[must_use]
    pub fn bucket(&self) -> Bucket {
        let config = aws_sdk_s3::config::Builder::from(&self.moto.config());
        let config = config.force_path_style(true).interceptor(self.requests.clone()).build();
        Bucket::new(Client::from_conf(config), BUCKET)
    }

    /// An object, as it lies there.
    pub async fn bytes(&self, name: &str) -> Vec<u8> {
        let object = self.client.get_object().bucket(BUCKET).key(name).send().await.expect("the object is there");
        object.body.collect().await.expect("it can be read").to_vec()
    }

    /// Puts something else in an object's place.
    pub async fn overwrite(&self, name: &str, bytes: Vec<u8>) {
        let put = self.client.put_object().bucket(BUCKET).key(name).body(bytes.into());
        put.send().await.expect("it can be put");
    }

    /// How many uploads have neither been completed nor aborted.
    pub async fn uploads(&self) -> usize {
        let uploads = self.client.list_multipart_uploads().bucket(BUCKET).send().await.expect("they are listed");
        uploads.uploads().len()
    }

    /// Waits until none is left: an upload that was dropped is aborted by a task.
    pub async fn wait_until_no_upload_is_left(&self) {
        let none_left = async {
            while self.uploads().await > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(LIMIT, none_left).await.expect("the upload stays");
    }

    /// As every bucket of AWS is.
    pub async fn encrypt_by_default(&self) {
        let default = ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::Aes256);
        let default = default.build().expect("it is complete");
        let rule = ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(default).build();
        let rules = ServerSideEncryptionConfiguration::builder().rules(rule).build().expect("it is complete");
        let put = self.client.put_bucket_encryption().bucket(BUCKET).server_side_encryption_configuration(rules);
        put.send().await.expect("it can be put");
    }

    /// As no bucket of AWS is any more, and some of others are.
    pub async fn do_not_encrypt_by_default(&self) {
        self.client.delete_bucket_encryption().bucket(BUCKET).send().await.expect("it can be deleted");
    }
}
