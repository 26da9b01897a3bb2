//! Queues, and what goes wrong with them.

use std::{fs, thread, time::Duration};

use secure_runtime::dead_letter::PrivateKey;
use serde_json::json;

use crate::support::{Letters, Proxy, Queues, Rule, Tool, contents, facts, forge, json as parsed};

#[test]
fn a_replayed_message_is_what_the_record_was() {
    let queues = Queues::start();
    let letters = Letters::new(1);
    let (dead, orders) = (queues.filled("dead", &letters.sealed), queues.create("orders"));
    let tool = Tool::with(&letters.key, queues.environment());
    tool.run(&[&"replay", &"--queue", &dead, &"--to", &orders]).ended(0);
    let messages = queues.drain(&orders);
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].body.as_ref(), Some(&letters.bodies[0]));
    let attributes = messages[0].message_attributes.as_ref().unwrap();
    assert_eq!(attributes.len(), 1);
    let source = &attributes["source"];
    assert_eq!((source.data_type(), source.string_value()), ("String", Some("web")));
    assert_eq!(queues.counts(&dead), (0, 0));
}

#[test]
fn letters_stay_if_that_is_wanted() {
    let queues = Queues::start();
    let letters = Letters::new(13);
    let (dead, orders) = (queues.filled("dead", &letters.sealed), queues.create("orders"));
    let tool = Tool::with(&letters.key, queues.environment());
    tool.run(&[&"replay", &"--keep", &"--queue", &dead, &"--to", &orders, &"--limit", &"12"]).ended(0);
    assert_eq!((queues.counts(&dead), queues.counts(&orders)), ((13, 0), (12, 0)));
    tool.run(&[&"replay", &"--queue", &dead, &"--to", &orders, &"--code", &"invalid_input"]).ended(0);
    assert_eq!((queues.counts(&dead), queues.counts(&orders)), ((9, 0), (16, 0)));
}

#[test]
fn a_file_is_replayed_as_well() {
    let queues = Queues::start();
    let letters = Letters::new(23);
    let orders = queues.create("orders");
    let tool = Tool::with(&letters.key, queues.environment());
    let mut lines = letters.sealed.clone();
    lines.insert(4, "not a letter".to_owned());
    let file = tool.folder.lines("letters", &lines);
    tool.run(&[&"replay", &"--file", &file, &"--to", &orders]).ended(3);
    let mut bodies = letters.bodies;
    bodies.sort();
    assert_eq!(queues.bodies(&orders), bodies);
    assert_eq!(fs::read_to_string(&file).unwrap(), "not a letter\n");
}

#[test]
fn a_queue_is_emptied_into_a_file() {
    let queues = Queues::start();
    let letters = Letters::new(23);
    let dead = queues.filled("dead", &letters.sealed);
    let tool = Tool::with(&letters.key, queues.environment());
    let out = tool.folder.path("out.jsonl");
    let nowhere = tool.run(&[&"open", &"--queue", &dead, &"--out", &"/dev/full", &"--delete"]).ended(1);
    assert_eq!(nowhere.told("is not overwritten"), 1, "{}", nowhere.err);
    assert_eq!(queues.counts(&dead), (23, 0));
    tool.run(&[&"open", &"--queue", &dead, &"--out", &out, &"--delete"]).ended(0);
    assert_eq!(parsed(&fs::read_to_string(&out).unwrap()).len(), 23);
    assert_eq!(queues.counts(&dead), (0, 0));
}

#[test]
fn what_no_queue_takes_stays() {
    let queues = Queues::start();
    let letters = Letters::new(23);
    let dead = queues.filled("dead", &letters.sealed);
    let tool = Tool::with(&letters.key, queues.environment());
    let missing = format!("{dead}-missing");
    let run = tool.run(&[&"replay", &"--queue", &dead, &"--to", &missing]).ended(1);
    assert_eq!(run.told(&format!("can't send to {missing}: ")), 1, "{}", run.err);
    assert_eq!(run.told("0 letters sent to"), 1, "{}", run.err);
    assert_eq!(queues.counts(&dead), (23, 0));

    let run = tool.run(&[&"replay", &"--queue", &dead, &"--to", &dead]).ended(1);
    assert_eq!(run.told("--to is the queue that the letters are in"), 1, "{}", run.err);
    assert_eq!(queues.counts(&dead), (23, 0));
    let run = tool.run(&[&"list", &"--queue", &missing]).ended(1);
    assert_eq!(run.told("can't receive from"), 1, "{}", run.err);
}

