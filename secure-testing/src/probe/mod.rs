//! Shows that a function leaves nothing of an event behind, or what it leaves, and where.

mod assert;
mod event;
mod files;
mod look;
mod map;
mod permission;
mod place;
mod plant;
mod report;
mod residue;
#[cfg(all(
    target_os = "linux",
    any(
        all(target_arch = "x86_64", target_env = "gnu"),
        all(target_arch = "aarch64", any(target_env = "gnu", target_env = "musl"))
    )
))]
mod stopped;
#[cfg(not(all(
    target_os = "linux",
    any(
        all(target_arch = "x86_64", target_env = "gnu"),
        all(target_arch = "aarch64", any(target_env = "gnu", target_env = "musl"))
    )
)))]
#[path = "elsewhere.rs"]
mod stopped;
mod wording;

use std::{ffi::OsString, path::PathBuf};

use self::{
    event::{Event, Shot},
    look::Looks,
};
pub use self::{
    place::{Place, Thread},
    report::{Report, Sent},
    residue::Residue,
};
use crate::{Builder, Canary, Error, Function, Outcome, Payload};

/// The environment variable of the function that the probe must find in its memory.
const CONTROL: &str = "SECURE_TESTING_CONTROL";

/// Sends a function events with canaries for secrets, and searches everything for them that it may have left them in.
///
/// After each event, once the function waits for the next one and all its threads sleep, it looks at
///
/// - the function's writable memory, all of its threads stopped for the moment, and their registers,
/// - what the caller got: bodies, headers and trailers,
/// - the log,
/// - the function's temporary directory, contents and names,
///
/// for the canaries of this event and of all before it: whole and in pieces of 12 bytes (8 in registers), as they are, in Base64, in hex and
/// in capitals. What is found is in the [`Report`], with its place.
///
/// ```no_run
/// use secure_testing::Probe;
///
/// # fn main() -> Result<(), secure_testing::Error> {
/// let event = r#"{"user":"ann","password":"x","cards":[{"number":"y"}]}"#;
/// let report = Probe::of("target/debug/login") // in a test: env!("CARGO_BIN_EXE_login")
///     .env("TABLE", "users")
///     .event(event, ["password", "cards.*.number"])
///     .event_with(|canary| format!(r#"{{"user":"ann","password":"{canary}","cards":[]}}"#))
///     .run()?;
/// report.assert_clean();
/// # Ok(())
/// # }
/// ```
///
/// # A report without findings
/// proves something because of what the probe finds: it puts a canary of its own into the function's environment, which lies in its
/// memory, and has to see it at each look; and each thread's stack pointer, one of the registers that it reads, has to point into the
/// function's memory. Otherwise [`run`](Self::run) is an [`Error::Blind`]. An event that wasn't handled proves nothing, so how each
/// ended counts as well: see [`expect`](Self::expect).
///
/// # What it doesn't see
/// Kernel buffers, swap, read-only memory and files elsewhere than in `TMPDIR`. Of vector registers the upper halves of `ymm` and `zmm`
/// and all of `zmm16` to `zmm31` (on aarch64, what SVE adds). Numbers: a canary is a text. A secret that is changed
/// otherwise, or kept in pieces of less than 12 bytes.
///
/// # Platform
/// Linux on x86-64 with glibc, and on aarch64; elsewhere [`run`](Self::run) is an [`Error::Unsupported`]. The test has to be allowed to trace its own
/// child: see `docs/proving-it.md` in the repository.
#[derive(Clone, Debug)]
#[must_use]
pub struct Probe {
    function: Builder,
    path: PathBuf,
    events: Vec<Event>,
    times: usize,
    answers_may_hold_their_own: bool,
    expected_too_early: bool,
}

impl Probe {
    /// Describes a probe of a function by the path of its binary: in a test of its package, `env!("CARGO_BIN_EXE_name")`.
    ///
    /// ```
    /// let probe = secure_testing::Probe::of("target/debug/login");
    /// ```
    pub fn of(path: impl Into<PathBuf>) -> Self {
        Function::builder(path).into()
    }

