//! Data keys of AWS KMS.

use std::fmt;

use aws_sdk_kms::{
    Client,
    operation::decrypt::DecryptError,
    primitives::Blob,
    types::{DataKeySpec, EncryptionAlgorithmSpec},
};
use zeroize::Zeroizing;

use super::{DataKey, DataKeys, SealedObjectError, WrappedKey};

/// What the object's name is called in the encryption context.
const CONTEXT: &str = "sealed-object";

/// Data keys of AWS KMS: one for each object, which only who may use the KMS key gets again.
///
/// The object's name is the key's encryption context (`sealed-object`): the audit trail has it, policies may ask for it, and KMS unwraps a key
/// for no other object.
///
/// ```
/// use secure_runtime::s3::{Bucket, KmsDataKeys, SealedObject, SealedObjectError};
///
/// async fn put(bucket: &Bucket, kms: aws_sdk_kms::Client, text: &[u8]) -> Result<(), SealedObjectError> {
///     let keys = KmsDataKeys::new(kms, "alias/exports");
///     SealedObject::new(bucket, "exports/1", &keys).put(text).await?;
///     Ok(())
/// }
/// ```
///
/// # What is not guaranteed
/// A data key comes as Base64 in an HTTP answer: it passes in clear through the buffers of the client's TLS and HTTP stack. What
/// they free is wiped under [`main`](crate::main)'s allocator, what they keep for the next answer is not. A [`Secret`](crate::Secret) of the caller's does not pass there.
///
/// Source: [`GenerateDataKey`](https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html).
#[derive(Clone)]
pub struct KmsDataKeys {
    client: Client,
    key_id: String,
}

impl KmsDataKeys {
    /// Keys under the KMS key of this id, ARN or alias, which has to be a symmetric one.
    pub fn new(client: Client, key_id: impl Into<String>) -> Self {
        Self { client, key_id: key_id.into() }
    }
}

impl DataKeys for KmsDataKeys {
    async fn generate(&self, object: &str) -> Result<WrappedKey, SealedObjectError> {
        let request = self.client.generate_data_key().key_id(&self.key_id).key_spec(DataKeySpec::Aes256);
        let answer = request.encryption_context(CONTEXT, object).send().await;
        let answer = answer.map_err(SealedObjectError::key_service)?;
        let key = data_key(answer.plaintext)?;
        let wrapped = answer.ciphertext_blob.ok_or_else(incomplete)?.into_inner();
        Ok(WrappedKey { key, wrapped })
    }

    async fn unwrap(&self, object: &str, wrapped: &[u8]) -> Result<DataKey, SealedObjectError> {
        let request = self.client.decrypt().key_id(&self.key_id).ciphertext_blob(Blob::new(wrapped));
        let request = request.encryption_algorithm(EncryptionAlgorithmSpec::SymmetricDefault);
        let answer = request.encryption_context(CONTEXT, object).send().await.map_err(|error| {
            let is_forged =
                |error: &DecryptError| error.is_invalid_ciphertext_exception() || error.is_incorrect_key_exception();
            let is_forged = error.as_service_error().is_some_and(is_forged);
            if is_forged { SealedObjectError::Forged } else { SealedObjectError::key_service(error) }
        })?;
        data_key(answer.plaintext)
    }
}

fn data_key(plaintext: Option<Blob>) -> Result<DataKey, SealedObjectError> {
    let bytes = Zeroizing::new(plaintext.ok_or_else(incomplete)?.into_inner());
    let bytes = bytes.as_slice().try_into().map_err(|_| incomplete())?;
    Ok(DataKey::new(bytes))
}

fn incomplete() -> SealedObjectError {
    SealedObjectError::KeyService("an answer without a key of 32 bytes".into())
}

impl fmt::Debug for KmsDataKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KmsDataKeys([redacted])")
    }
}
