//! The function as Lambda runs it: a process, events over HTTP, and what is seen of it from outside.

use secure_testing::{Function, Outcome};
use serde_json::{Value, json};

#[test]
fn a_batch_is_answered_with_what_failed_and_no_card_is_told() {
    let mut orders =
        Function::builder(env!("CARGO_BIN_EXE_sqs-orders")).env("PAYMENTS_SECRET", "tests/payments").start().unwrap();
    let batch: Value = include_str!("../events/batch.json").parse().unwrap();
    let failed = [2, 3, 4].map(|n| json!({"itemIdentifier": batch["Records"][n - 1]["messageId"]}));
    for _ in 0..2 {
        let reply = orders.invoke(batch.clone()).unwrap();
        assert_eq!(reply.outcome(), Outcome::Answer, "{}", reply.text());
        assert_eq!(reply.json::<Value>().unwrap(), json!({"batchItemFailures": failed}));
        let log = reply.log().concat();
        for told in ["card_declined", "A-1002", "payments_busy", "A-1003", "invalid_input"] {
            assert!(log.contains(told), "{told}: {log}");
        }
        for card in ["4242424242424242", "4000000000000002", "4000000000000119"] {
            assert!(!log.contains(card), "{card}: {log}");
        }
    }
    assert_eq!(orders.restarts(), 0);
}
