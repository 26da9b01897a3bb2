//! Letters in a file, as it should be.

use std::{
    collections::BTreeSet,
    fs,
    io::Read as _,
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
};

use serde_json::json;

use crate::support::{Letters, Run, Tool, json as parsed};

/// A tool, and the letters in its file `letters`.
fn filed(count: usize) -> (Letters, Tool) {
    let letters = Letters::new(count);
    let tool = Tool::new(&letters.key);
    tool.folder.lines("letters", &letters.sealed);
    (letters, tool)
}

#[test]
fn a_list_has_a_line_a_letter_and_no_body() {
    let (_, tool) = filed(25);
    let run = tool.run(&[&"list", &"--file", &tool.folder.path("letters")]).ended(0);
    assert_eq!((run.out.lines().count(), run.err.as_str()), (25, ""));
    assert!(!run.out.contains("the secret of"), "{}", run.out);
    let line = run.out.lines().nth(2).unwrap();
    for told in ["  invalid_input  ", "  received 3x  ", "/take_order  ", "  message m-2  ", "Z  ", " bytes  "] {
        assert!(line.contains(told), "{line}");
    }
}

#[test]
fn a_list_in_json_has_all_facts() {
    let (letters, tool) = filed(3);
    let run = tool.run(&[&"list", &"--json", &"--file", &tool.folder.path("letters")]).ended(0);
    assert!(!run.out.contains("the secret of"), "{}", run.out);
    let mut lines = run.json();
    let at = lines[0].as_object_mut().unwrap().remove("at").unwrap();
    assert!(at.as_str().unwrap().ends_with('Z'), "{at}");
    let reason = lines[0].as_object_mut().unwrap().remove("reason").unwrap();
    assert!(reason.as_str().unwrap().contains("NoCard"), "{reason}");
    assert_eq!(
        lines[0],
        json!({
            "place": "line 1", "code": "no_card", "receive_count": 3, "function": "", "handler": "take_order",
            "message_id": "m-0", "group_id": "shop", "request_id": "", "body_bytes": letters.bodies[0].len(),
        })
    );
}

#[test]
fn letters_are_chosen_by_code_and_number() {
    let (_, tool) = filed(30);
    let file = tool.folder.path("letters");
    let count = |arguments: &[&str]| {
        let mut all: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"list", &"--file", &file];
        all.extend(arguments.iter().map(|argument| argument as &dyn AsRef<std::ffi::OsStr>));
        tool.run(&all).ended(0).out.lines().count()
    };
    assert_eq!(count(&[]), 30);
    assert_eq!(count(&["--code", "no_card"]), 20);
    assert_eq!(count(&["--code", "no_card", "--code", "invalid_input"]), 30);
    assert_eq!(count(&["--code", "no_car"]), 0);
    assert_eq!(count(&["--code", "invalid_input", "--limit", "7"]), 7);
    assert_eq!(count(&["--limit", "12"]), 12);
}

#[test]
fn codes_are_counted() {
    let (_, tool) = filed(30);
    let file = tool.folder.path("letters");
    let lines = tool.run(&[&"stats", &"--json", &"--file", &file]).ended(0).json();
    let counts: Vec<_> = lines.iter().map(|line| (line["code"].as_str().unwrap(), line["letters"].as_u64())).collect();
    assert_eq!(counts, [("no_card", Some(20)), ("invalid_input", Some(10))]);
    assert!(lines[0]["first"].as_str().unwrap() <= lines[0]["last"].as_str().unwrap());
    let run = tool.run(&[&"stats", &"--file", &file]).ended(0);
    assert!(run.out.starts_with("      20  no_card  2"), "{}", run.out);
}

#[test]
fn open_letters_are_whole_and_their_file_is_the_owners_alone() {
    let (letters, tool) = filed(25);
    let (file, out) = (tool.folder.path("letters"), tool.folder.path("out.jsonl"));
    let run = tool.run(&[&"open", &"--file", &file, &"--out", &out]).ended(0);
    assert_eq!(run.out, "");
    assert_eq!(run.told("25 letters written to"), 1, "{}", run.err);
    assert!(!run.err.contains("the secret of"), "{}", run.err);
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    let lines = parsed(&fs::read_to_string(&out).unwrap());
    assert!(lines.iter().map(|line| line["body"].as_str().unwrap()).eq(&letters.bodies));
    assert_eq!(lines[0]["attributes"], json!({"source": "web"}));
    assert_eq!((&lines[2]["code"], &lines[2]["message_id"]), (&json!("invalid_input"), &json!("m-2")));

    let before = (fs::read(&file).unwrap(), fs::read(&out).unwrap());
    let run = tool.run(&[&"open", &"--file", &file, &"--out", &out, &"--delete"]).ended(1);
    assert_eq!(run.told("is not overwritten"), 1, "{}", run.err);
    assert_eq!((fs::read(&file).unwrap(), fs::read(&out).unwrap()), before);

    let run = tool.run(&[&"open", &"--file", &file, &"--out", &"-"]).ended(0);
    assert_eq!(run.out.as_bytes(), before.1);
}

