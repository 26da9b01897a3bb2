//! The tool's process ends in the middle of its work.

use std::{
    collections::BTreeSet,
    process::{Child, Stdio},
    sync::{Mutex, mpsc},
    thread,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Letters, Proxy, Queues, Rule, Run, Tool};

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Killed between the third request's being sent and its letters' being deleted.
#[test]
fn who_is_killed_loses_no_letter() {
    let queues = Queues::start();
    let letters = Letters::new(57);
    let (dead, orders) = (queues.filled("dead", &letters.sealed), queues.create("orders"));
    let (arrived, arrival) = mpsc::channel();
    let arrived = Mutex::new(arrived);
    let proxy = Proxy::start(queues.moto.url(), move |operation, before, _| match (operation, before) {
        ("DeleteMessageBatch", 2) => {
            arrived.lock().unwrap().send(()).unwrap();
            Rule::Hold
        }
        _ => Rule::Forward,
    });
    let tool = Tool::with(&letters.key, proxy.environment(queues.environment()));
    let mut command = tool.command(&[&"replay", &"--queue", &dead, &"--to", &orders, &"--visibility", &"10"]);
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    arrival.recv().unwrap();
    send(&child, Signal::KILL);
    assert!(!child.wait().unwrap().success());

    let (visible, hidden) = queues.counts(&dead);
    assert_eq!(visible + hidden, 37, "twenty were deleted");
    let sent: BTreeSet<_> = queues.bodies(&orders).into_iter().collect();
    assert_eq!(sent.len(), 30);
    // The rest is where it was. Some of it is hidden until the visibility timeout is over.
    let missing: Vec<_> = letters.bodies.iter().filter(|body| !sent.contains(*body)).collect();
    assert_eq!(missing.len(), 27);
    let left: BTreeSet<_> = queues.wait_for(&dead, 37).into_iter().collect();
    for (body, letter) in letters.bodies.iter().zip(&letters.sealed) {
        assert!(sent.contains(body) || left.contains(letter), "{body} is lost");
    }
}

#[test]
fn who_is_interrupted_finishes_what_was_begun_and_gives_the_rest_back() {
    for signal in [Signal::INT, Signal::TERM] {
        let queues = Queues::start();
        let letters = Letters::new(57);
        let (dead, orders) = (queues.filled("dead", &letters.sealed), queues.create("orders"));
        let (arrived, arrival) = mpsc::channel();
        let (go_on, going_on) = mpsc::channel::<()>();
        let (arrived, going_on) = (Mutex::new(arrived), Mutex::new(going_on));
        let proxy = Proxy::start(queues.moto.url(), move |operation, before, _| {
            if (operation, before) == ("SendMessageBatch", 2) {
                arrived.lock().unwrap().send(()).unwrap();
                going_on.lock().unwrap().recv().unwrap();
            }
            Rule::Forward
        });
        let tool = Tool::with(&letters.key, proxy.environment(queues.environment()));
        let mut command = tool.command(&[&"replay", &"--queue", &dead, &"--to", &orders]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        arrival.recv().unwrap();
        send(&child, signal);
        let said = first_line(&mut child);
        assert!(said.contains("stopping: "), "{said}");
        go_on.send(()).unwrap();
        let run = Run::of(child.wait_with_output().unwrap()).ended(130);
        assert_eq!(run.told("30 letters sent to"), 1, "{}", run.err);
        assert_eq!((queues.counts(&dead), queues.counts(&orders)), ((27, 0), (30, 0)));
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let queues = Queues::start();
    let letters = Letters::new(7);
    let dead = queues.filled("dead", &letters.sealed);
    let (arrived, arrival) = mpsc::channel();
    let arrived = Mutex::new(arrived);
    let proxy = Proxy::start(queues.moto.url(), move |operation, before, _| match (operation, before) {
        ("ReceiveMessage", 1) => {
            arrived.lock().unwrap().send(()).unwrap();
            Rule::Hold
        }
        _ => Rule::Forward,
    });
    let tool = Tool::with(&letters.key, proxy.environment(queues.environment()));
    let mut command = tool.command(&[&"list", &"--queue", &dead]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    arrival.recv().unwrap();
    send(&child, Signal::INT);
    first_line(&mut child);
    // It listens again some time after it has said so.
    while child.try_wait().unwrap().is_none() {
        send(&child, Signal::INT);
        thread::yield_now();
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(queues.counts(&dead), (0, 7), "what it held is hidden for a while");
}

/// A file is worked on without a wait in which a signal could be heard.
#[test]
fn a_file_is_left_when_the_signal_comes() {
    let letters = Letters::new(300);
    let tool = Tool::new(&letters.key);
    let file = tool.folder.lines("letters", &letters.sealed);
    // Its output is not read, so that it stops in the middle.
    let mut command = tool.command(&[&"open", &"--file", &file, &"--out", &"-"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut first).unwrap();
    send(&child, Signal::INT);
    first_line(&mut child);
    let run = Run::of(child.wait_with_output().unwrap()).ended(130);
    assert!(run.out.lines().count() < 300, "{}", run.out.lines().count());
}

/// Reads from standard error to the end of a line, and no more.
fn first_line(child: &mut Child) -> String {
    let (stderr, mut line) = (child.stderr.as_mut().unwrap(), Vec::new());
    while !line.ends_with(b"\n") {
        let mut byte = [0];
        std::io::Read::read_exact(stderr, &mut byte).unwrap();
        line.extend(byte);
    }
    String::from_utf8(line).unwrap()
}
