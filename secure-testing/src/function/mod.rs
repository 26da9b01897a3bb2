//! A function's binary, started, asked, killed and started again.

mod builder;
mod log;
mod process;
mod tmp;

use std::{
    path::{Path, PathBuf},
    process::ExitStatus,
    time::{Duration, Instant},
};

use crate::{
    Error, Payload, Reply,
    api::{Server, State, Wait},
    memory::{Findings, Memory, Search},
};
pub use builder::Builder;
use log::Log;
use process::Process;
use tmp::Tmp;

/// How long a process may take to ask for its first event.
const INIT: Duration = Duration::from_secs(30);
/// How long a process may take to end after it has reported an initialisation error, and how long
/// pollers are waited for that may never come.
const GRACE: Duration = Duration::from_secs(2);
/// How often a running process is looked at.
const TICK: Duration = Duration::from_millis(5);

/// A Lambda function: its binary run as a child process against a Runtime API of its own.
///
/// Unlike on Lambda, the environment is empty but for `PATH`, what the Runtime API's clients need
/// (`AWS_LAMBDA_RUNTIME_API` and the function's name, version, memory size and log names),
/// `SECURE_RUNTIME_DUMPABLE=1`, by which a function that would close its memory leaves it open to this test, and what
/// [`Builder::env`] adds. `TMPDIR` is a directory of its own, as `/tmp` is on Lambda. A process that ended is started again by the next [`invoke`](Self::invoke).
/// Dropping the function kills the process.
///
/// ```no_run
/// # fn main() -> Result<(), secure_testing::Error> {
/// use secure_testing::{Function, Outcome};
///
/// let mut function = Function::builder("target/debug/login").env("TABLE", "users").start()?;
/// let reply = function.invoke(r#"{"user":"ann"}"#)?;
/// assert_eq!(reply.outcome(), Outcome::Answer, "{}", function.log().join("\n"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Function {
    // Dropped in this order: the process first, so that its connections end before the server does.
    process: Process,
    server: Server,
    settings: Builder,
    log: Log,
    tmp: Tmp,
    restarts: u32,
}

impl Function {
    /// Describes a function by the path of its binary.
    ///
    /// In a test of the package that has the binary the path is `env!("CARGO_BIN_EXE_name")`.
    ///
    /// ```
    /// let builder = secure_testing::Function::builder("target/debug/login");
    /// ```
    pub fn builder(path: impl Into<PathBuf>) -> Builder {
        Builder::new(path.into())
    }

    fn start(settings: Builder) -> Result<Self, Error> {
        let trace_id = settings.header_of_trace_id().map_err(Error::io("send this trace id"))?;
        let server =
            Server::start(settings.told_deadline(), trace_id).map_err(Error::io("start the Runtime API's server"))?;
        let log = Log::create().map_err(Error::io("create the log's files"))?;
        let tmp = Tmp::create().map_err(Error::io("create the function's temporary directory"))?;
        let process = Process::spawn(&settings, server.address, &log, tmp.path())?;
        let mut function = Self { process, server, settings, log, tmp, restarts: 0 };
        function.wait_for_init(0)?;
        Ok(function)
    }

    /// Sends one event, and returns when its reply is there and the function is idle again: it has
    /// asked for the next event and, on Linux, all its threads sleep. Or when the process has ended.
    ///
    /// The reply is waited for as long as [`Builder::timeout`] says; idleness isn't insisted on when
    /// threads never sleep.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), secure_testing::Error> {
    /// let mut function = secure_testing::Function::builder("target/debug/login").start()?;
    /// let reply = function.invoke(b"\xff")?;
    /// assert!(reply.is_error());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Start`] or [`Error::Init`] when the process had ended and can't be started again, or
    /// ends again and again without taking the event; [`Error::Io`] when it can't be handled.
    pub fn invoke(&mut self, payload: impl Into<Payload>) -> Result<Reply, Error> {
        Ok(self.invoke_all([payload])?.swap_remove(0))
    }