#[test]
fn what_is_written_is_deleted_if_that_is_wanted() {
    let (letters, tool) = filed(1_205);
    let (file, out) = (tool.folder.path("letters"), tool.folder.path("out.jsonl"));
    let run = tool.run(&[&"open", &"--file", &file, &"--out", &out, &"--delete", &"--code", &"no_card"]).ended(0);
    let cards = letters.bodies.iter().filter(|body| body.contains("card_number")).count();
    assert_eq!(run.told(&format!("{cards} letters written to")), 1, "{}", run.err);
    assert_eq!(run.told(&format!("{cards} of them deleted")), 1, "{}", run.err);
    assert_eq!(parsed(&fs::read_to_string(&out).unwrap()).len(), cards);
    let left: Vec<_> = letters.sealed.iter().skip(2).step_by(3).map(|line| format!("{line}\n")).collect();
    assert_eq!(fs::read_to_string(&file).unwrap(), left.concat());
}

#[test]
fn nothing_is_lost_when_the_file_can_not_be_written() {
    let (letters, tool) = filed(200);
    let (file, out) = (tool.folder.path("letters"), tool.folder.path("out.jsonl"));
    let before = fs::read(&file).unwrap();
    for nowhere in ["/dev/full", "/proc/no-such-folder/out"] {
        tool.run(&[&"open", &"--file", &file, &"--out", &nowhere, &"--delete"]).ended(1);
        assert_eq!(fs::read(&file).unwrap(), before);
    }
    let run = tool.run(&[&"open", &"--file", &file, &"--out", &"-", &"--delete"]).ended(1);
    assert_eq!(run.told("use --delete with --out FILE"), 1, "{}", run.err);

    // Files end after some blocks of 512 bytes. The letters' own file is not written to before that.
    let command = tool.command(&[&"open", &"--file", &file, &"--out", &out, &"--delete"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 40; exec \"$@\"", "sh"]).arg(command.get_program());
    let run = Run::of(shell.args(command.get_args()).env("SECURE_DLQ_KEY_FILE", &tool.key).output().unwrap());
    assert_eq!(run.ended(1).told("can't write"), 1);
    let written = parsed(&fs::read_to_string(&out).unwrap());
    assert!((10..200).contains(&written.len()), "{}", written.len());
    let sealed = fs::read_to_string(&file).unwrap();
    let left: BTreeSet<_> = sealed.lines().collect();
    let bodies: BTreeSet<_> = written.iter().map(|line| line["body"].as_str().unwrap()).collect();
    for (body, letter) in letters.bodies.iter().zip(&letters.sealed) {
        assert!(bodies.contains(body.as_str()) || left.contains(letter.as_str()), "{body} is lost");
    }
}

#[test]
fn a_full_output_is_an_error_and_a_closed_one_is_none() {
    let (_, tool) = filed(300);
    let file = tool.folder.path("letters");
    for arguments in [&[&"list" as &dyn AsRef<_>, &"--file", &file][..], &[&"open", &"--file", &file, &"--out", &"-"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let run = tool.command(arguments).stdout(Stdio::from(full)).output().unwrap();
        assert_eq!(Run::of(run).ended(1).told("can't write to standard output"), 1);

        let mut child = tool.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdout.take().unwrap().read_exact(&mut [0]).unwrap();
        let run = Run::of(child.wait_with_output().unwrap()).ended(0);
        assert_eq!(run.err, "");
    }
}

#[test]
fn the_same_line_twice_is_one_letter() {
    let letters = Letters::new(2);
    let tool = Tool::new(&letters.key);
    let file = tool.folder.lines("letters", &[&letters.sealed[0], &letters.sealed[1], &letters.sealed[0]]);
    let out = tool.folder.path("out.jsonl");
    tool.run(&[&"open", &"--file", &file, &"--out", &out, &"--delete"]).ended(0);
    assert_eq!(parsed(&fs::read_to_string(&out).unwrap()).len(), 2);
    assert_eq!(fs::read_to_string(&file).unwrap(), "");
}

#[test]
fn a_wrong_command_line_and_a_missing_file_are_told_apart() {
    let (_, tool) = filed(1);
    tool.run(&[&"list"]).ended(2);
    tool.run(&[&"lost"]).ended(2);
    let run = tool.run(&[&"list", &"--file", &tool.folder.path("no such file")]).ended(1);
    assert_eq!(run.told("can't read"), 1, "{}", run.err);
    let run = tool.run(&[&"list", &"--file", &tool.folder.path("")]).ended(1);
    assert_eq!(run.told("can't read"), 1, "{}", run.err);
    let help = tool.run(&[&"--help"]).ended(0).out;
    assert!(help.contains("3    some letters could not be processed"), "{help}");
}
