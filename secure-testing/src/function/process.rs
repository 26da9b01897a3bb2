//! The child process.

use std::{
    env, fs, io,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    TICK,
    builder::{Builder, FUNCTION_NAME},
    log::Log,
};
use crate::Error;

/// How long threads are waited for that may never sleep.
const RESTLESS: Duration = Duration::from_secs(2);
/// How often in a row, a pause apart, all threads must be seen asleep: one may be on its way from one
/// wait to the next.
const SIGHTINGS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(2);

/// A running function; dropping it kills it.
#[derive(Debug)]
pub(super) struct Process(Child);

impl Process {
    pub(super) fn spawn(settings: &Builder, api: SocketAddr, log: &Log, tmp: &Path) -> Result<Self, Error> {
        let start = |source| Error::Start { path: settings.path.clone(), source };
        let [out, err] = log.stdio().map_err(start)?;
        let mut command = Command::new(&settings.path);
        command.args(&settings.args).stdin(Stdio::null()).stdout(out).stderr(err).env_clear();
        command.envs(env::var_os("PATH").map(|path| ("PATH", path)));
        command.envs([
            ("AWS_LAMBDA_RUNTIME_API", api.to_string().as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", FUNCTION_NAME),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/test-function"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "test-stream"),
        ]);
        command.env("TMPDIR", tmp);
        // A function that closes its memory would close it to us, unless we are root.
        command.env("SECURE_RUNTIME_DUMPABLE", "1");
        command.envs(settings.concurrency.map(|n| ("AWS_LAMBDA_MAX_CONCURRENCY", n.to_string())));
        command.envs(settings.env.iter().map(|(name, value)| (name, value)));
        command.spawn().map(Self).map_err(start)
    }

    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }

    /// How the process ended, if it has.
    pub(super) fn ended(&mut self) -> Result<Option<ExitStatus>, Error> {
        self.0.try_wait().map_err(Error::io("wait for the function"))
    }

    /// Waits until the process has ended, for at most `limit`.
    pub(super) fn wait(&mut self, limit: Duration) -> Result<Option<ExitStatus>, Error> {
        let started = Instant::now();
        loop {
            match self.ended()? {
                None if started.elapsed() < limit => thread::sleep(TICK),
                status => return Ok(status),
            }
        }
    }

    pub(super) fn kill(&mut self) -> Result<(), Error> {
        let killed = self.0.kill().and_then(|()| self.0.wait());
        killed.map(drop).map_err(Error::io("kill the function"))
    }

    /// Waits until no thread runs, or the process has ended, for a bounded time.
    pub(super) fn wait_until_asleep(&self) {
        let started = Instant::now();
        let mut sightings = 0;
        while sightings < SIGHTINGS && started.elapsed() < RESTLESS {
            match self.is_asleep() {
                Ok(true) => sightings += 1,
                Ok(false) => sightings = 0,
                // No such process any more, or a system without /proc.
                Err(_) => return,
            }
            thread::sleep(PAUSE);
        }
    }

    fn is_asleep(&self) -> io::Result<bool> {
        for thread in fs::read_dir(format!("/proc/{}/task", self.id()))? {
            // A thread that ends while it is looked at is no sleeping one.
            let Ok(stat) = fs::read_to_string(thread?.path().join("stat")) else {
                return Ok(false);
            };
            // `pid (name) state …`, and the name may hold anything.
            let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
            if state == Some('R') {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already can't be killed, and needn't be.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
