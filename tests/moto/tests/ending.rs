//! A server ends when it is dropped and when the process that started it dies, and leaves nothing.
#![cfg(unix)]

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, test_kill_process};
use secure_moto::Moto;

/// When a test is given up that waits for what never comes.
const LIMIT: Duration = Duration::from_secs(60);

/// As `kill -0` has it.
fn exists(pid: u32) -> bool {
    test_kill_process(Pid::from_raw(pid.try_into().unwrap()).unwrap()).is_ok()
}

#[test]
fn it_ends_when_it_is_dropped() {
    let moto = Moto::start();
    let (pid, directory) = (moto.pid(), moto.directory().to_owned());
    assert!(exists(pid));
    assert!(directory.is_dir());
    let folder = directory.parent().unwrap().to_owned();
    drop(moto);
    assert!(!exists(pid));
    assert!(!folder.exists());
}

/// Tests of functions look for what is left in files, and in memory: in the right places.
#[cfg(target_os = "linux")]
#[test]
fn its_process_is_the_server_in_its_folder() {
    let moto = Moto::start();
    let process = PathBuf::from(format!("/proc/{}", moto.pid()));
    assert_eq!(fs::read_link(process.join("cwd")).unwrap(), moto.directory().canonicalize().unwrap());
    let environment = fs::read_to_string(process.join("environ")).unwrap();
    assert!(environment.contains(&format!("TMPDIR={}\0", moto.directory().display())), "{environment}");
    assert_eq!(fs::read_dir(moto.directory()).unwrap().count(), 0);

    let (_, port) = moto.url().rsplit_once(':').unwrap();
    let port = format!(":{:04X} ", port.parse::<u16>().unwrap());
    // Those that listen (0A), of all processes; the last column but some is the socket's inode.
    let sockets = fs::read_to_string("/proc/net/tcp").unwrap();
    let line = sockets.lines().find(|line| line.contains(&format!("0100007F{port}00000000:0000 0A"))).unwrap();
    let inode = line.split_whitespace().nth(9).unwrap();
    let listens =
        |entry: fs::DirEntry| fs::read_link(entry.path()).is_ok_and(|to| to == Path::new(&format!("socket:[{inode}]")));
    assert!(fs::read_dir(process.join("fd")).unwrap().map(Result::unwrap).any(listens));
}

#[test]
fn it_ends_with_the_process_that_started_it() {
    let mut starter =
        Command::new(env!("CARGO_BIN_EXE_secure-moto")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(starter.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut after = |start| lines.find_map(|line| line.strip_prefix(start).map(str::to_owned)).unwrap();
    let address = &after("export AWS_ENDPOINT_URL=http://");
    let process = after("# process ");
    let (_, directory) = process.split_once(", in ").unwrap();
    let folder = Path::new(directory).parent().unwrap();
    assert!(TcpStream::connect(address).is_ok());
    assert!(folder.is_dir());

    starter.kill().unwrap(); // so that nothing of it is dropped
    starter.wait().unwrap();
    let end = Instant::now() + LIMIT;
    while TcpStream::connect(address).is_ok() || folder.exists() {
        assert!(Instant::now() < end, "it does not end");
        thread::sleep(Duration::from_millis(20));
    }
}
