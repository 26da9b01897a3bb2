//! What handlers use.

use std::fmt;

use aws_sdk_s3::{operation::get_object::GetObjectError, types::ChecksumAlgorithm};
use tokio::io::AsyncRead;

use super::{
    Bucket, DataKeys, ObjectReader, SealedObjectError,
    format::{Chunks, header},
    parts::{Part, Parts},
    upload::Upload,
};

/// An object in Amazon S3 that holds nothing in clear.
///
/// It is made of the same chunks as a `SealedFile`: 64 KiB each, under AES-256-GCM with a key of this object's own, which is derived from a
/// data key of `keys` and the object's name. Whatever is changed there, cut off, moved, or brought from another object or name is
/// an error when it is read.
///
/// ```
/// use secure_runtime::{Secret, s3::{Bucket, SealedObject, SealedObjectError}};
///
/// async fn put(bucket: &Bucket, key: &Secret<'_, [u8; 32]>, text: &[u8]) -> Result<u64, SealedObjectError> {
///     let object = SealedObject::new(bucket, "exports/1", key).on_progress(|so_far| println!("{} bytes", so_far.text));
///     Ok(object.put(text).await?.stored)
/// }
/// ```
///
/// # What is not guaranteed
/// - That the object's name and length stay secret, or when it was put and got.
/// - That it is the latest of this name: who can write to the bucket can put back an older one.
/// - Anything against who can read this process's memory while it has the object.
pub struct SealedObject<'a, K> {
    bucket: Bucket,
    name: String,
    keys: &'a K,
    progress: Box<dyn Fn(Progress) + Send + Sync + 'a>,
}

/// How far a put is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How much of the text is in S3, in bytes.
    pub text: u64,
    /// How much that is there, in bytes.
    pub stored: u64,
}

/// What was put.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// How long the text was, in bytes.
    pub text: u64,
    /// How long the object is, in bytes.
    pub stored: u64,
    /// What S3 calls this state of the object.
    pub e_tag: Option<String>,
    /// The version, where the bucket keeps them.
    pub version_id: Option<String>,
}

impl<'a, K: DataKeys> SealedObject<'a, K> {
    /// An object of this name in the bucket, whether there is one or not: nothing is asked yet. The name is seen by everybody who
    /// sees the bucket, its logs or its bill.
    #[must_use]
    pub fn new(bucket: &Bucket, name: impl Into<String>, keys: &'a K) -> Self {
        Self { bucket: bucket.clone(), name: name.into(), keys, progress: Box::new(|_| ()) }
    }

    /// Has `f` called by [`put`](Self::put) after each part of about 8 MiB, and when the object is there.
    #[must_use]
    pub fn on_progress(mut self, f: impl Fn(Progress) + Send + Sync + 'a) -> Self {
        self.progress = Box::new(f);
        self
    }

    /// Reads a text to its end and puts it, sealed, in place of what is there under this name.
    ///
    /// Up to 8 MiB go in one request, more as a multipart upload, one part after another; it holds two parts at most, however long the
    /// text is. An upload that fails or is dropped is aborted: after an error before it is returned, after a drop by a task on the current tokio
    /// runtime. If that can't be done either, a `warn` line says so: give the bucket a lifecycle rule `AbortIncompleteMultipartUpload`
    /// in any case, because a function may be frozen or killed before.
    ///
    /// # Errors
    /// [`NoDefaultEncryption`](SealedObjectError::NoDefaultEncryption), [`ShortKey`](SealedObjectError::ShortKey),
    /// [`Source`](SealedObjectError::Source) when reading the text fails, [`TooLarge`](SealedObjectError::TooLarge) after 10,000 parts,
    /// [`Service`](SealedObjectError::Service), [`KeyService`](SealedObjectError::KeyService). What was there under this name is still there
    /// then, unless the answer to the last request was lost.
    pub async fn put<R: AsyncRead + Send + Unpin>(&self, text: R) -> Result<Stored, SealedObjectError> {
        self.bucket.check().await?;
        let made = self.keys.generate(&self.name).await?;
        let mut parts = Parts::new(text, header(&made.wrapped)?, Chunks::of(&self.name, &made.key));
        drop(made);
        let first = parts.next().await?;
        let stored = if first.last {
            self.put_whole(first.sealed, parts.text()).await?
        } else {
            let mut upload = Upload::begin(&self.bucket, &self.name).await?;
            match self.put_parts(&mut upload, first, &mut parts).await {
                Ok(stored) => stored,
                Err(error) => {
                    upload.abort().await;
                    return Err(error);
                }
            }
        };
        (self.progress)(Progress { text: stored.text, stored: stored.stored });
        Ok(stored)
    }

