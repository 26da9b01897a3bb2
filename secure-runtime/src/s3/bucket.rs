//! Where objects lie, and how they are asked to be kept.

use std::fmt;

use aws_sdk_s3::{Client, error::ProvideErrorMetadata as _, types::ServerSideEncryption};

use super::SealedObjectError;

/// The tag that lifecycle rules are made for.
const EXPIRY_TAG: &str = "expire-after-days";

/// How long an object is kept where nothing else is said.
const EXPIRY_DAYS: u16 = 7;

/// A bucket, and how what is put there is asked to be kept. Cheap to clone.
///
/// ```
/// use secure_runtime::s3::Bucket;
///
/// fn bucket(client: aws_sdk_s3::Client) -> Bucket {
///     Bucket::new(client, "acme-reports").expected_owner("123456789012").kms_key("alias/reports").expires_in_days(1)
/// }
/// ```
///
/// All objects are put with
/// - `x-amz-server-side-encryption: aws:kms`, with a bucket key. That is on top of the seal, by a key that this function never sees;
/// - a CRC-32C checksum, also of each part;
/// - the tag `expire-after-days`. A tag by itself deletes nothing: a lifecycle rule for it does.
#[derive(Clone)]
pub struct Bucket {
    pub(super) client: Client,
    pub(super) name: String,
    pub(super) owner: Option<String>,
    kms_key: Option<String>,
    days: u16,
    checks_encryption: bool,
}

impl Bucket {
    /// A bucket that the client can reach. The client, its HTTP stack and its timeouts are the program's.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        let name = name.into();
        Self { client, name, owner: None, kms_key: None, days: EXPIRY_DAYS, checks_encryption: false }
    }

    /// The account that the bucket has to be of: S3 refuses every call for a bucket of somebody else's. Source:
    /// [bucket owner condition](https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html).
    #[must_use]
    pub fn expected_owner(mut self, account_id: impl Into<String>) -> Self {
        self.owner = Some(account_id.into());
        self
    }

    /// The key of AWS KMS that S3 encrypts with: its id, ARN or alias. The default is the account's key for S3, `aws/s3`.
    #[must_use]
    pub fn kms_key(mut self, key_id: impl Into<String>) -> Self {
        self.kms_key = Some(key_id.into());
        self
    }

    /// The value of the tag `expire-after-days`. The default is 7; 0 is taken for 1.
    #[must_use]
    pub fn expires_in_days(mut self, days: u16) -> Self {
        self.days = days.max(1);
        self
    }

    /// Has each put first ask for the bucket's default encryption, and refuse a bucket that has none.
    #[must_use]
    pub fn check_encryption(mut self) -> Self {
        self.checks_encryption = true;
        self
    }

    /// The bucket's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tags of an object, as a query string.
    pub(super) fn tagging(&self) -> String {
        format!("{EXPIRY_TAG}={}", self.days)
    }

    pub(super) fn encryption(&self) -> (ServerSideEncryption, Option<String>) {
        (ServerSideEncryption::AwsKms, self.kms_key.clone())
    }

    /// Asks for the bucket's default encryption, where that was asked for.
    pub(super) async fn check(&self) -> Result<(), SealedObjectError> {
        if !self.checks_encryption {
            return Ok(());
        }
        let request = self.client.get_bucket_encryption().bucket(&self.name);
        match request.set_expected_bucket_owner(self.owner.clone()).send().await {
            Ok(answer) => {
                let rules = answer.server_side_encryption_configuration.map(|configuration| configuration.rules);
                let mut rules = rules.iter().flatten();
                let has_default = rules.any(|rule| rule.apply_server_side_encryption_by_default.is_some());
                if has_default { Ok(()) } else { Err(SealedObjectError::NoDefaultEncryption) }
            }
            Err(error) if error.code() == Some("ServerSideEncryptionConfigurationNotFoundError") => {
                Err(SealedObjectError::NoDefaultEncryption)
            }
            Err(error) => Err(SealedObjectError::service(error)),
        }
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("name", &self.name).finish_non_exhaustive()
    }
}
