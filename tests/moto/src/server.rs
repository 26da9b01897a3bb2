//! The process.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use aws_types::SdkConfig;

use crate::{config, folder::Folder, install};

const SCRIPT: &str = include_str!("../server.py");
/// When a server is given up that does not say where it is.
const LIMIT: Duration = Duration::from_secs(120);

/// A server with S3, SQS and KMS on 127.0.0.1. Dropping it ends it and removes its folder.
#[derive(Debug)]
pub struct Moto {
    process: Process,
    url: String,
    directory: PathBuf,
    log: PathBuf,
    // Dropped after the process that writes to it.
    _folder: Folder,
}

impl Moto {
    /// Starts a server that has no bucket, no queue and no key, and waits until it can be asked.
    ///
    /// The first call in a target folder installs moto, which needs python3 with venv and pip, and the network. Others wait for it.
    ///
    /// # Panics
    /// When moto can't be installed or started. The text says what is missing.
    #[must_use]
    pub fn start() -> Self {
        let python = install::python();
        let fail = |error: io::Error| -> ! { panic!("moto can't be started: {error}") };
        let folder = Folder::create().unwrap_or_else(|error| fail(error));
        let directory = folder.path().join("work");
        let log = folder.path().join("log");
        fs::create_dir(&directory).unwrap_or_else(|error| fail(error));
        let file = File::create(&log).unwrap_or_else(|error| fail(error));
        // `-I`: neither the caller's variables for Python nor what lies in the folder decide what is imported.
        let child = Command::new(&python)
            .args(["-I", "-c", SCRIPT])
            .arg(folder.path())
            .current_dir(&directory)
            .env_clear()
            .env("HOME", &directory)
            .env("TMPDIR", &directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(file)
            .spawn();
        let mut process = Process(child.unwrap_or_else(|error| fail(error)));
        let url = process.0.stdout.take().and_then(first_line).unwrap_or_else(|| {
            let log = fs::read_to_string(&log).unwrap_or_default();
            panic!("moto does not start, in {}: {}", python.display(), log.trim_end())
        });
        Self { process, url, directory, log, _folder: folder }
    }

    /// Where it is: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The server's process, which has no other one between itself and this one.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.0.id()
    }

    /// The folder that it runs in, and puts its temporary files into. It is empty at first.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// For a client of the SDK, in the region eu-central-1, with credentials that mean nothing and a client without TLS.
    ///
    /// Each call makes an HTTP client of its own: clients of different tokio runtimes need different ones.
    #[must_use]
    pub fn config(&self) -> SdkConfig {
        config::sdk(&self.url)
    }

    /// The same for a process that makes its own configuration of its environment.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        config::variables(&self.url)
    }

    /// What it has written so far, a line a request. For the text of a test that fails.
    ///
    /// # Panics
    /// When it can't be read.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("the log can be read")
    }
}

#[derive(Debug)]
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already can't be killed, and needn't be.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The address. None if the process ends first, or takes too long.
fn first_line(output: ChildStdout) -> Option<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(output).read_line(&mut line);
        // Nobody waits any more if it took too long.
        let _ = sender.send(read.map(|_| line));
    });
    let line = receiver.recv_timeout(LIMIT).ok()?.ok()?;
    line.strip_suffix('\n').map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asked by a client that is not the Rust SDK, which knows nothing but these variables.
    #[test]
    fn the_environment_is_all_that_a_process_needs() {
        let moto = Moto::start();
        let script = "import boto3; print(boto3.client('sqs').create_queue(QueueName='a-queue')['QueueUrl'])";
        let mut client = Command::new(install::python());
        let output = client.args(["-I", "-c", script]).env_clear().envs(moto.environment()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}{}", moto.log());
        let queue = String::from_utf8(output.stdout).unwrap();
        assert!(queue.starts_with(moto.url()) && queue.ends_with("/a-queue\n"), "{queue}");
    }
}
