//! The queue that letters are sent to.

use aws_sdk_sqs::{
    Client,
    error::{ProvideErrorMetadata as _, SdkError},
    types::{MessageAttributeValue, SendMessageBatchRequestEntry},
};

use super::message::Message;
use crate::{aws, fault::Fault};

/// The group of what had none, as `SqsSink` names it.
const GROUP: &str = "dead-letters";

/// What SQS refuses a request with because of one of its messages.
const OF_A_MESSAGE: [&str; 4] =
    ["BatchRequestTooLong", "InvalidMessageContents", "InvalidParameterValue", "MissingParameter"];

pub(super) struct Target {
    client: Client,
    url: String,
    is_fifo: bool,
}

impl Target {
    pub(super) async fn of(url: &str) -> Self {
        let url = url.trim().to_owned();
        Self {
            client: Client::new(aws::config().await),
            is_fifo: url.rsplit_once('.').is_some_and(|(_, kind)| kind == "fifo"),
            url,
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Sends messages, in one request if it can be; why each is refused that is.
    pub(super) async fn send(&self, messages: &[Message<'_>]) -> Result<Vec<Option<String>>, Fault> {
        match self.try_to(messages).await {
            // Which of them it is, it doesn't say.
            Err(Refused::Message(_)) if messages.len() > 1 => {
                let mut refusals = Vec::with_capacity(messages.len());
                for message in messages.chunks(1) {
                    match self.try_to(message).await {
                        Ok(refusal) => refusals.extend(refusal),
                        Err(Refused::Message(why)) => refusals.push(Some(why)),
                        // What was sent so far is not lost, but comes twice.
                        Err(Refused::All(fault)) => return Err(fault),
                    }
                }
                Ok(refusals)
            }
            Err(Refused::Message(why)) => Ok(vec![Some(why)]),
            Err(Refused::All(fault)) => Err(fault),
            Ok(refusals) => Ok(refusals),
        }
    }

    async fn try_to(&self, messages: &[Message<'_>]) -> Result<Vec<Option<String>>, Refused> {
        let entries = messages.iter().enumerate().map(|(at, message)| self.entry(at, message));
        let send = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries.collect()));
        let answer = send.send().await.map_err(|error| {
            let told = aws::told(&error);
            let fault = |more| Fault::new(format!("can't send to {}: {told}{more}", self.url));
            match &error {
                SdkError::ServiceError(refused) => match refused.err().code() {
                    Some(code) if OF_A_MESSAGE.contains(&aws::plain(code)) => Refused::Message(told),
                    _ => Refused::All(fault("")),
                },
                SdkError::ConstructionFailure(_) => Refused::All(fault("")),
                _ => Refused::All(fault("; what was sent last may have been taken all the same, and is not deleted")),
            }
        })?;
        // What is not said to be taken is not.
        let mut refusals = vec![Some("the queue has not said that it has it".to_owned()); messages.len()];
        let mut set = |at: &str, refusal| {
            if let Some(old) = at.parse::<usize>().ok().and_then(|at| refusals.get_mut(at)) {
                *old = refusal;
            }
        };
        for taken in answer.successful {
            set(&taken.id, None);
        }
        for failed in answer.failed {
            let why = failed.message.map_or(failed.code.clone(), |message| format!("{}: {message}", failed.code));
            set(&failed.id, Some(why));
        }
        Ok(refusals)
    }

    fn entry(&self, at: usize, message: &Message<'_>) -> SendMessageBatchRequestEntry {
        let mut entry = SendMessageBatchRequestEntry::builder().id(at.to_string()).message_body(message.body);
        for (name, value) in &message.attributes {
            let value = MessageAttributeValue::builder().data_type("String").string_value(*value).build();
            entry = entry.message_attributes(*name, value.expect("it has a type"));
        }
        if self.is_fifo {
            // By the sealed letter: what a letter says of itself may have been written to hide another.
            entry = entry
                .message_group_id(message.letter.opened.group_id().unwrap_or(GROUP))
                .message_deduplication_id(&message.letter.digest);
        }
        entry.build().expect("it has an id and a body")
    }
}

/// Why a request was refused.
enum Refused {
    /// Because of one of its messages.
    Message(String),
    /// Whatever is in it.
    All(Fault),
}