    /// Adds an environment variable, as [`Builder::env`] does.
    ///
    /// ```
    /// let probe = secure_testing::Probe::of("target/debug/login").env("TABLE", "users");
    /// ```
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.function = self.function.env(name, value);
        self
    }

    /// Adds environment variables, as [`env`](Self::env) adds one.
    ///
    /// ```
    /// let probe = secure_testing::Probe::of("target/debug/login").envs([("TABLE", "users"), ("STAGE", "test")]);
    /// ```
    pub fn envs<N: Into<OsString>, V: Into<OsString>>(mut self, variables: impl IntoIterator<Item = (N, V)>) -> Self {
        self.function = self.function.envs(variables);
        self
    }

    /// Adds an event, a JSON document, and the fields in it that are secrets. Whatever text they hold is replaced by a [canary](Canary), by
    /// another one each time the event is sent.
    ///
    /// A field is named by its path, `cards.0.number`, in which `*` stands for all elements of an array or all members of an object; or by
    /// a JSON Pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)), `/cards/0/number`, for names with dots in them. A path may
    /// lead on into a text that holds JSON, also in Base64: `body.password` in an event of API Gateway, `Records.*.body.Message.pin` in one of SNS by SQS,
    /// `Records.*.kinesis.data.pin`. A `body` beside `"isBase64Encoded": true` is replaced by a canary in Base64.
    ///
    /// What isn't JSON, or holds its secrets elsewhere, goes to [`event_with`](Self::event_with). A field that isn't a text does, too: a
    /// number lies in memory in a form that chance may have put there.
    ///
    /// ```
    /// use secure_testing::Probe;
    /// use serde_json::json;
    ///
    /// let probe = Probe::of("target/debug/login")
    ///     .event(json!({"user": "ann", "password": "x", "cards": [{"number": "y"}]}), ["password", "cards.*.number"])
    ///     .event(r#"{"body":"{\"user\":\"ann\",\"password\":\"x\"}"}"#, ["body.password"]);
    /// ```
    pub fn event(mut self, event: impl Into<Payload>, fields: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.events.push(Event::with_fields(event.into(), fields.into_iter().map(Into::into).collect()));
        self
    }

    /// Adds an event that a closure makes around a [canary](Canary) that it is given, another one each time the event is sent.
    ///
    /// It is called twice for each event, to see that it uses what it is given.
    ///
    /// ```
    /// use secure_testing::Probe;
    /// use serde_json::json;
    ///
    /// let probe = Probe::of("target/debug/api")
    ///     .event_with(|canary| json!({"headers": {"authorization": format!("Bearer {canary}")}, "body": "{}"}))
    ///     .event_with(|canary| format!("user=ann&password={canary}"));
    /// ```
    pub fn event_with<P: Into<Payload>>(mut self, make: impl Fn(&Canary) -> P + Send + Sync + 'static) -> Self {
        self.events.push(Event::made(move |canary| make(canary).into()));
        self
    }

    /// How the event that was added last is to end; one of which nothing is said, with an [`Outcome::Answer`]. A report in which one ends
    /// otherwise is not clean.
    ///
    /// An answer counts as an [`Outcome::Error`] when its `statusCode` is 400 or more, or its `batchItemFailures` has any.
    ///
    /// ```
    /// use secure_testing::{Outcome, Probe};
    ///
    /// let probe = Probe::of("target/debug/login")
    ///     .event(r#"{"user":"ann","password":"x"}"#, ["password"])
    ///     .event(r#"{"user":"nobody","password":"x"}"#, ["password"])
    ///     .expect(Outcome::Error); // the second
    /// ```
    pub fn expect(mut self, outcome: Outcome) -> Self {
        match self.events.last_mut() {
            Some(event) => event.expected = outcome,
            None => self.expected_too_early = true,
        }
        self
    }

    /// How often the events are sent, one after the other: three times unless set. What an event leaves may be seen only when the next one
    /// has come.
    ///
    /// ```
    /// let probe = secure_testing::Probe::of("target/debug/login").event(r#"{"password":"x"}"#, ["password"]).times(10);
    /// ```
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Lets an answer hold the secrets of its own event, as that of a function does which signs, converts or hands back what it is sent. Secrets
    /// of events before it are found there nevertheless, and so are those in errors.
    ///
    /// ```
    /// let probe = secure_testing::Probe::of("target/debug/echo").event(r#"{"text":"x"}"#, ["text"]).allow_in_answer();
    /// ```
    pub fn allow_in_answer(mut self) -> Self {
        self.answers_may_hold_their_own = true;
        self
    }

    /// Starts the function, sends the events, looks after each, and reports.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), secure_testing::Error> {
    /// let report = secure_testing::Probe::of("target/debug/login").event(r#"{"password":"x"}"#, ["password"]).run()?;
    /// println!("{report}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// - [`Error::Event`] when there is no event, or one can't be made: it isn't JSON, or a path leads nowhere.
    /// - [`Error::Start`], [`Error::Init`] and [`Error::Io`] as [`Function::invoke`].
    /// - [`Error::Look`] when the system doesn't let the function be looked at, and why.
    /// - [`Error::Blind`] when the probe doesn't find what it has put there itself.
    /// - [`Error::Unsupported`] on systems where it can't be done.
    pub fn run(&self) -> Result<Report, Error> {
        if !stopped::SUPPORTED {
            return Err(Error::Unsupported);
        }
        let mut shots = self.shots()?;
        let secrets = (1..)
            .zip(&mut shots)
            .flat_map(|(event, shot)| std::mem::take(&mut shot.planted).into_iter().map(move |secret| (event, secret)));
        let secrets: Vec<_> = secrets.collect();
        let (control, number_of_secrets) = (Canary::random(), secrets.len());
        let mut looks = Looks::new(&control, secrets, self.answers_may_hold_their_own)?;
        let mut function = self.function.clone().env(CONTROL, control.as_str()).start()?;
        let mut events = Vec::new();
        for (event, Shot { payload, expected, .. }) in (1..).zip(shots) {
            let reply = function.invoke(payload)?;
            let looked_at = looks.after(event, &mut function, &reply)?;
            events.push(Sent::new(&reply, expected, looked_at));
        }
        let Looks { mut residues, seen, .. } = looks;
        wording::sort(&mut residues);
        Ok(Report { function: self.path.clone(), findings: residues, events, secrets: number_of_secrets, seen })
    }

    /// [Runs](Self::run) the probe, and asserts that its report [is clean](Report::is_clean).
    ///
    /// ```no_run
    /// secure_testing::Probe::of("target/debug/login").event(r#"{"password":"x"}"#, ["password"]).times(10).assert_clean();
    /// ```
    ///
    /// # Panics
    /// With the report when it isn't, with the error when there is none.
    #[track_caller]
    pub fn assert_clean(&self) {
        match self.run() {
            Ok(report) => report.assert_clean(),
            Err(error) => panic!("{} can't be probed: {error}", self.path.display()),
        }
    }

    /// All that is going to be sent.
    fn shots(&self) -> Result<Vec<Shot>, Error> {
        let wrong = |event, why: &str| Err(Error::Event { event, why: why.to_owned() });
        if self.expected_too_early {
            return wrong(1, "comes after an `expect`, which is about the event before it");
        }
        if self.events.is_empty() || self.times == 0 {
            return wrong(1, "is never sent: a probe sends at least one event once");
        }
        let mut shots = Vec::new();
        for _ in 0..self.times {
            for (at, event) in (1..).zip(&self.events) {
                shots.push(event.shot().map_err(|why| Error::Event { event: at, why })?);
            }
        }
        Ok(shots)
    }
}

/// For what [`Probe::of`] doesn't set: arguments, the timeout, how many events at once the function asks for.
///
/// ```
/// use std::time::Duration;
/// use secure_testing::{Function, Probe};
///
/// let function = Function::builder("target/debug/login").arg("--verbose").timeout(Duration::from_secs(60));
/// let probe = Probe::from(function).event(r#"{"password":"x"}"#, ["password"]);
/// ```
impl From<Builder> for Probe {
    fn from(function: Builder) -> Self {
        Self {
            path: function.path().to_path_buf(),
            function,
            events: Vec::new(),
            times: 3,
            answers_may_hold_their_own: false,
            expected_too_early: false,
        }
    }
}
