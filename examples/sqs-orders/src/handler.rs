//! The function itself.

use secure_runtime::prelude::*;

use crate::{error::OrderError, event::Order, payments::Payments};

/// Takes one order. It is called once for each record of a batch, for up to four at a time: charging is waiting. An order that is
/// declined, and one that doesn't parse, goes to `letters`.
#[secure_handler(sqs, concurrency = 4, dead_letter = letters)]
pub async fn take_order(
    record: Record<Order<'_>>,
    payments: &Payments,
    letters: &impl DeadLetterSink,
) -> Result<(), OrderError> {
    let Order { order_id, card_number } = record.body;
    let charged = card_number.expose_async(async |card| payments.charge(&order_id, card).await).await;
    charged.map_err(|refusal| OrderError::refused(refusal, order_id))
}

#[cfg(test)]
mod tests {
    use secure_runtime::dead_letter::MemorySink;
    use serde_json::{Value, json};

    use super::*;

    const SOUND: &str = "4242424242424242";
    const DECLINED: &str = "4000000000000002";
    const BUSY: &str = "4000000000000119";

    /// A record as Amazon SQS writes it: its body is JSON in a text.
    fn record(message_id: &str, body: &Value) -> Value {
        json!({"messageId": message_id, "eventSource": "aws:sqs", "body": body.to_string()})
    }

    fn order(message_id: &str, card_number: &str) -> Value {
        record(message_id, &json!({"order_id": format!("order {message_id}"), "card_number": card_number}))
    }

    /// The message ids that come again, and those that went to the sink, with their codes.
    async fn outcome(batch: Value) -> (Vec<String>, Vec<(String, String)>) {
        let event = LambdaEvent::new(RawPayload::from(batch), Context::default());
        let letters = MemorySink::default();
        let response = take_order(event, &Payments::connect("tests/payments"), &letters).await.unwrap();
        let mut dead: Vec<_> =
            letters.letters().iter().map(|letter| (letter.message_id().to_owned(), letter.code().to_owned())).collect();
        dead.sort();
        (response.failed().map(str::to_owned).collect(), dead)
    }

    fn dead<const N: usize>(letters: [(&str, &str); N]) -> Vec<(String, String)> {
        letters.map(|(id, code)| (id.to_owned(), code.to_owned())).into()
    }

    #[tokio::test]
    async fn sound_orders_are_taken() {
        let batch = json!({"Records": [order("1", SOUND), order("2", SOUND)]});
        assert_eq!(outcome(batch).await, (vec![], vec![]));
    }

    #[tokio::test]
    async fn what_may_succeed_comes_again_and_what_never_will_is_put_aside() {
        let no_card = record("4", &json!({"order_id": "order 4"}));
        let batch = json!({"Records": [
            order("1", DECLINED), order("2", SOUND), order("3", BUSY), no_card, order("5", SOUND),
        ]});
        let (failed, letters) = outcome(batch).await;
        assert_eq!(failed, ["3"]);
        assert_eq!(letters, dead([("1", "card_declined"), ("4", "invalid_input")]));
    }

    #[tokio::test]
    async fn what_is_no_batch_fails_as_a_whole() {
        let event = LambdaEvent::new(RawPayload::from(json!({"order_id": "A-1001"})), Context::default());
        let payments = Payments::connect("tests/payments");
        let failure = take_order(event, &payments, &MemorySink::default()).await.unwrap_err();
        assert_eq!(failure.code(), "invalid_input");
    }

    #[tokio::test]
    async fn the_events_of_the_readme_are_answered_as_it_says() {
        let batch = include_str!("../events/batch.json").parse().unwrap();
        let fifo = include_str!("../events/fifo-batch.json").parse().unwrap();
        let id = |n| format!("059f36b4-87a3-44ab-83d2-66197{n:07}");
        let (failed, letters) = outcome(batch).await;
        assert_eq!(failed, [id(3)]);
        assert_eq!(letters, dead([(&*id(2), "card_declined"), (&*id(4), "invalid_input")]));
        let (failed, letters) = outcome(fifo).await;
        assert_eq!((failed, letters), (vec![id(2), id(3)], vec![]));
    }
}
