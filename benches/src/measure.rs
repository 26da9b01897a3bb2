//! What is measured, in which order. The functions take turns, so that whatever else the machine does hits all alike; the plain
//! one runs twice, and how far it is from itself is the noise.

use std::{array, time::Duration};

use crate::{
    build::Binaries,
    cores::Cores,
    event::{Event, Shape},
    function::Function,
    stats,
};

/// Something of each function: plain, secured, and plain again.
pub(crate) type Trio<T> = [T; 3];

/// Nobody always comes after the same neighbour.
const ORDERS: [Trio<usize>; 6] = [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1], [2, 0, 1], [1, 0, 2]];

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    sizes: [Size; 4],
    warm_up: u32,
    starts: u32,
}

impl Plan {
    pub(crate) const FULL: Self = Self {
        sizes: [
            Size { name: "1 KiB", bytes: 1 << 10, rounds: 80, events: 250 },
            Size { name: "16 KiB", bytes: 16 << 10, rounds: 80, events: 250 },
            Size { name: "100 KiB", bytes: 100 << 10, rounds: 60, events: 150 },
            Size { name: "1 MB", bytes: 1_000_000, rounds: 60, events: 50 },
        ],
        warm_up: 500,
        starts: 60,
    };
    pub(crate) const QUICK: Self = Self {
        sizes: [
            Size { name: "1 KiB", bytes: 1 << 10, rounds: 10, events: 50 },
            Size { name: "16 KiB", bytes: 16 << 10, rounds: 10, events: 50 },
            Size { name: "100 KiB", bytes: 100 << 10, rounds: 10, events: 30 },
            Size { name: "1 MB", bytes: 1_000_000, rounds: 10, events: 10 },
        ],
        warm_up: 50,
        starts: 10,
    };
}

/// How much is measured at one size.
#[derive(Debug, Clone, Copy)]
struct Size {
    name: &'static str,
    bytes: usize,
    /// Turns of each function.
    rounds: u32,
    /// Events of a turn.
    events: u32,
}

/// What is known of one function at one size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// CPU time of the function, an event.
    pub(crate) cpu: Duration,
}

/// One function against the plain one at one size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ratios {
    /// The median of the rounds' ratios.
    pub(crate) p50: f64,
    /// Of all events: there are too few in a round.
    pub(crate) p99: f64,
    /// The median of the rounds' ratios.
    pub(crate) cpu: f64,
}

/// All functions at one size.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) size: &'static str,
    pub(crate) events: u32,
    pub(crate) plain: Point,
    pub(crate) secured: Ratios,
    pub(crate) again: Ratios,
    /// The most memory that each function had resident until then, in bytes: with smaller events, or with these.
    pub(crate) peaks: Trio<u64>,
    /// Events that were measured wrongly, because the function changed its connection.
    pub(crate) detours: u32,
}

/// All sizes of one kind of event, on one layout of cores.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) shape: Shape,
    pub(crate) core_each: bool,
    pub(crate) rows: Vec<Row>,
}

/// Everything.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) tables: Vec<Table>,
    /// From `spawn` to the first request for an event: the median of so many.
    pub(crate) start: Trio<Duration>,
    pub(crate) starts: u32,
}

pub(crate) fn run(binaries: &Binaries, plan: &Plan) -> Result<Measured, String> {
    let (core_each, one_core) = Cores::layouts()?;
    let start = starts(binaries, plan, core_each.unwrap_or(one_core))?;
    let mut tables = Vec::new();
    for cores in core_each.into_iter().chain([one_core]) {
        for shape in [Shape::Read, Shape::Echo] {
            let mut functions = started(binaries, cores)?.map(|(function, _)| function);
            let rows = plan.sizes.iter().map(|size| {
                eprintln!("{shape:?}, {}, function on core {}, driver on {}", size.name, cores.function, cores.driver);
                row(&mut functions, plan.warm_up, size, &mut Event::new(shape, size.bytes))
            });
            let rows = rows.collect::<Result<_, _>>()?;
            tables.push(Table { shape, core_each: cores.function != cores.driver, rows });
        }
    }
    Ok(Measured { tables, start, starts: plan.starts })
}

/// One of each function, and how long each took to start.
fn started(binaries: &Binaries, cores: Cores) -> Result<Trio<(Function, Duration)>, String> {
    Ok([
        Function::start("plain", &binaries.plain, cores)?,
        Function::start("secured", &binaries.secured, cores)?,
        Function::start("plain again", &binaries.plain, cores)?,
    ])
}

fn starts(binaries: &Binaries, plan: &Plan, cores: Cores) -> Result<Trio<Duration>, String> {
    eprintln!("{} starts each", plan.starts);
    // The first ones find the files in no cache.
    started(binaries, cores)?;
    let mut took: Trio<Vec<Duration>> = array::from_fn(|_| Vec::new());
    for _ in 0..plan.starts {
        for (all, (_, one)) in took.iter_mut().zip(started(binaries, cores)?) {
            all.push(one);
        }
    }
    Ok(took.map(|mut took| stats::median(&mut took).unwrap_or_default()))
}

/// What is seen of one function.
#[derive(Debug, Default)]
struct Seen {
    latencies: Vec<Duration>,
    /// Of each round.
    p50: Vec<Duration>,
    cpu: Vec<Duration>,
}

fn row(functions: &mut Trio<Function>, warm_up: u32, size: &Size, event: &mut Event) -> Result<Row, String> {
    for function in functions.iter_mut() {
        for _ in 0..warm_up {
            function.invoke(event, false)?;
        }
    }
    let detours_before: u32 = functions.iter().map(Function::detours).sum();
    let events = size.rounds * size.events;
    let mut seen: Trio<Seen> =
        array::from_fn(|_| Seen { latencies: Vec::with_capacity(events as usize), ..Seen::default() });
    for order in ORDERS.iter().cycle().take(size.rounds as usize) {
        for &at in order {
            let (function, seen) = (&mut functions[at], &mut seen[at]);
            let before = function.cpu()?;
            let round = seen.latencies.len();
            for nth in 0..size.events {
                seen.latencies.push(function.invoke(event, nth == 0)?);
            }
            // Less only when a thread has ended, and taken what it used with it.
            seen.cpu.push(function.cpu()?.saturating_sub(before) / size.events);
            seen.p50.push(stats::median(&mut seen.latencies[round..]).unwrap_or_default());
        }
    }
    let detours = functions.iter().map(Function::detours).sum::<u32>() - detours_before;
    let peaks = [functions[0].peak()?, functions[1].peak()?, functions[2].peak()?];
    let [mut plain, secured, again] = seen;
    let [secured, again] = [secured, again].map(|seen| seen.ratios(&mut plain));
    Ok(Row { size: size.name, events, plain: plain.point(), secured, again, peaks, detours })
}

impl Seen {
    fn point(&mut self) -> Point {
        Point {
            p50: stats::median(&mut self.latencies).unwrap_or_default(),
            p99: stats::percentile(&mut self.latencies, 99).unwrap_or_default(),
            cpu: stats::median(&mut self.cpu.clone()).unwrap_or_default(),
        }
    }

    fn ratios(mut self, to: &mut Self) -> Ratios {
        Ratios {
            p50: stats::paired_ratio(&self.p50, &to.p50).unwrap_or(f64::NAN),
            p99: stats::paired_ratio(&[self.point().p99], &[to.point().p99]).unwrap_or(f64::NAN),
            cpu: stats::paired_ratio(&self.cpu, &to.cpu).unwrap_or(f64::NAN),
        }
    }
}
