//! What is too large for a queue.

use super::{DeadLetter, contents, queue::SqsSinkError};
use crate::{
    Secret,
    s3::{Bucket, SealedObject},
    scrub::Buffer,
};

/// What the names of the objects begin with, so that a policy can name them.
const PREFIX: &str = "dead-letters/";

/// Contents that lie in a bucket.
pub(super) struct Stored<'a> {
    bucket: &'a Bucket,
    name: String,
    key: Secret<'static, [u8; 32]>,
}

/// Stores a letter's contents under a new key, and gives what is sealed of the letter.
pub(super) async fn store<'a>(
    bucket: &'a Bucket,
    letter: &DeadLetter<'_>,
) -> Result<(Stored<'a>, Buffer), SqsSinkError> {
    let mut key = Secret::brand([0; 32]);
    let mut random = [0; 16];
    key.fill(|key| getrandom::fill(key)).and_then(|()| getrandom::fill(&mut random)).map_err(no_randomness)?;
    let name = random.iter().fold(String::from(PREFIX), |name, byte| format!("{name}{byte:02x}"));
    let contents = contents::contents(letter);
    SealedObject::new(bucket, &name, &key).put(contents.content()).await.map_err(SqsSinkError::Object)?;
    let plain = contents::letter_with_object(letter, bucket.name(), &name, &key);
    Ok((Stored { bucket, name, key }, plain))
}

fn no_randomness(error: getrandom::Error) -> SqsSinkError {
    SqsSinkError::Service(error.to_string().into())
}

impl Stored<'_> {
    /// Nobody knows of it. Where that fails, its expiry is what is left.
    pub(super) async fn discard(self) {
        let Self { bucket, name, key } = self;
        if let Err(error) = SealedObject::new(bucket, &name, &key).delete().await {
            tracing::warn!(%error, bucket = bucket.name(), object = name, "an object that no letter names is left");
        }
    }
}
