//! What a terminal gets to see.

use std::{
    fs::{File, OpenOptions},
    io::Read as _,
    process::Stdio,
    thread,
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::{Letters, Queues, Tool};

/// A terminal: what is shown, and where to write to.
fn terminal() -> (File, File) {
    let shown = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&shown).unwrap();
    unlockpt(&shown).unwrap();
    let name = ptsname(&shown, Vec::new()).unwrap().into_string().unwrap();
    (File::from(shown), OpenOptions::new().read(true).write(true).open(name).unwrap())
}

/// All that is shown until nobody has the terminal any more, which is an error in Linux's words.
fn all_of(mut shown: File) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut all = Vec::new();
        let mut some = [0; 4096];
        while let Ok(read @ 1..) = shown.read(&mut some) {
            all.extend_from_slice(&some[..read]);
        }
        String::from_utf8_lossy(&all).into_owned()
    })
}

#[test]
fn letters_in_clear_are_not_for_terminals() {
    let letters = Letters::new(1);
    let tool = Tool::new(&letters.key);
    let file = tool.folder.lines("letters", &letters.sealed);
    for (command, code) in [("open", 1), ("list", 0)] {
        let (shown, terminal) = terminal();
        let shown = all_of(shown);
        let mut child = tool.command(&[&command, &"--file", &file]);
        if command == "open" {
            child.args(["--out", "-"]);
        }
        let output = child.stdout(Stdio::from(terminal)).stderr(Stdio::piped()).output().unwrap();
        drop(child);
        assert_eq!(output.status.code(), Some(code));
        let shown = shown.join().unwrap();
        assert!(!shown.contains("the secret of"), "{shown}");
        assert_eq!(shown.contains("no_card"), command == "list", "{shown}");
    }
}

#[test]
fn progress_is_shown_on_a_terminal_and_nowhere_else() {
    let queues = Queues::start();
    let letters = Letters::new(33);
    let dead = queues.filled("dead", &letters.sealed);
    let tool = Tool::with(&letters.key, queues.environment());
    let (shown, terminal) = terminal();
    let shown = all_of(shown);
    let mut child = tool.command(&[&"list", &"--queue", &dead]);
    let output = child.env("TERM", "xterm").stderr(Stdio::from(terminal)).output().unwrap();
    drop(child);
    assert_eq!(output.status.code(), Some(0));
    let shown = shown.join().unwrap();
    assert!(shown.contains("of about 33 letters"), "{shown:?}");
    assert_eq!(tool.run(&[&"list", &"--queue", &dead]).ended(0).err, "");
}
