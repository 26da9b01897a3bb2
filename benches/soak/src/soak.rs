//! The run itself.

use std::{fs, path::Path, time::Duration};

use secure_testing::{Canary, Error, Function, Outcome, Reply, memory::Search};
use serde_json::json;

use crate::{events::Events, gauge::Gauge, verdict::Record};

/// The least that counts as a piece of a canary.
const FRAGMENT: usize = 12;
/// How many events are in the queue at once.
const CHUNK: usize = 250;
/// How often the process is looked at, over a run.
const LOOKS: usize = 20;
/// Of what went wrong, so much is told.
const TOLD: usize = 20;

/// How the function runs its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// `run`, on a current-thread runtime.
    OneThread,
    /// `run_concurrent`, eight events at once on two workers.
    Concurrent,
}

impl Run {
    const fn name(self) -> &'static str {
        match self {
            Self::OneThread => "one thread",
            Self::Concurrent => "concurrent",
        }
    }

    const fn together(self) -> usize {
        match self {
            Self::OneThread => 1,
            Self::Concurrent => 8,
        }
    }
}

/// How many events of a hundred leak memory: none, unless to see that it shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leaking(pub usize);

/// Sends so many events to one process of the function.
///
/// # Errors
/// When the function can't be run, or its memory can't be read.
pub fn soak(function: &Path, run: Run, events: usize, leaking: Leaking) -> Result<Record, String> {
    let said = |error: Error| error.to_string();
    let mut builder = Function::builder(function).env("RUN", run.name()).timeout(Duration::from_secs(60));
    if run.together() > 1 {
        builder = builder.concurrency(run.together());
    }
    let mut function = builder.start().map_err(said)?;
    let mut stream = Events::new(run.together());
    let mut record = Record { run: run.name(), together: run.together(), modes: stream.modes(), ..Record::default() };
    let mut sent = 0;
    for look in 1..=LOOKS {
        let until = events * look / LOOKS;
        while sent < until {
            let some: Vec<_> = stream.by_ref().take(CHUNK.min(until - sent)).collect();
            sent += some.len();
            let (expected, payloads): (Vec<_>, Vec<_>) =
                some.into_iter().map(|event| ((event.mode, event.outcome), event.payload)).unzip();
            let replies = function.invoke_all(payloads).map_err(said)?;
            let unexpected = expected.iter().zip(&replies).filter_map(|(expected, reply)| unexpected(*expected, reply));
            let room = TOLD.saturating_sub(record.unexpected.len());
            record.unexpected.extend(unexpected.take(room));
            leak(&mut function, CHUNK * leaking.0 / 100).map_err(said)?;
        }
        let alive = alive(&mut function).map_err(said)?;
        record.gauges.push(Gauge::read(function.pid(), sent, alive)?);
        eprintln!("{}: {:?}", run.name(), record.gauges[look - 1]);
    }
    let search = Search::with_min_fragment(stream.needles(), FRAGMENT).map_err(said)?;
    let left = function.memory().and_then(|memory| memory.search(&search)).map_err(said)?;
    record.left = left.iter().map(ToString::to_string).collect();
    record.files_left = files(function.tmp())?;
    record.control_found = control(&mut function).map_err(said)?;
    record.restarts = function.restarts();
    Ok(record)
}

/// What is wrong with how an event ended.
fn unexpected((mode, outcome): (&str, Outcome), reply: &Reply) -> Option<String> {
    let differs = reply.outcome() != outcome;
    differs.then(|| format!("an event of mode {mode} ended as {:?}: {:.200}", reply.outcome(), reply.text()))
}

/// Has the function keep so many copies.
fn leak(function: &mut Function, copies: usize) -> Result<(), Error> {
    let payload = json!({"mode": "keeps", "text": "is kept"}).to_string();
    function.invoke_all(vec![payload; copies]).map(drop)
}

/// How many bytes of the heap are alive, as the function says.
fn alive(function: &mut Function) -> Result<usize, Error> {
    let reply = function.invoke(json!({"mode": "alive", "text": ""}))?;
    Ok(reply.json::<String>()?.parse().unwrap_or_default())
}

/// Whether a copy that a handler keeps on purpose is found.
fn control(function: &mut Function) -> Result<bool, Error> {
    let canary = Canary::random();
    function.invoke(json!({"mode": "keeps", "text": canary.as_str()}))?;
    Ok(function.search_memory([&canary])?.whole() > 0)
}

fn files(folder: &Path) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("can't read {}: {error}", folder.display()))?;
    Ok(entries.filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
}
