//! A thousand dead letters.

use std::{collections::BTreeSet, fs};

use crate::support::{Letters, Queues, Tool, json, tampered};

#[test]
fn a_thousand_letters_are_listed_opened_and_replayed_and_ten_that_were_tampered_with_are_told_of() {
    let queues = Queues::start();
    let letters = Letters::new(1_000);
    let is_bad = |at: usize| at % 100 == 50;
    let sent = letters.sealed.iter().enumerate();
    let sealed: Vec<_> = sent.map(|(at, letter)| if is_bad(at) { tampered(letter) } else { letter.clone() }).collect();
    let (dead, orders) = (queues.filled("orders-dead", &sealed), queues.create("orders"));
    let mut good: Vec<_> =
        letters.bodies.iter().enumerate().filter(|(at, _)| !is_bad(*at)).map(|(_, body)| body).collect();
    good.sort();
    let tool = Tool::with(&letters.key, queues.environment());
    let forged = "the letter is not what was sealed";
    // Each command begins with what the one before has given back.
    assert_eq!(queues.counts(&dead), (1_000, 0));

    let list = tool.run(&[&"list", &"--json", &"--queue", &dead]).ended(3);
    assert_eq!(list.told(forged), 10, "{}", list.err);
    let lines = list.json();
    let ids: BTreeSet<_> = lines.iter().map(|line| line["message_id"].as_str().unwrap()).collect();
    assert_eq!((lines.len(), ids.len()), (990, 990));
    assert_eq!(queues.counts(&dead), (1_000, 0));

    let stats = tool.run(&[&"stats", &"--json", &"--queue", &dead]).ended(3);
    assert_eq!(stats.json().iter().map(|line| line["letters"].as_u64().unwrap()).sum::<u64>(), 990);
    assert_eq!(queues.counts(&dead), (1_000, 0));

    let out = tool.folder.path("out.jsonl");
    let open = tool.run(&[&"open", &"--queue", &dead, &"--out", &out]).ended(3);
    assert_eq!(open.told(forged), 10, "{}", open.err);
    let lines = json(&fs::read_to_string(&out).unwrap());
    let mut bodies: Vec<_> = lines.iter().map(|line| line["body"].as_str().unwrap()).collect();
    bodies.sort_unstable();
    assert!(bodies.iter().eq(&good));
    assert_eq!(queues.counts(&dead), (1_000, 0));

    let replay = tool.run(&[&"replay", &"--queue", &dead, &"--to", &orders]).ended(3);
    assert_eq!(replay.told(forged), 10, "{}", replay.err);
    assert_eq!(replay.told("990 letters sent to"), 1, "{}", replay.err);
    assert_eq!(queues.counts(&dead), (10, 0));
    assert!(queues.bodies(&orders).iter().eq(good));
    let mut bad: Vec<_> =
        sealed.into_iter().enumerate().filter(|(at, _)| is_bad(*at)).map(|(_, letter)| letter).collect();
    bad.sort();
    assert_eq!(queues.bodies(&dead), bad);
}
