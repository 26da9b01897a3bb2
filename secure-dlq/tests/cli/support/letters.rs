//! Letters as functions write them.

use std::sync::{Mutex, PoisonError};

use secure_runtime::{
    dead_letter::{DeadLetter, PrivateKey, PublicKey, SealedLetter},
    prelude::*,
};
use serde_json::json;

#[secure_event]
struct Order<'inv> {
    card_number: Secret<'inv, String>,
}

#[derive(Debug, OpaqueError)]
#[opaque(code = "no_card", status = 422, message = "That is no card's number.", poison)]
struct NoCard;

/// Nothing is a card's number.
#[secure_handler(sqs, dead_letter = letters)]
async fn take_order(record: Record<Order<'_>>, letters: &impl DeadLetterSink) -> Result<(), NoCard> {
    if record.body.card_number.expose(|number| number.is_empty()) { Ok(()) } else { Err(NoCard) }
}

/// A sink that can be lent to the handler.
pub(crate) trait SinkOf: DeadLetterSink {}

impl<S: DeadLetterSink> SinkOf for S {}

/// Has a function put bodies into a sink, as records `m-0`, `m-1`, .. of the group `shop`.
pub(crate) async fn put_in(sink: &impl SinkOf, bodies: &[String]) {
    let records = bodies.iter().enumerate().map(|(at, body)| {
        json!({
            "messageId": format!("m-{at}"),
            "eventSource": "aws:sqs",
            "body": body,
            "attributes": {"ApproximateReceiveCount": "3", "MessageGroupId": "shop"},
            "messageAttributes": {"source": {"stringValue": "web", "dataType": "String"}},
        })
    });
    let batch = RawPayload::from(json!({"Records": records.collect::<Vec<_>>()}));
    let answer = take_order(LambdaEvent::new(batch, Context::default()), sink).await.unwrap();
    assert_eq!(answer.failed().count(), 0);
}

/// A sink that keeps sealed letters.
pub(crate) struct Keep {
    key: PublicKey,
    letters: Mutex<Vec<String>>,
}

impl DeadLetterSink for Keep {
    async fn put(&self, letter: DeadLetter<'_>) -> Result<(), Error> {
        let sealed = SealedLetter::seal(&letter, &self.key).to_string();
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).push(sealed);
        Ok(())
    }
}

/// A key, and letters that are sealed to it.
pub(crate) struct Letters {
    pub(crate) key: PrivateKey,
    pub(crate) bodies: Vec<String>,
    pub(crate) sealed: Vec<String>,
}

impl Letters {
    /// So many: every third has no JSON (`invalid_input`), the others no card (`no_card`).
    pub(crate) fn new(count: usize) -> Self {
        Self::of((0..count).map(|at| match at % 3 {
            2 => format!("no JSON, but the secret of {at}"),
            _ => json!({"card_number": format!("the secret of {at}")}).to_string(),
        }))
    }

    pub(crate) fn of(bodies: impl IntoIterator<Item = String>) -> Self {
        let (key, bodies) = (PrivateKey::generate(), Vec::from_iter(bodies));
        let keep = Keep { key: key.public_key(), letters: Mutex::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(put_in(&keep, &bodies));
        let sealed = keep.letters.into_inner().unwrap();
        assert_eq!(sealed.len(), bodies.len());
        Self { key, bodies, sealed }
    }
}

/// Changes one letter of the alphabet in the middle, as somebody who hopes that nobody looks.
pub(crate) fn tampered(letter: &str) -> String {
    let mut text = letter.as_bytes().to_vec();
    let at = text.len() / 2;
    text[at] = if text[at] == b'A' { b'B' } else { b'A' };
    String::from_utf8(text).unwrap()
}
