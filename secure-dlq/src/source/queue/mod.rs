//! Letters in a queue of Amazon SQS.
//!
//! What is received stays hidden from others while the work goes on. Who is killed leaves it hidden until the visibility timeout ends.

mod held;

use std::time::{Duration, Instant};

use aws_sdk_sqs::{
    Client,
    error::SdkError,
    types::{ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, QueueAttributeName},
};

use self::held::{Held, Received};
use super::{BATCH, Envelope, Id, Undeleted};
use crate::{aws, fault::Fault};

/// How long a receive waits, in seconds. Any wait has SQS ask all of its servers, not just some. Source:
/// [long polling](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html).
const WAIT: i32 = 1;

/// So many empty answers are believed, where the queue says that it has messages.
const EMPTY: u32 = 3;

/// A queue, and which of its messages are held.
#[derive(Debug)]
pub(crate) struct Queue {
    client: Client,
    url: String,
    visibility: u16,
    held: Held,
    withheld: u64,
}

impl Queue {
    pub(super) async fn of(url: &str, visibility: u16) -> Self {
        let client = Client::new(aws::config().await);
        let held = Held::new(Duration::from_secs(visibility.into()));
        Self { client, url: url.to_owned(), visibility, held, withheld: 0 }
    }

    /// About how many messages are not held by anybody. `None`: it can't be known, for want of a permission perhaps.
    pub(super) async fn visible(&self) -> Option<u64> {
        let name = QueueAttributeName::ApproximateNumberOfMessages;
        let asked = self.client.get_queue_attributes().queue_url(&self.url).attribute_names(name.clone());
        asked.send().await.ok()?.attributes?.get(&name)?.parse().ok()
    }

    pub(super) fn withheld(&self) -> u64 {
        self.withheld
    }

    pub(super) async fn next(&mut self) -> Result<Vec<Envelope>, Fault> {
        let mut empty = 0;
        loop {
            self.hold_on().await;
            let messages = self.receive().await?;
            if messages.is_empty() {
                empty += 1;
                self.withheld = self.visible().await.unwrap_or(0);
                if self.withheld == 0 || empty == EMPTY {
                    return Ok(Vec::new());
                }
                continue;
            }
            empty = 0;
            let (mut batch, mut deleted) = (Vec::new(), Vec::new());
            for message in messages {
                let (Some(id), Some(receipt)) = (message.message_id, message.receipt_handle) else { continue };
                match self.held.receive(&id, receipt, Instant::now()) {
                    Received::New => {
                        let text = Ok(message.body.unwrap_or_default());
                        batch.push(Envelope { place: format!("message {id}"), id: Id(id), text });
                    }
                    Received::Again => {}
                    Received::Deleted => deleted.push(Id(id)),
                }
            }
            // Its copies are as done as it is. If one of them stays, it comes again.
            self.delete(&deleted).await?;
            if !batch.is_empty() {
                return Ok(batch);
            }
        }
    }

    async fn receive(&self) -> Result<Vec<aws_sdk_sqs::types::Message>, Fault> {
        let receive = self.client.receive_message().queue_url(&self.url).wait_time_seconds(WAIT);
        let receive = receive
            .max_number_of_messages(i32::try_from(BATCH).expect("it is ten"))
            .visibility_timeout(self.visibility.into());
        let answer = receive.send().await.map_err(|error| self.fault("receive from", &error))?;
        Ok(answer.messages.unwrap_or_default())
    }

    /// Keeps hidden what would come again soon. Where that fails, it comes again, and is known.
    async fn hold_on(&mut self) {
        let due = self.held.due(Instant::now());
        for some in due.chunks(BATCH) {
            if self.hide(some, self.visibility.into()).await.is_ok() {
                self.held.extend(some.iter().map(|(id, _)| id.as_str()), Instant::now());
            }
        }
    }

    /// Has messages come again after so many seconds.
    async fn hide(&self, messages: &[(String, String)], seconds: i32) -> Result<(), Fault> {
        let entries = messages.iter().enumerate().map(|(at, (_, receipt))| {
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(at.to_string()).receipt_handle(receipt);
            entry.visibility_timeout(seconds).build().expect("it has an id and a receipt handle")
        });
        let change = self.client.change_message_visibility_batch().queue_url(&self.url);
        let change = change.set_entries(Some(entries.collect()));
        change.send().await.map_err(|error| self.fault("give messages back to", &error))?;
        Ok(())
    }

    pub(super) async fn delete(&mut self, letters: &[Id]) -> Result<Vec<Undeleted>, Fault> {
        let mut undeleted = Vec::new();
        for letters in letters.chunks(BATCH) {
            let entries = letters.iter().enumerate().map(|(at, id)| {
                let receipt = self.held.receipt(&id.0).unwrap_or_default();
                let entry = DeleteMessageBatchRequestEntry::builder().id(at.to_string()).receipt_handle(receipt);
                entry.build().expect("it has an id and a receipt handle")
            });
            let delete = self.client.delete_message_batch().queue_url(&self.url).set_entries(Some(entries.collect()));
            let answer = delete.send().await.map_err(|error| self.fault("delete from", &error))?;
            for done in answer.successful {
                if let Some(id) = nth(letters, &done.id) {
                    self.held.deleted(&id.0);
                }
            }
            for failed in answer.failed {
                if let Some(id) = nth(letters, &failed.id) {
                    let why = failed.message.unwrap_or(failed.code);
                    undeleted.push(Undeleted { id: id.clone(), why });
                }
            }
        }
        Ok(undeleted)
    }

    /// Gives back what is held, at once.
    pub(super) async fn close(self) -> Result<(), Fault> {
        let held = self.held.all();
        for some in held.chunks(BATCH) {
            self.hide(some, 0).await?;
        }
        Ok(())
    }

    fn fault<E: aws::Refusal, R: std::fmt::Debug + Send + Sync + 'static>(
        &self,
        what: &str,
        error: &SdkError<E, R>,
    ) -> Fault {
        Fault::new(format!("can't {what} {}: {}", self.url, aws::told(error)))
    }
}

/// Entries are named by their places.
fn nth<'a>(letters: &'a [Id], at: &str) -> Option<&'a Id> {
    letters.get(at.parse::<usize>().ok()?)
}
