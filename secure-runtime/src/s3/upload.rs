//! The pieces of what is too long for one request.

use aws_sdk_s3::{
    operation::complete_multipart_upload::CompleteMultipartUploadOutput,
    types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart},
};
use tokio::{runtime::Handle, sync::oneshot};

use super::{Bucket, SealedObjectError};

/// How many parts an upload may have. Source:
/// [limits of multipart uploads](https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html).
const MOST_PARTS: i32 = 10_000;

/// A multipart upload. What was sent is gone again unless it is completed, also when this is dropped.
pub(super) struct Upload {
    bucket: Bucket,
    object: String,
    id: String,
    parts: Vec<CompletedPart>,
    /// Nothing is left to be aborted.
    settled: bool,
}

impl Upload {
    /// Begins an upload. Who drops the future before it gives the upload leaves none, either.
    pub(super) async fn begin(bucket: &Bucket, object: &str) -> Result<Self, SealedObjectError> {
        let begun = Self::request(bucket.clone(), object.to_owned());
        let Ok(runtime) = Handle::try_current() else { return begun.await };
        // S3 may have begun one whose id is still on its way: somebody has to stay and take it.
        let (give, take) = oneshot::channel();
        runtime.spawn(async move {
            // When nobody takes it, it is dropped here.
            let _ = give.send(begun.await);
        });
        take.await.unwrap_or_else(|_| Err(SealedObjectError::Service("the runtime shuts down".into())))
    }

    async fn request(bucket: Bucket, object: String) -> Result<Self, SealedObjectError> {
        let (encryption, kms_key) = bucket.encryption();
        let request = bucket.client.create_multipart_upload().bucket(&bucket.name).key(&object);
        let request = request
            .set_expected_bucket_owner(bucket.owner.clone())
            .server_side_encryption(encryption)
            .set_ssekms_key_id(kms_key)
            .bucket_key_enabled(true)
            .checksum_algorithm(ChecksumAlgorithm::Crc32C)
            .tagging(bucket.tagging());
        let id = request.send().await.map_err(SealedObjectError::service)?.upload_id;
        let id = id.ok_or_else(|| SealedObjectError::Service("an upload without an id".into()))?;
        Ok(Self { bucket, object, id, parts: Vec::new(), settled: false })
    }

    /// Sends the next part.
    pub(super) async fn send(&mut self, sealed: Vec<u8>) -> Result<(), SealedObjectError> {
        let number = number_after(self.parts.len())?;
        let request = self.bucket.client.upload_part().bucket(&self.bucket.name).key(&self.object).upload_id(&self.id);
        let request = request
            .set_expected_bucket_owner(self.bucket.owner.clone())
            .checksum_algorithm(ChecksumAlgorithm::Crc32C)
            .part_number(number)
            .body(sealed.into());
        let sent = request.send().await.map_err(SealedObjectError::service)?;
        let part = CompletedPart::builder().part_number(number);
        let part = part.set_e_tag(sent.e_tag).set_checksum_crc32_c(sent.checksum_crc32_c);
        self.parts.push(part.build());
        Ok(())
    }

    /// Makes an object of the parts.
    pub(super) async fn complete(&mut self) -> Result<CompleteMultipartUploadOutput, SealedObjectError> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(self.parts.clone())).build();
        let request = self.bucket.client.complete_multipart_upload().bucket(&self.bucket.name).key(&self.object);
        let request = request.set_expected_bucket_owner(self.bucket.owner.clone());
        let request = request.upload_id(&self.id).multipart_upload(parts);
        let completed = request.send().await.map_err(SealedObjectError::service)?;
        self.settled = true;
        Ok(completed)
    }

    /// Has S3 forget the parts. That it can't be asked to is logged.
    pub(super) async fn abort(mut self) {
        abort(&self.bucket, &self.object, &self.id).await;
        self.settled = true;
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            return say(&self.bucket, "there is no tokio runtime any more");
        };
        let (bucket, object, id) =
            (self.bucket.clone(), std::mem::take(&mut self.object), std::mem::take(&mut self.id));
        runtime.spawn(async move { abort(&bucket, &object, &id).await });
    }
}

async fn abort(bucket: &Bucket, object: &str, id: &str) {
    let request = bucket.client.abort_multipart_upload().bucket(&bucket.name).key(object).upload_id(id);
    if let Err(error) = request.set_expected_bucket_owner(bucket.owner.clone()).send().await {
        // Completed after all, or aborted before.
        if !error
            .as_service_error()
            .is_some_and(aws_sdk_s3::operation::abort_multipart_upload::AbortMultipartUploadError::is_no_such_upload)
        {
            say(bucket, &SealedObjectError::service(error));
        }
    }
}

fn say(bucket: &Bucket, why: &(impl std::fmt::Display + ?Sized)) {
    tracing::warn!(
        bucket = bucket.name(),
        %why,
        "parts of an upload may stay: give the bucket a lifecycle rule AbortIncompleteMultipartUpload",
    );
}

/// The number of the part that comes after so many.
fn number_after(parts: usize) -> Result<i32, SealedObjectError> {
    let number = i32::try_from(parts).ok().and_then(|parts| parts.checked_add(1));
    number.filter(|&number| number <= MOST_PARTS).ok_or(SealedObjectError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_has_ten_thousand_parts_at_most() {
        assert_eq!(number_after(0).unwrap(), 1);
        assert_eq!(number_after(9_999).unwrap(), 10_000);
        for too_many in [10_000, usize::MAX] {
            assert!(matches!(number_after(too_many), Err(SealedObjectError::TooLarge)));
        }
    }
}
