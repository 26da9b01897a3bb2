//! Letters in a queue.

use std::fmt;

use aws_sdk_sqs::Client;
use sha2::{Digest as _, Sha256};

#[cfg(feature = "s3")]
use super::overflow;
use super::{DeadLetter, DeadLetterSink, PublicKey, SealedLetter, contents};
#[cfg(feature = "s3")]
use crate::s3::Bucket;
use crate::{Error, scrub::Buffer};

/// What a queue takes at most, in bytes, unless it was set up for more.
/// Source: [quotas](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html).
const LIMIT: usize = 256 * 1024;

/// Sends letters to a queue of Amazon SQS, each sealed to a [`PublicKey`].
///
/// ```no_run
/// use secure_runtime::{dead_letter::SqsSink, prelude::*};
/// # #[secure_event] struct Order<'inv> { card_number: Secret<'inv, String> }
/// # async fn client() -> aws_sdk_sqs::Client { unimplemented!() }
///
/// #[secure_handler(sqs, dead_letter = letters)]
/// async fn take(record: Record<Order<'_>>, letters: &SqsSink) -> Result<(), Error> {
///     if record.body.card_number.expose(|number| number.len() == 16) { Ok(()) } else { Err("no card's number")? }
/// }
///
/// #[secure_runtime::main]
/// async fn main() -> Result<(), secure_runtime::Error> {
///     let key = std::env::var("DEAD_LETTER_KEY")?.parse()?;
///     let letters = SqsSink::new(client().await, std::env::var("DEAD_LETTERS_URL")?, key);
///     secure_runtime::run(service_fn(|batch| take(batch, &letters))).await
/// }
/// ```
///
/// A sealed letter is a third longer than its record, and about 700 bytes. What is then too long for the queue goes to a bucket,
/// when there is one (`overflow`, with the feature `s3`); otherwise the record is reported as failed. To a FIFO queue a letter is sent in the
/// group of its record, and once in five minutes for a record, however often that fails.
///
/// The function may `sqs:SendMessage` to that queue, and nothing else.
#[derive(Clone)]
pub struct SqsSink {
    client: Client,
    queue_url: String,
    key: PublicKey,
    limit: usize,
    #[cfg(feature = "s3")]
    overflow: Option<Bucket>,
}

impl SqsSink {
    /// Letters go to the queue with this URL.
    pub fn new(client: Client, queue_url: impl Into<String>, key: PublicKey) -> Self {
        Self {
            client,
            queue_url: queue_url.into(),
            key,
            limit: LIMIT,
            #[cfg(feature = "s3")]
            overflow: None,
        }
    }

    /// How long a message may be, in bytes, as the queue's `MaximumMessageSize` has it. The default is 262,144.
    #[must_use]
    pub fn max_message_bytes(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Where contents go that are too large for the queue. The letter says where they are, and has their key, which is drawn for each.
    #[cfg(feature = "s3")]
    #[must_use]
    pub fn overflow(mut self, bucket: Bucket) -> Self {
        self.overflow = Some(bucket);
        self
    }

    async fn send(&self, letter: SealedLetter, of: &DeadLetter<'_>) -> Result<(), SqsSinkError> {
        let mut message = self.client.send_message().queue_url(&self.queue_url).message_body(letter.into_text());
        if self.queue_url.rsplit_once('.').is_some_and(|(_, kind)| kind == "fifo") {
            message = message
                .message_group_id(of.brought.group_id.unwrap_or("dead-letters"))
                .message_deduplication_id(deduplication_id(of.message_id()));
        }
        message.send().await.map_err(|error| SqsSinkError::Service(Box::new(error)))?;
        Ok(())
    }

    fn sealed(&self, plain: Buffer) -> Result<SealedLetter, SqsSinkError> {
        match SealedLetter::len_of(plain.len()) {
            len if len > self.limit => Err(SqsSinkError::TooLarge { len, limit: self.limit }),
            _ => Ok(SealedLetter::of(plain, &self.key)),
        }
    }

    async fn put_aside(&self, letter: &DeadLetter<'_>) -> Result<(), SqsSinkError> {
        let plain = contents::letter(letter);
        #[cfg(feature = "s3")]
        if let Some(bucket) = &self.overflow
            && SealedLetter::len_of(plain.len()) > self.limit
        {
            drop(plain);
            let (object, plain) = overflow::store(bucket, letter).await?;
            let sent = match self.sealed(plain) {
                Ok(sealed) => self.send(sealed, letter).await,
                Err(error) => Err(error),
            };
            if sent.is_err() {
                object.discard().await;
            }
            return sent;
        }
        self.send(self.sealed(plain)?, letter).await
    }
}

impl DeadLetterSink for SqsSink {
    async fn put(&self, letter: DeadLetter<'_>) -> Result<(), Error> {
        Ok(self.put_aside(&letter).await?)
    }
}

/// A record that comes again and fails again is one letter. A queue takes 128 letters and digits.
fn deduplication_id(message_id: &str) -> String {
    Sha256::digest(message_id).iter().fold(String::new(), |id, byte| format!("{id}{byte:02x}"))
}

impl fmt::Debug for SqsSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { queue_url, key, .. } = self;
        f.debug_struct("SqsSink").field("queue_url", queue_url).field("key", key).finish_non_exhaustive()
    }
}

/// Why a letter is not in the queue. The record is reported as failed then, and comes again.
#[derive(Debug)]
#[non_exhaustive]
pub enum SqsSinkError {
    /// The sealed letter is too large, and there is no bucket for its contents.
    TooLarge {
        /// How long it would be, in bytes.
        len: usize,
        /// How long it may be, in bytes.
        limit: usize,
    },
    /// The queue doesn't take it.
    Service(Box<dyn std::error::Error + Send + Sync>),
    /// The bucket doesn't take its contents.
    #[cfg(feature = "s3")]
    Object(crate::s3::SealedObjectError),
}

impl fmt::Display for SqsSinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { len, limit } => {
                write!(f, "a letter of {len} bytes where the queue takes {limit}, and no bucket for what is larger")
            }
            Self::Service(_) => f.write_str("the queue does not take the letter"),
            #[cfg(feature = "s3")]
            Self::Object(_) => f.write_str("the bucket does not take the letter's contents"),
        }
    }
}

impl std::error::Error for SqsSinkError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::TooLarge { .. } => None,
            Self::Service(error) => Some(&**error),
            #[cfg(feature = "s3")]
            Self::Object(error) => Some(error),
        }
    }
}
