//! How a function is to be started.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use http::HeaderValue;

use super::Function;
use crate::Error;

pub(super) const FUNCTION_NAME: &str = "test-function";

/// What a [`Function`] is started with; made by [`Function::builder`].
///
/// ```no_run
/// # fn main() -> Result<(), secure_testing::Error> {
/// use std::time::Duration;
/// use secure_testing::Function;
///
/// let function = Function::builder("target/debug/login")
///     .env("TABLE", "users")
///     .arg("--verbose")
///     .deadline(Duration::from_secs(1)) // what the function is told
///     .timeout(Duration::from_secs(30)) // when it is killed
///     .start()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    pub(super) path: PathBuf,
    pub(super) args: Vec<OsString>,
    pub(super) env: Vec<(OsString, OsString)>,
    pub(super) timeout: Duration,
    pub(super) concurrency: Option<usize>,
    deadline: Option<Duration>,
    trace_id: Option<String>,
}

impl Builder {
    pub(super) fn new(path: PathBuf) -> Self {
        let (args, env, timeout) = (Vec::new(), Vec::new(), Duration::from_secs(10));
        Self { path, args, env, timeout, concurrency: None, deadline: None, trace_id: None }
    }

    /// Adds an environment variable, or replaces one that would be set.
    ///
    /// `SECURE_RUNTIME_DUMPABLE` is set to 1, so that an ordinary user may read the memory of a function that closes itself to
    /// others (`secure_runtime::harden`). With `0` it is closed, as it is on Lambda.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Adds environment variables, as [`env`](Self::env) adds one.
    pub fn envs<N: Into<OsString>, V: Into<OsString>>(mut self, variables: impl IntoIterator<Item = (N, V)>) -> Self {
        self.env.extend(variables.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// Adds a command-line argument.
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// How long an invocation may take before the process is killed and the invocation is
    /// [`TimedOut`](crate::Outcome::TimedOut): 10 seconds unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long the function is told that it has, in the header `lambda-runtime-deadline-ms`: as
    /// long as the [`timeout`](Self::timeout) unless set, as on Lambda.
    ///
    /// Set it below the timeout to see what a function does of its own as its deadline comes near,
    /// without a race against being killed.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Sets `AWS_LAMBDA_MAX_CONCURRENCY`, which `run_concurrent` obeys: how many events the function
    /// asks for at once. One that asks for fewer starts two seconds later.
    pub fn concurrency(mut self, events: usize) -> Self {
        self.concurrency = Some(events);
        self
    }

    /// The X-Ray trace id of every event: what `Context::xray_trace_id` says, and `_X_AMZN_TRACE_ID`. Each event has a new one unless
    /// set.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), secure_testing::Error> {
    /// let function = secure_testing::Function::builder("target/debug/login")
    ///     .trace_id("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
    ///     .start()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn trace_id(mut self, id: impl Into<String>) -> Self {
        self.trace_id = Some(id.into());
        self
    }

    /// Starts the server and the function, and returns when the function has asked for its first
    /// event.
    ///
    /// # Errors
    /// [`Error::Start`] when the binary can't be run; [`Error::Init`] when it ends, reports an
    /// initialisation error, or doesn't ask for an event within 30 seconds; [`Error::Io`] when the
    /// server or the log's files can't be set up, or the trace id is nothing that a header can hold.
    pub fn start(self) -> Result<Function, Error> {
        Function::start(self)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn told_deadline(&self) -> Duration {
        self.deadline.unwrap_or(self.timeout)
    }

    pub(super) fn header_of_trace_id(&self) -> io::Result<Option<HeaderValue>> {
        let header =
            |id: &String| HeaderValue::try_from(id).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error));
        self.trace_id.as_ref().map(header).transpose()
    }

    pub(super) fn pollers(&self) -> usize {
        self.concurrency.unwrap_or(1)
    }
}
