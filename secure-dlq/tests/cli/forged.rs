//! Letters that somebody has written who has the public key.

use std::fs;

use secure_runtime::dead_letter::PrivateKey;
use serde_json::json;

use crate::support::{Tool, contents, facts, forge, json as parsed};

#[test]
fn a_terminal_is_not_told_what_a_letter_says() {
    let key = PrivateKey::generate();
    let tool = Tool::new(&key);
    let evil = "red\u{1b}[31m\r\n2020-01-01T00:00:00Z  a second line\u{9b}2J\u{202e}";
    let others = json!({"code": evil, "reason": evil, "message_id": evil, "function": evil, "at": u64::MAX});
    let body = contents(&json!({"name": evil}), evil.as_bytes());
    let file = tool.folder.lines("letters", &[forge(&key.public_key(), &facts(&others), &body)]);
    let obeyed = |char: char| char != '\n' && (char.is_control() || char == '\u{202e}');
    let list = tool.run(&[&"list", &"--file", &file]).ended(0);
    let stats = tool.run(&[&"stats", &"--file", &file]).ended(0);
    let as_json = tool.run(&[&"list", &"--json", &"--file", &file]).ended(0);
    let open = tool.run(&[&"open", &"--out", &"-", &"--file", &file]).ended(0);
    for run in [&list, &stats, &as_json, &open] {
        assert!(run.out.contains("red") && !run.out.contains(obeyed), "{:?}", run.out);
        assert_eq!(run.out.lines().count(), 1, "{}", run.out);
    }
    assert!(list.out.starts_with("no such time  red\\u{1b}[31m\\r\\n"), "{}", list.out);
    assert_eq!((&as_json.json()[0]["code"], &as_json.json()[0]["at"]), (&json!(evil), &json!(null)));
    assert_eq!((&open.json()[0]["body"], &open.json()[0]["attributes"]["name"]), (&json!(evil), &json!(evil)));
}

#[test]
fn a_body_that_is_no_text_is_written_all_the_same() {
    let key = PrivateKey::generate();
    let tool = Tool::new(&key);
    let bodies: [&[u8]; 2] = [b"\xFF\x00\xFE", b""];
    let letters = bodies.map(|body| forge(&key.public_key(), &facts(&json!({})), &contents(&json!({}), body)));
    let (file, out) = (tool.folder.lines("letters", &letters), tool.folder.path("out.jsonl"));
    tool.run(&[&"open", &"--file", &file, &"--out", &out]).ended(0);
    let lines = parsed(&fs::read_to_string(&out).unwrap());
    assert_eq!((&lines[0]["body_base64"], lines[0].get("body")), (&json!("/wD+"), None));
    assert_eq!((&lines[1]["body"], lines[1].get("body_base64")), (&json!(""), None));
    assert_eq!(lines[0]["body_bytes"], 3);
}

#[test]
fn what_was_sealed_to_the_key_but_is_no_letter_says_so() {
    let key = PrivateKey::generate();
    let tool = Tool::new(&key);
    let strange = forge(&key.public_key(), &json!({"hello": 1}), b"");
    let file = tool.folder.lines("letters", &[strange]);
    let run = tool.run(&[&"list", &"--file", &file]).ended(3);
    assert_eq!(run.told("line 1: sealed to this key, but not as this release writes letters"), 1, "{}", run.err);
}
