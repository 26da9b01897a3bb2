//! Objects that keep no secrets: what outgrows `/tmp`, sealed in Amazon S3.
//!
//! A [`SealedObject`] is put from any [`AsyncRead`](tokio::io::AsyncRead) and got back as one, of any size in constant memory. What S3 gets is
//! sealed under a key of this object's own; that key comes from a [`Secret`](crate::Secret) of the caller, or from AWS KMS
//! (`KmsDataKeys`, feature `kms`), or from whatever else implements [`DataKeys`].
//!
//! ```no_run
//! use secure_runtime::{prelude::*, s3::{Bucket, SealedObject}};
//! use tokio::io::AsyncReadExt;
//!
//! #[secure_event]
//! struct Report<'inv> {
//!     csv: Secret<'inv, String>,
//!     key: Secret<'inv, String>,
//! }
//!
//! #[secure_handler]
//! async fn keep(event: LambdaEvent<Report<'_>>, bucket: &Bucket) -> Result<usize, Error> {
//!     let Report { csv, key } = event.payload;
//!     let object = SealedObject::new(bucket, "reports/1", &key);
//!     csv.declassify_async("it is sealed at once", |csv| object.put(csv.as_bytes())).await?;
//!
//!     let mut text = String::new();
//!     object.get().await?.read_to_string(&mut text).await?;
//!     object.delete().await?;
//!     Ok(text.lines().count())
//! }
//! ```
//!
//! ```text
//! bucket    where objects lie, and how they are asked to be kept
//! keys      a key for each object, by the caller's secret or a service; kms, one of AWS
//! format    what an object is made of, and which key seals it
//! parts     a text, sealed, in the pieces that are sent
//! upload    the pieces of what is too long for one request; gone unless completed
//! reader    an object's text, as far as it has been authenticated
//! object    what handlers use
//! ```
//!
//! Sources: [multipart uploads](https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html),
//! [CWE-311](https://cwe.mitre.org/data/definitions/311.html), [CWE-353](https://cwe.mitre.org/data/definitions/353.html).

mod bucket;
mod error;
mod format;
mod keys;
#[cfg(feature = "kms")]
mod kms;
mod object;
mod parts;
mod reader;
#[cfg(test)]
mod testing;
mod upload;

#[cfg(feature = "kms")]
pub use self::kms::KmsDataKeys;
pub use self::{
    bucket::Bucket,
    error::SealedObjectError,
    keys::{DataKey, DataKeys, WrappedKey},
    object::{Progress, SealedObject, Stored},
    reader::ObjectReader,
};