    /// Sends many events, all in the queue at once, and returns their replies in the same order when
    /// all are there and the function is idle again (see [`invoke`](Self::invoke)).
    ///
    /// How many are in flight together is the function's choice: see [`Builder::concurrency`]. When
    /// one crashes the process or times out, those in flight beside it count as crashed, and the
    /// process is started again for those it hadn't asked for.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), secure_testing::Error> {
    /// use secure_testing::Function;
    ///
    /// let mut function = Function::builder("target/debug/login").concurrency(4).start()?;
    /// let replies = function.invoke_all((0..100).map(|n| format!(r#"{{"user":"user {n}"}}"#)))?;
    /// assert!(replies.iter().all(|reply| !reply.is_error()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`invoke`](Self::invoke).
    pub fn invoke_all(&mut self, payloads: impl IntoIterator<Item = impl Into<Payload>>) -> Result<Vec<Reply>, Error> {
        if self.process.ended()?.is_some() {
            self.restart()?;
        }
        // What was logged between two invocations is neither's.
        self.read_log()?;
        let log_start = self.log.lines().len();
        self.server.calls.enter(payloads.into_iter().map(Into::into).collect());
        self.wait_for_replies(log_start)?;
        self.wait_for_idleness()?;
        self.read_log()?;
        let mut replies = self.server.calls.with(State::take_replies);
        for reply in &mut replies {
            reply.log = self.log.lines()[log_start..].to_vec();
        }
        Ok(replies)
    }

