//! FIFO queues.

use aws_sdk_sqs::types::MessageSystemAttributeName;
use secure_runtime::dead_letter::PrivateKey;
use serde_json::json;

use crate::support::{Letters, Queues, Tool, contents, facts, forge};

#[test]
fn a_group_is_kept_and_a_letter_that_is_replayed_twice_is_delivered_once() {
    let queues = Queues::start();
    let key = PrivateKey::generate();
    let letter = |group: &str, body: &str| {
        let facts = facts(&json!({"group_id": group}));
        forge(&key.public_key(), &facts, &contents(&json!({}), body.as_bytes()))
    };
    let ungrouped = forge(&key.public_key(), &facts(&json!({})), &contents(&json!({}), b"ungrouped"));
    let sealed = [letter("shop-7", "a"), letter("shop-7", "b"), letter("shop-9", "a"), ungrouped];
    let orders = queues.create("orders.fifo");
    let tool = Tool::with(&key, queues.environment());
    let file = tool.folder.lines("letters", &sealed);
    for _ in 0..2 {
        tool.run(&[&"replay", &"--keep", &"--file", &file, &"--to", &orders]).ended(0);
    }
    let mut got: Vec<_> = queues
        .drain(&orders)
        .iter()
        .map(|message| {
            let group = message.attributes.as_ref().unwrap()[&MessageSystemAttributeName::MessageGroupId].clone();
            (group, message.body.clone().unwrap())
        })
        .collect();
    got.sort();
    let expected = [("dead-letters", "ungrouped"), ("shop-7", "a"), ("shop-7", "b"), ("shop-9", "a")];
    assert_eq!(got, expected.map(|(group, body)| (group.to_owned(), body.to_owned())));
}

#[test]
fn what_a_group_holds_back_is_told_of_and_is_no_success() {
    let queues = Queues::start();
    let letters = Letters::new(23);
    let dead = queues.filled("dead.fifo", &letters.sealed);
    let tool = Tool::with(&letters.key, queues.environment());
    let run = tool.run(&[&"list", &"--queue", &dead]).ended(3);
    assert_eq!(run.out.lines().count(), 10);
    assert_eq!(run.told("the queue has about 13 more that it does not hand out"), 1, "{}", run.err);
    assert_eq!(queues.counts(&dead), (23, 0));

    let orders = queues.create("orders.fifo");
    tool.run(&[&"replay", &"--queue", &dead, &"--to", &orders]).ended(0);
    assert_eq!(queues.counts(&dead), (0, 0));
    assert_eq!(queues.counts(&orders), (23, 0));
}
