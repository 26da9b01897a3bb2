//! Keys, and who may read them.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    process::Stdio,
};

use secure_runtime::dead_letter::{PrivateKey, PublicKey};

use crate::support::{Letters, Run, Tool};

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_pair_belongs_together_and_the_private_half_is_the_owners_alone() {
    let tool = Tool::new(&PrivateKey::generate());
    let path = tool.folder.path("new.key");
    let run = tool.run(&[&"keygen", &"--out", &path]).ended(0);
    assert_eq!(mode(&path), 0o600);
    let private = fs::read_to_string(&path).unwrap();
    let key: PrivateKey = private.parse().unwrap();
    assert_eq!(run.out.parse::<PublicKey>().unwrap(), key.public_key());
    assert!(!run.out.contains(private.trim()) && !run.err.contains(private.trim()));
    assert_eq!(run.told("keep it"), 1, "{}", run.err);

    let again = tool.run(&[&"public-key", &"--key", &path]).ended(0);
    assert_eq!((again.out, again.err), (run.out, String::new()));
}

#[test]
fn a_key_is_never_overwritten() {
    let tool = Tool::new(&PrivateKey::generate());
    let before = fs::read_to_string(&tool.key).unwrap();
    let run = tool.run(&[&"keygen", &"--out", &tool.key]).ended(1);
    assert_eq!(run.out, "");
    assert_eq!(run.told("is not overwritten: choose another name"), 1, "{}", run.err);
    assert_eq!(fs::read_to_string(&tool.key).unwrap(), before);

    let (link, target) = (tool.folder.path("link"), tool.folder.path("target"));
    symlink(&target, &link).unwrap();
    tool.run(&[&"keygen", &"--out", &link]).ended(1);
    assert!(!target.exists(), "what the link dangles at was made");
}

#[test]
fn a_public_key_that_was_not_seen_is_not_lost() {
    let tool = Tool::new(&PrivateKey::generate());
    let path = tool.folder.path("new.key");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = tool.command(&[&"keygen", &"--out", &path]).stdout(Stdio::from(full)).output().unwrap();
    let run = Run::of(run).ended(1);
    assert_eq!(run.told("can't write to standard output"), 1, "{}", run.err);
    assert_eq!(run.told("secure-dlq public-key --key"), 1, "{}", run.err);
    tool.run(&[&"public-key", &"--key", &path]).ended(0);
}

#[test]
fn no_key_is_left_where_it_could_not_be_written() {
    let tool = Tool::new(&PrivateKey::generate());
    let path = tool.folder.path("new.key");
    let limited = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
    let command = tool.command(&[&"keygen", &"--out", &path]);
    let mut shell = std::process::Command::new("sh");
    let run = Run::of(
        shell.args(["-c", limited, "sh"]).arg(command.get_program()).args(command.get_args()).output().unwrap(),
    );
    assert_eq!(run.ended(1).told("can't write"), 1);
    assert!(!path.exists());
}

#[test]
fn a_key_that_others_may_touch_is_refused() {
    let letters = Letters::new(1);
    let tool = Tool::new(&letters.key);
    let file = tool.folder.lines("letters", &letters.sealed);
    for bit in 0..6 {
        let open = 0o600 | 1 << bit;
        fs::set_permissions(&tool.key, fs::Permissions::from_mode(open)).unwrap();
        let run = tool.run(&[&"list", &"--file", &file]).ended(1);
        assert_eq!(run.out, "");
        assert_eq!(run.told(&format!("(mode {open:03o}): run `chmod 600 ")), 1, "{}", run.err);
    }
    for closed in [0o600, 0o400, 0o700] {
        fs::set_permissions(&tool.key, fs::Permissions::from_mode(closed)).unwrap();
        tool.run(&[&"list", &"--file", &file]).ended(0);
    }
}

#[test]
fn what_is_no_private_key_is_refused_and_not_quoted() {
    let key = PrivateKey::generate();
    let tool = Tool::new(&key);
    let file = tool.folder.lines("letters", &[""]);
    let typo = fs::read_to_string(&tool.key).unwrap() + "A";
    for (text, told) in [
        (key.public_key().to_string(), "a public key where a private one is needed"),
        (typo, "no key for dead letters, or one with a typo"),
        (String::new(), "no key for dead letters, or one with a typo"),
    ] {
        fs::write(&tool.key, &text).unwrap();
        let run = tool.run(&[&"list", &"--file", &file]).ended(1);
        assert_eq!(run.told(told), 1, "{}", run.err);
        assert!(text.is_empty() || !run.err.contains(&text[..40]), "{}", run.err);
    }
    fs::remove_file(&tool.key).unwrap();
    assert_eq!(tool.run(&[&"list", &"--file", &file]).ended(1).told("can't read the key"), 1);
}