    /// The function's temporary directory, which stays when its process ends, and is removed when the function is dropped.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), secure_testing::Error> {
    /// let mut function = secure_testing::Function::builder("target/debug/login").start()?;
    /// function.invoke(r#"{"user":"ann"}"#)?;
    /// assert_eq!(std::fs::read_dir(function.tmp()).unwrap().count(), 0);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn tmp(&self) -> &Path {
        self.tmp.path()
    }

    /// Everything that the processes have written so far, and not only during invocations.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), secure_testing::Error> {
    /// let mut function = secure_testing::Function::builder("target/debug/login").start()?;
    /// assert!(function.log().iter().any(|line| line.contains("ready")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn log(&mut self) -> &[String] {
        // What can't be read is missed by the next `invoke` as well, which reports it.
        let _ = self.log.read();
        self.log.lines()
    }

    /// The id of the process that runs or, when it has ended, of the last one.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Whether there is a process to look into.
    pub(crate) fn is_running(&mut self) -> Result<bool, Error> {
        Ok(self.process.ended()?.is_none())
    }

    /// How often the process was started again because it had ended or was killed. It is started by
    /// the `invoke` that needs it, so a crash counts from then on.
    #[must_use]
    pub fn restarts(&self) -> u32 {
        self.restarts
    }

    /// The process's memory as it is now. Linux only.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), secure_testing::Error> {
    /// let function = secure_testing::Function::builder("target/debug/login").start()?;
    /// assert!(function.memory()?.regions().iter().any(|region| region.name == "[heap]"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Memory`] when the process has ended or may not be read, [`Error::Unsupported`]
    /// elsewhere than on Linux.
    pub fn memory(&self) -> Result<Memory, Error> {
        Memory::of(self.pid())
    }

    /// Searches the process's writable memory for canaries: whole and in fragments of 8 bytes and
    /// more, raw, base64, hex and in capitals. Linux only. For other fragments see [`Search`].
    ///
    /// ```no_run
    /// # fn main() -> Result<(), secure_testing::Error> {
    /// use secure_testing::{Canary, Function};
    ///
    /// let mut function = Function::builder("target/debug/login").start()?;
    /// let password = Canary::random();
    /// function.invoke(format!(r#"{{"password":"{password}"}}"#))?;
    /// let left = function.search_memory([&password])?;
    /// assert!(left.is_empty(), "{left}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Canary`] when a canary is too short or too uniform, else as [`memory`](Self::memory).
    pub fn search_memory(&self, canaries: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Result<Findings, Error> {
        self.memory()?.search(&Search::new(canaries)?)
    }

    /// Kills the process, closes the server's port and gives everything that was logged.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), secure_testing::Error> {
    /// let function = secure_testing::Function::builder("target/debug/login").start()?;
    /// let log = function.stop()?;
    /// assert!(!log.iter().any(|line| line.contains("ERROR")), "{log:#?}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Io`] when the process can't be killed or the log can't be read.
    pub fn stop(mut self) -> Result<Vec<String>, Error> {
        self.process.kill()?;
        self.read_log()?;
        Ok(self.log.lines().to_vec())
    }

    fn restart(&mut self) -> Result<(), Error> {
        self.server.drain();
        self.server.calls.with(State::fresh_process);
        self.read_log()?;
        let log_start = self.log.lines().len();
        self.process = Process::spawn(&self.settings, self.server.address, &self.log, self.tmp.path())?;
        self.restarts += 1;
        self.wait_for_init(log_start)
    }

    fn wait_for_init(&mut self, log_start: usize) -> Result<(), Error> {
        let started = Instant::now();
        let asks = |state: &State| state.pollers > 0 || state.progress;
        loop {
            if let Some(status) = self.process.ended()? {
                return Err(self.init_error(Some(status), log_start));
            }
            if self.server.calls.with(|state| state.init_error.is_some()) {
                let status = self.process.wait(GRACE)?;
                return Err(self.init_error(status, log_start));
            }
            if self.server.calls.wait_until(TICK, asks) == Wait::Happened {
                break;
            }
            if started.elapsed() > INIT {
                return Err(self.init_error(None, log_start));
            }
        }
        let pollers = self.settings.pollers();
        let all_ask = |state: &State| state.pollers >= pollers || state.progress;
        self.server.calls.wait_until(GRACE, all_ask);
        self.process.wait_until_asleep();
        Ok(())
    }

    fn init_error(&mut self, status: Option<ExitStatus>, log_start: usize) -> Error {
        // Neither is worth hiding the error that is being reported.
        let _ = self.process.kill();
        let _ = self.log.read();
        self.server.drain();
        let body = self.server.calls.with(|state| state.init_error.take()).unwrap_or_default();
        let init_error = String::from_utf8_lossy(&body).into_owned();
        Error::Init { status, init_error, log: self.log.lines()[log_start..].to_vec() }
    }

    fn wait_for_replies(&mut self, log_start: usize) -> Result<(), Error> {
        let timeout = self.settings.timeout;
        let mut ended_idle = 0;
        loop {
            if let Some(status) = self.process.ended()? {
                self.server.drain();
                let (all_done, progress) = self.server.calls.with(|state| {
                    for id in state.running() {
                        state.finish(Reply::crashed(id, status));
                    }
                    (state.all_done(), state.progress)
                });
                if all_done {
                    return Ok(());
                }
                // It may have been about to end since the last invocation, but not twice.
                ended_idle += u32::from(!progress);
                if ended_idle > 1 {
                    return Err(self.init_error(Some(status), log_start));
                }
                self.restart()?;
            }
            let timed_out = self.server.calls.with(|state| {
                let overdue = state.overdue(timeout);
                overdue.map(|id| state.finish(Reply::timed_out(id, timeout)))
            });
            if timed_out.is_some() {
                self.process.kill()?;
            } else if self.server.calls.wait_until(TICK, State::all_done) == Wait::Happened {
                return Ok(());
            }
        }
    }

    fn wait_for_idleness(&mut self) -> Result<(), Error> {
        let started = Instant::now();
        while self.process.ended()?.is_none() && started.elapsed() < self.settings.timeout {
            if self.server.calls.wait_until(TICK, State::all_polling) == Wait::Happened {
                self.process.wait_until_asleep();
                break;
            }
        }
        // Pollers that didn't come back in time aren't waited for again.
        self.server.calls.with(|state| state.most_pollers = state.pollers);
        Ok(())
    }

    fn read_log(&mut self) -> Result<(), Error> {
        self.log.read().map_err(Error::io("read the log"))
    }
}
