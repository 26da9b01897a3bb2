//! Letters that can't be opened.

use std::fs;

use crate::support::{Letters, Tool, json, tampered};

/// Good letters, and in between one of each that is not.
fn mixed() -> (Letters, Tool, Vec<u8>) {
    let (letters, others) = (Letters::new(8), Letters::new(1));
    let tool = Tool::new(&letters.key);
    let good = |at: usize| letters.sealed[at].clone().into_bytes();
    let cut = good(1)[..100].to_vec();
    let newer = letters.sealed[1].replacen(".1.", ".2.", 1).into_bytes();
    let lines = [
        good(0),
        tampered(&letters.sealed[1]).into_bytes(),
        good(2),
        cut,
        good(3),
        b"{\"order_id\": 1}".to_vec(),
        good(4),
        others.sealed[0].clone().into_bytes(),
        good(5),
        newer,
        good(6),
        b"no \xFF text".to_vec(),
        good(7),
    ];
    let bytes: Vec<u8> = lines.iter().flat_map(|line| [&line[..], b"\n"].concat()).collect();
    fs::write(tool.folder.path("letters"), &bytes).unwrap();
    (letters, tool, bytes)
}

const TOLD: [&str; 6] = [
    "line 2: the letter is not what was sealed: nothing of it can be trusted",
    "line 4: the letter's end is missing: nothing can be read of what is left",
    "line 6: not a sealed letter: see who else writes here",
    "line 8: sealed to the key ",
    "line 10: a letter of version \"2\": a newer release may know it",
    "line 12: a line that is not UTF-8",
];

#[test]
fn each_is_told_of_and_the_others_are_listed_and_counted() {
    let (_, tool, bytes) = mixed();
    let file = tool.folder.path("letters");
    let list = tool.run(&[&"list", &"--file", &file]).ended(3);
    let stats = tool.run(&[&"stats", &"--json", &"--file", &file]).ended(3);
    for run in [&list, &stats] {
        for told in TOLD {
            assert_eq!(run.told(told), 1, "{told}: {}", run.err);
        }
        assert_eq!(run.told("6 letters could not be processed"), 1, "{}", run.err);
        assert_eq!(run.err.lines().count(), 7, "{}", run.err);
    }
    assert_eq!(list.out.lines().count(), 7);
    assert_eq!(stats.json().iter().map(|line| line["letters"].as_u64().unwrap()).sum::<u64>(), 7);
    assert_eq!(fs::read(&file).unwrap(), bytes);
}

#[test]
fn what_can_not_be_opened_is_never_deleted() {
    let (letters, tool, bytes) = mixed();
    let (file, out) = (tool.folder.path("letters"), tool.folder.path("out.jsonl"));
    let run = tool.run(&[&"open", &"--file", &file, &"--out", &out, &"--delete"]).ended(3);
    assert_eq!(run.told("7 letters written to"), 1, "{}", run.err);
    let lines = json(&fs::read_to_string(&out).unwrap());
    let bodies = [0, 2, 3, 4, 5, 6, 7].map(|at| letters.bodies[at].as_str());
    assert!(lines.iter().map(|line| line["body"].as_str().unwrap()).eq(bodies));
    let bad: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').skip(1).step_by(2).collect();
    assert_eq!(fs::read(&file).unwrap(), bad.concat());
}
