//! The measurement: every subscriber logs the same lines, in turns.

use std::{
    fs::{File, OpenOptions},
    pin::pin,
    sync::Arc,
    task::{Context as TaskContext, Poll, Waker},
    time::{Duration, Instant},
};

use secure_runtime::{
    log::{self, Format, MaskingMakeWriter},
    prelude::*,
};
use tracing::{Dispatch, dispatcher};
use tracing_subscriber::layer::SubscriberExt as _;

use secure_benches::stats;

use crate::line::{self, Line, SECRETS};

/// What is compared. The first is what all are compared with.
pub(crate) const SUBSCRIBERS: usize = 4;

/// A row of the report.
pub(crate) struct Row {
    pub(crate) secrets: usize,
    pub(crate) what: String,
    /// Against plain: ours, plain through a masking writer, plain again.
    pub(crate) ratios: [f64; SUBSCRIBERS - 1],
    /// A line's time, plain.
    pub(crate) plain: Duration,
}

#[derive(Clone, Copy)]
struct Plan {
    rounds: usize,
    lines: u32,
}

#[secure_event]
struct Secrets<'inv> {
    all: Vec<Secret<'inv, String>>,
}

/// Logs while the event's secrets live.
#[secure_handler]
async fn measure(
    event: LambdaEvent<Secrets<'_>>,
    subscribers: &[Dispatch; SUBSCRIBERS],
    plan: &Plan,
) -> Result<(Vec<Row>, bool), Error> {
    let count = event.payload.all.len();
    // All but the one that only a secret in its line makes different.
    let lines = Line::ALL.into_iter().filter(|&line| count > 0 || line != Line::Secret);
    Ok((lines.map(|line| row(line, count, subscribers, *plan)).collect(), masks()))
}

/// An invocation of 20 secrets that logs a few lines.
#[secure_handler]
async fn invocation(event: LambdaEvent<Secrets<'_>>, lines: &u32) -> Result<usize, Error> {
    for _ in 0..*lines {
        Line::Usual.log("", "");
    }
    Ok(event.payload.all.len())
}

pub(crate) fn run(quick: bool) -> Result<Vec<Row>, String> {
    let plan = if quick { Plan { rounds: 20, lines: 200 } } else { Plan { rounds: 400, lines: 1_000 } };
    let subscribers = subscribers().map_err(|error| format!("can't open /dev/null: {error}"))?;
    let mut rows = Vec::new();
    for count in [0, SECRETS] {
        let (more, masks) = done(measure(LambdaEvent::new(payload(count), Context::default()), &subscribers, &plan))?;
        if count > 0 && !masks {
            return Err("the secrets of the benchmark are not masked: there is nothing to measure".to_owned());
        }
        rows.extend(more);
    }
    for lines in [1, 10] {
        let ratios = paired(&subscribers, plan.rounds, || {
            for _ in 0..plan.lines / 20 {
                let handled = done(invocation(LambdaEvent::new(payload(SECRETS), Context::default()), &lines));
                assert_eq!(handled, Ok(SECRETS), "all secrets came");
            }
        });
        let what =
            format!("an invocation with {SECRETS} new secrets and {}", if lines == 1 { "a line" } else { "ten lines" });
        rows.push(Row { secrets: SECRETS, what, ratios: ratios.0, plain: ratios.1 / (plan.lines / 20) });
    }
    Ok(rows)
}

/// The handlers here wait for nothing.
fn done<T>(handler: impl Future<Output = Result<T, secure_runtime::Failure>>) -> Result<T, String> {
    match pin!(handler).poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(result) => result.map_err(|failure| failure.to_string()),
        Poll::Pending => Err("a handler waits".to_owned()),
    }
}

fn payload(secrets: usize) -> RawPayload {
    RawPayload::from(serde_json::json!({ "all": (0..secrets).map(line::secret).collect::<Vec<_>>() }))
}

/// Plain, ours, plain through a masking writer, plain again. All write to `/dev/null`, a system call a line: the less writing
/// costs, the more the rest shows.
fn subscribers() -> std::io::Result<[Dispatch; SUBSCRIBERS]> {
    let null = || OpenOptions::new().write(true).open("/dev/null");
    let plain = |file: File| {
        let format = tracing_subscriber::fmt().json().flatten_event(true);
        Dispatch::new(format.with_writer(Arc::new(file)).finish())
    };
    let ours = log::builder().format(Format::Json).writer(null()?).layer();
    let writer = MaskingMakeWriter::new(Arc::new(null()?));
    let masked = tracing_subscriber::fmt().json().flatten_event(true).with_writer(writer).finish();
    Ok([
        plain(null()?),
        Dispatch::new(tracing_subscriber::registry().with(ours)),
        Dispatch::new(masked),
        plain(null()?),
    ])
}

fn row(line: Line, secrets: usize, subscribers: &[Dispatch; SUBSCRIBERS], plan: Plan) -> Row {
    let (long, secret) = (line::long(), line::secret(7));
    let (ratios, time) = paired(subscribers, plan.rounds, || {
        for _ in 0..plan.lines {
            line.log(&long, &secret);
        }
    });
    Row { secrets, what: line.name().to_owned(), ratios, plain: time / plan.lines }
}

/// The subscribers take turns, in changing order. The ratios are the medians of the rounds' ratios.
fn paired(subscribers: &[Dispatch; SUBSCRIBERS], rounds: usize, work: impl Fn()) -> ([f64; SUBSCRIBERS - 1], Duration) {
    let mut times: [Vec<Duration>; SUBSCRIBERS] = Default::default();
    for round in 0..rounds {
        for turn in 0..SUBSCRIBERS {
            let index = (round + turn) % SUBSCRIBERS;
            let took = dispatcher::with_default(&subscribers[index], || {
                let start = Instant::now();
                work();
                start.elapsed()
            });
            times[index].push(took);
        }
    }
    let ratio = |index: usize| stats::paired_ratio(&times[index], &times[0]).unwrap_or(f64::NAN);
    let ratios = [ratio(1), ratio(2), ratio(3)];
    let [mut plain, ..] = times;
    (ratios, stats::median(&mut plain).unwrap_or_default())
}

/// Whether a secret that should live by now is masked.
fn masks() -> bool {
    let mut written = Vec::new();
    let line = line::secret(7);
    let mut writer = log::MaskingWriter::new(&mut written);
    let passed = std::io::Write::write_all(&mut writer, line.as_bytes()).is_ok();
    drop(writer);
    passed && written != line.as_bytes()
}