    async fn put_whole(&self, sealed: Vec<u8>, text: u64) -> Result<Stored, SealedObjectError> {
        let stored = sealed.len() as u64;
        let (encryption, kms_key) = self.bucket.encryption();
        let request = self.bucket.client.put_object().bucket(&self.bucket.name).key(&self.name);
        let request = request
            .set_expected_bucket_owner(self.bucket.owner.clone())
            .server_side_encryption(encryption)
            .set_ssekms_key_id(kms_key)
            .bucket_key_enabled(true)
            .checksum_algorithm(ChecksumAlgorithm::Crc32C)
            .tagging(self.bucket.tagging())
            .body(sealed.into());
        let put = request.send().await.map_err(SealedObjectError::service)?;
        Ok(Stored { text, stored, e_tag: put.e_tag, version_id: put.version_id })
    }

    async fn put_parts<R: AsyncRead + Unpin>(
        &self,
        upload: &mut Upload,
        first: Part,
        parts: &mut Parts<R>,
    ) -> Result<Stored, SealedObjectError> {
        let (mut part, mut stored) = (first, 0);
        loop {
            stored += part.sealed.len() as u64;
            upload.send(part.sealed).await?;
            if part.last {
                break;
            }
            (self.progress)(Progress { text: parts.text(), stored });
            part = parts.next().await?;
        }
        let completed = upload.complete().await?;
        Ok(Stored { text: parts.text(), stored, e_tag: completed.e_tag, version_id: completed.version_id })
    }

    /// Asks for the object and opens its first chunk. The text is then read piece by piece.
    ///
    /// # Errors
    /// [`NotFound`](SealedObjectError::NotFound), [`Forged`](SealedObjectError::Forged) for another key or name, or what is no sealed object,
    /// [`ShortKey`](SealedObjectError::ShortKey), [`Service`](SealedObjectError::Service), [`KeyService`](SealedObjectError::KeyService).
    /// Without the right to list the bucket, S3 refuses an object that isn't there instead of saying so.
    pub async fn get(&self) -> Result<ObjectReader, SealedObjectError> {
        let request = self.bucket.client.get_object().bucket(&self.bucket.name).key(&self.name);
        let request = request.set_expected_bucket_owner(self.bucket.owner.clone());
        let answer = request.send().await.map_err(|error| {
            let not_there = error.as_service_error().is_some_and(GetObjectError::is_no_such_key);
            if not_there { SealedObjectError::NotFound } else { SealedObjectError::service(error) }
        })?;
        ObjectReader::open(answer.body, &self.name, self.keys).await
    }

    /// Deletes the object; what isn't there is deleted as well. A bucket that keeps versions keeps this one.
    ///
    /// # Errors
    /// [`Service`](SealedObjectError::Service).
    pub async fn delete(&self) -> Result<(), SealedObjectError> {
        let request = self.bucket.client.delete_object().bucket(&self.bucket.name).key(&self.name);
        let request = request.set_expected_bucket_owner(self.bucket.owner.clone());
        request.send().await.map(drop).map_err(SealedObjectError::service)
    }
}

impl<K> fmt::Debug for SealedObject<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedObject([sealed])")
    }
}
