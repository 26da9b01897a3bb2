//! The process that is tested.

use std::{
    env,
    io::{BufRead as _, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::LIMIT;

/// Whose loop it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loop {
    /// `secure_runtime::run`.
    Ours,
    /// `lambda_runtime::run`.
    Theirs,
}

impl Loop {
    pub(crate) const BOTH: [Self; 2] = [Self::Ours, Self::Theirs];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Theirs => "theirs",
        }
    }
}

/// `src/bin/twin.rs` as a child; dropping it kills it.
pub(crate) struct Twin {
    child: Child,
    log: Arc<Log>,
    readers: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    changed: Condvar,
}

impl Twin {
    /// Starts a service with the variables that Lambda sets, and more.
    pub(crate) fn start(whose: Loop, service: &str, api: &str, more: &[(&str, &str)]) -> Self {
        Self::spawn(command(whose, service, api).envs(more.iter().copied()))
    }

    /// Starts a service without one of the variables that Lambda sets.
    pub(crate) fn start_without(name: &str, whose: Loop, api: &str) -> Self {
        Self::spawn(command(whose, "plain", api).env_remove(name))
    }

    fn spawn(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the twin is built");
        let log = Arc::new(Log::default());
        let out = child.stdout.take().expect("it is piped");
        let err = child.stderr.take().expect("it is piped");
        let readers = vec![collect(out, &log), collect(err, &log)];
        Self { child, log, readers }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until a line has been logged that holds a text.
    pub(crate) fn logged(&self, text: &str) {
        let lines = self.log.lines.lock().expect("readers don't panic");
        let missing = |lines: &mut Vec<String>| !lines.iter().any(|line| line.contains(text));
        let waited = self.log.changed.wait_timeout_while(lines, LIMIT, missing);
        let (lines, waited) = waited.expect("readers don't panic");
        let report = waited.timed_out().then(|| lines.join("\n"));
        drop(lines);
        if let Some(report) = report {
            panic!("waited for {text:?} in the log:\n{report}");
        }
    }

    /// Waits until something has happened, or the twin has ended first.
    pub(crate) fn until(&self, for_what: &str, holds: impl Fn() -> bool) {
        let started = Instant::now();
        // Its streams end with it.
        while !holds() && !self.readers.iter().all(JoinHandle::is_finished) {
            assert!(started.elapsed() < LIMIT, "waited for {for_what}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Asks it to end, as Lambda does.
    pub(crate) fn terminate(&self) {
        let killed = Command::new("kill").args(["-TERM", &self.id().to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()), "the twin runs and is ours");
    }

    /// Waits until it has ended, and gives all that it logged.
    pub(crate) fn ended(self) -> (ExitStatus, Vec<String>) {
        self.ended_while(|| {})
    }

    /// The same, giving up when `check` panics.
    pub(crate) fn ended_while(mut self, check: impl Fn()) -> (ExitStatus, Vec<String>) {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the twin is our child") {
                break status;
            }
            check();
            assert!(started.elapsed() < LIMIT, "the twin goes on:\n{}", self.stop().join("\n"));
            thread::sleep(Duration::from_millis(2));
        };
        (status, self.stop())
    }

    /// Ends it, and gives all that it logged.
    pub(crate) fn stop(mut self) -> Vec<String> {
        self.kill();
        self.readers.drain(..).for_each(|reader| reader.join().expect("readers don't panic"));
        std::mem::take(&mut self.log.lines.lock().expect("readers don't panic"))
    }

    fn kill(&mut self) {
        // One that has ended can't be killed, and needn't be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking()
            && let Ok(lines) = self.log.lines.lock()
        {
            eprintln!("the twin logged:\n{}", lines.join("\n"));
        }
    }
}

fn command(whose: Loop, service: &str, api: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twin"));
    command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path))).envs([
        ("LOOP", whose.name()),
        ("SERVICE", service),
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_LAMBDA_FUNCTION_NAME", "twin"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/twin"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "stream"),
    ]);
    command
}

fn collect(stream: impl Read + Send + 'static, log: &Arc<Log>) -> JoinHandle<()> {
    let log = Arc::clone(log);
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            log.lines.lock().expect("readers don't panic").push(line);
            log.changed.notify_all();
        }
    })
}
