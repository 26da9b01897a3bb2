//! Handlers of a queue's records.
//!
//! Amazon SQS hands a function a batch of records. A handler with `#[secure_handler(sqs)]` is called once a record, and the
//! batch is answered with the ids of those that failed, so that the queue hands out those alone again. The function's
//! event source mapping has to say so: `FunctionResponseTypes: [ReportBatchItemFailures]`.
//!
//! ```no_run
//! use secure_runtime::prelude::*;
//!
//! #[secure_event]
//! struct Order<'inv> {
//!     #[public]
//!     sku: String,
//!     card_number: Secret<'inv, String>,
//! }
//!
//! #[derive(Debug, OpaqueError)]
//! #[opaque(code = "bank_unavailable", status = 503, message = "Try again later.", retry)]
//! struct BankUnavailable;
//!
//! #[secure_handler(sqs)]
//! async fn take(record: Record<Order<'_>>) -> Result<(), BankUnavailable> {
//!     if record.body.card_number.expose(|number| number.len() == 16) { Ok(()) } else { Err(BankUnavailable) }
//! }
//!
//! #[secure_runtime::main]
//! async fn main() -> Result<(), secure_runtime::Error> {
//!     secure_runtime::log::init();
//!     secure_runtime::run(service_fn(take)).await
//! }
//! ```
//!
//! * **Failures.** An `Err`, a panic and a body that doesn't parse fail that record alone. Each is one event in the log, as any
//!   failure is, with `message_id`. What will never succeed can go to a [`dead_letter`](crate::dead_letter) sink instead.
//! * **Order.** Records of a FIFO queue that share a group run in order, and after a failure the rest of the group is not run, and
//!   is reported as failed: it comes again, in order. Groups don't wait for each other's failures. In a standard queue, where a group is about
//!   fairness alone, each record is on its own. `concurrency = N` runs up to N records at a time, of one group never more than one.
//! * **Secrets.** A record's secrets are wiped when its handler ends, and so is the record's place in the batch. Records that
//!   have not run yet are still there.
//! * **State** that is passed by value is cloned for each record.
//! * **What is no batch** (another event source, no `Records`, a record without `messageId`, which couldn't be reported) is
//!   `invalid_input` as a whole, and so comes again as a whole.
//! * **The deadline** is the invocation's: when it comes near, the batch is answered with `timed_out`, and all of it comes again, also
//!   what had been done.
//!
//! Sources: [partial batch responses](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting),
//! [SQS events](https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html),
//! [fair queues](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html).

mod batch;
mod order;
#[doc(hidden)]
pub mod private;
mod run;
mod string;

use std::{collections::HashSet, sync::Arc};

use serde::{Serialize, Serializer, ser::SerializeStruct};

use self::batch::Meta;

/// One record of a queue's batch, with its body parsed.
///
/// ```
/// use secure_runtime::prelude::*;
///
/// #[secure_event]
/// struct Order<'inv> {
///     card_number: Secret<'inv, String>,
/// }
///
/// #[secure_handler(sqs)]
/// async fn take(record: Record<Order<'_>>) -> Result<(), Error> {
///     if record.attribute("source") != Some("shop") && record.receive_count() > 1 {
///         return Err(format!("{} comes again", record.message_id()))?;
///     }
///     let Order { card_number } = record.body;
///     if card_number.expose(|number| number.len() == 16) { Ok(()) } else { Err("no card's number")? }
/// }
///
/// # fn main() {
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let batch = RawPayload::from(serde_json::json!({"Records": [
///     {"messageId": "1", "eventSource": "aws:sqs", "body": r#"{"card_number": "4111111111111111"}"#},
///     {"messageId": "2", "eventSource": "aws:sqs", "body": "hello"},
/// ]}));
/// let answer = take(LambdaEvent::new(batch, Context::default())).await.unwrap();
/// assert_eq!(answer.failed().collect::<Vec<_>>(), ["2"]);
/// # }) }
/// ```
///
/// Source: [the shape of an SQS event](https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event).
#[derive(Debug)]
pub struct Record<T> {
    /// The record's body, parsed from JSON.
    pub body: T,
    meta: Arc<Meta>,
}

impl<T> Record<T> {
    /// The queue's id of the record.
    #[must_use]
    pub fn message_id(&self) -> &str {
        &self.meta.message_id
    }

    /// How often the queue has handed the record out, this time included; 1 where it doesn't say.
    #[must_use]
    pub fn receive_count(&self) -> u32 {
        self.meta.receive_count()
    }

    /// The record's group, of a FIFO queue or a fair one.
    #[must_use]
    pub fn group_id(&self) -> Option<&str> {
        self.meta.group_id()
    }

    /// The text of a message attribute, or of one of the queue's own such as `SentTimestamp`. Binary ones have none.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.meta.attribute(name)
    }
}

/// A batch's answer: which records failed.
///
/// ```
/// use secure_runtime::prelude::*;
///
/// #[secure_handler(sqs)]
/// async fn take(_: Record<()>) -> Result<(), Error> {
///     Ok(())
/// }
///
/// # fn main() {
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let batch = serde_json::json!({"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": "7"}]});
/// let answer = take(LambdaEvent::new(RawPayload::from(batch), Context::default())).await.unwrap();
/// assert_eq!(serde_json::to_string(&answer).unwrap(), r#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#);
/// # }) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchResponse {
    failed: Vec<String>,
}

impl BatchResponse {
    /// Each id once, in the order of the batch.
    fn of(failed: impl Iterator<Item = String>) -> Self {
        let mut told = HashSet::new();
        Self { failed: failed.filter(|id| told.insert(id.clone())).collect() }
    }

    /// The message ids of the records that failed, in the order of the batch, each once.
    pub fn failed(&self) -> impl Iterator<Item = &str> {
        self.failed.iter().map(String::as_str)
    }
}

impl Serialize for BatchResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Failure<'a> {
            item_identifier: &'a str,
        }
        let failures: Vec<_> = self.failed().map(|item_identifier| Failure { item_identifier }).collect();
        let mut response = serializer.serialize_struct("BatchResponse", 1)?;
        response.serialize_field("batchItemFailures", &failures)?;
        response.end()
    }
}

#[cfg(test)]
mod tests;
