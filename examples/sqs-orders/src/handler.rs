//! The function itself.

use secure_runtime::prelude::*;

use crate::{error::OrderError, event::Order, payments::Payments};

/// Takes one order. It is called once for each record of a batch, for up to four at a time: charging is waiting.
#[secure_handler(sqs, concurrency = 4)]
pub async fn take_order(record: Record<Order<'_>>, payments: &Payments) -> Result<(), OrderError> {
    let Order { order_id, card_number } = record.body;
    let charged = card_number.expose_async(async |card| payments.charge(&order_id, card).await).await;
    charged.map_err(|refusal| OrderError::refused(refusal, order_id))
}

#[cfg(test)]
mod tests {
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

    /// The message ids that the queue is told of.
    async fn failed(batch: Value) -> Vec<String> {
        let event = LambdaEvent::new(RawPayload::from(batch), Context::default());
        let response = take_order(event, &Payments::connect("tests/payments")).await.unwrap();
        response.failed().map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn sound_orders_are_taken() {
        assert!(failed(json!({"Records": [order("1", SOUND), order("2", SOUND)]})).await.is_empty());
    }

    #[tokio::test]
    async fn an_order_that_fails_is_reported_and_the_others_are_taken() {
        let no_card = record("4", &json!({"order_id": "order 4"}));
        let batch = json!({"Records": [
            order("1", DECLINED), order("2", SOUND), order("3", BUSY), no_card, order("5", SOUND),
        ]});
        assert_eq!(failed(batch).await, ["1", "3", "4"]);
    }

    #[tokio::test]
    async fn what_is_no_batch_fails_as_a_whole() {
        let event = LambdaEvent::new(RawPayload::from(json!({"order_id": "A-1001"})), Context::default());
        let failure = take_order(event, &Payments::connect("tests/payments")).await.unwrap_err();
        assert_eq!(failure.code(), "invalid_input");
    }

    #[tokio::test]
    async fn the_events_of_the_readme_are_answered_as_it_says() {
        let batch = include_str!("../events/batch.json").parse().unwrap();
        let fifo = include_str!("../events/fifo-batch.json").parse().unwrap();
        let id = |n| format!("059f36b4-87a3-44ab-83d2-66197{n:07}");
        assert_eq!(failed(batch).await, [id(2), id(3), id(4)]);
        assert_eq!(failed(fifo).await, [id(2), id(3)]);
    }
}