/// moto takes any text. The proxy refuses what SQS refuses: a whole request because of one of its messages.
#[test]
fn what_is_refused_of_a_request_stays_and_the_rest_of_it_goes() {
    let queues = Queues::start();
    let key = PrivateKey::generate();
    let letter = |body: &[u8]| forge(&key.public_key(), &facts(&json!({})), &contents(&json!({}), body));
    let mut refused = [letter(b"a text with \x01 in it"), letter(b"\xFF")];
    let sealed = [vec![letter(b"first")], refused.to_vec(), vec![letter(b"last")]].concat();
    let (dead, orders) = (queues.filled("dead", &sealed), queues.create("orders"));
    let proxy = Proxy::start(queues.moto.url(), |operation, _, body| {
        let is_refused = operation == "SendMessageBatch" && body.contains("\\u0001");
        if is_refused { Rule::Refuse("InvalidMessageContents") } else { Rule::Forward }
    });
    let tool = Tool::with(&key, proxy.environment(queues.environment()));
    let run = tool.run(&[&"replay", &"--queue", &dead, &"--to", &orders]).ended(3);
    assert_eq!(run.told("its body is no text"), 1, "{}", run.err);
    assert_eq!(run.told(": not taken by "), 1, "{}", run.err);
    assert_eq!(run.told("InvalidMessageContents: no, not that"), 1, "{}", run.err);
    assert_eq!(queues.bodies(&orders), ["first", "last"]);
    refused.sort();
    assert_eq!(queues.bodies(&dead), refused);
}

#[test]
fn a_request_that_is_done_in_part_loses_nothing() {
    let queues = Queues::start();
    let letters = Letters::new(4);
    let (dead, orders) = (queues.filled("dead", &letters.sealed), queues.create("orders"));
    // Takes the second, refuses the third, and says nothing of the others.
    let answer = json!({
        "Successful": [{"Id": "1", "MessageId": "x", "MD5OfMessageBody": "x"}],
        "Failed": [{"Id": "2", "Code": "InternalError", "Message": "a disk is full", "SenderFault": false}],
    });
    let proxy = Proxy::start(queues.moto.url(), move |operation, _, _| match operation {
        "SendMessageBatch" => Rule::Answer(answer.to_string()),
        _ => Rule::Forward,
    });
    let tool = Tool::with(&letters.key, proxy.environment(queues.environment()));
    let run = tool.run(&[&"replay", &"--queue", &dead, &"--to", &orders]).ended(3);
    assert_eq!(run.told("InternalError: a disk is full"), 1, "{}", run.err);
    assert_eq!(run.told("the queue has not said that it has it"), 2, "{}", run.err);
    assert_eq!(run.told("1 letter sent to"), 1, "{}", run.err);
    assert_eq!(queues.counts(&dead), (3, 0));
}

#[test]
fn what_can_not_be_deleted_is_told_of_and_ends_the_work() {
    let queues = Queues::start();
    let letters = Letters::new(23);
    let (dead, orders) = (queues.filled("dead", &letters.sealed), queues.create("orders"));
    let proxy = Proxy::start(queues.moto.url(), |operation, before, _| match (operation, before) {
        ("DeleteMessageBatch", 1) => Rule::Refuse("AccessDenied"),
        _ => Rule::Forward,
    });
    let tool = Tool::with(&letters.key, proxy.environment(queues.environment()));
    let run = tool.run(&[&"replay", &"--queue", &dead, &"--to", &orders]).ended(1);
    assert_eq!(run.told(": replayed, but not deleted"), 10, "{}", run.err);
    assert_eq!(run.told("AccessDenied: no, not that"), 1, "{}", run.err);
    assert_eq!((queues.counts(&dead), queues.counts(&orders)), ((13, 0), (20, 0)));
    let sent = proxy.log().into_iter().filter(|operation| operation == "SendMessageBatch").count();
    assert_eq!(sent, 2, "nothing more is sent that could not be deleted");
}

#[test]
fn requests_are_no_larger_than_every_queue_takes() {
    let queues = Queues::start();
    let letters = Letters::of((0..7).map(|at| format!("{at}{}", "x".repeat(100_000))));
    let (dead, orders) = (queues.filled("dead", &letters.sealed), queues.create("orders"));
    let proxy = Proxy::start(queues.moto.url(), |operation, _, body| {
        assert!(operation != "SendMessageBatch" || body.len() < 256 * 1024, "{}", body.len());
        Rule::Forward
    });
    let tool = Tool::with(&letters.key, proxy.environment(queues.environment()));
    tool.run(&[&"replay", &"--queue", &dead, &"--to", &orders]).ended(0);
    assert_eq!(queues.bodies(&orders), letters.bodies);
}

/// A wait of more than half of the visibility timeout: however much longer it is, each letter is listed once.
#[test]
fn what_is_held_is_held_on_to() {
    let queues = Queues::start();
    let letters = Letters::new(13);
    let dead = queues.filled("dead", &letters.sealed);
    let proxy = Proxy::start(queues.moto.url(), |operation, before, _| {
        if operation == "ReceiveMessage" && before == 1 {
            thread::sleep(Duration::from_secs(6));
        }
        Rule::Forward
    });
    let tool = Tool::with(&letters.key, proxy.environment(queues.environment()));
    let run = tool.run(&[&"list", &"--queue", &dead, &"--visibility", &"10"]).ended(0);
    assert_eq!(run.out.lines().count(), 13);
    let log = proxy.log();
    let hidden = log.iter().position(|operation| operation == "ChangeMessageVisibilityBatch").unwrap();
    assert!(log[hidden..].iter().any(|operation| operation == "ReceiveMessage"), "{log:?}");
    assert_eq!(queues.counts(&dead), (13, 0));
}
