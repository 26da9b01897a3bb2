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
    /// Events of one function before it is another's turn.
    round: u32,
    /// Rounds of each function, by the size of the events.
    sizes: [(&'static str, usize, u32); 4],
    warm_up: u32,
    starts: u32,
}

impl Plan {
    pub(crate) const FULL: Self = Self {
        round: 250,
        sizes: [("1 KiB", 1 << 10, 80), ("16 KiB", 16 << 10, 80), ("100 KiB", 100 << 10, 40), ("1 MB", 1_000_000, 12)],
        warm_up: 500,
        starts: 60,
    };
    pub(crate) const QUICK: Self = Self {
        round: 50,
        sizes: [("1 KiB", 1 << 10, 10), ("16 KiB", 16 << 10, 10), ("100 KiB", 100 << 10, 6), ("1 MB", 1_000_000, 2)],
        warm_up: 50,
        starts: 10,
    };
}

/// What is known of one function at one size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// CPU time of the function, an event.
    pub(crate) cpu: Duration,
}

/// All functions at one size.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) size: &'static str,
    pub(crate) events: u32,
    pub(crate) points: Trio<Point>,
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
            let rows = plan.sizes.iter().map(|&(size, bytes, rounds)| {
                eprintln!("{shape:?}, {size}, function on core {}, driver on {}", cores.function, cores.driver);
                row(&mut functions, plan, &mut Event::new(shape, bytes), size, rounds)
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

fn row(
    functions: &mut Trio<Function>,
    plan: &Plan,
    event: &mut Event,
    size: &'static str,
    rounds: u32,
) -> Result<Row, String> {
    let events = rounds * plan.round;
    for function in functions.iter_mut() {
        for _ in 0..plan.warm_up {
            function.invoke(event, false)?;
        }
    }
    let detours_before: u32 = functions.iter().map(Function::detours).sum();
    let mut latencies: Trio<Vec<Duration>> = array::from_fn(|_| Vec::with_capacity(events as usize));
    let mut cpu: Trio<Vec<Duration>> = array::from_fn(|_| Vec::with_capacity(rounds as usize));
    for order in ORDERS.iter().cycle().take(rounds as usize) {
        for &at in order {
            let function = &mut functions[at];
            let before = function.cpu()?;
            for nth in 0..plan.round {
                latencies[at].push(function.invoke(event, nth == 0)?);
            }
            // Less only when a thread has ended, and taken what it used with it.
            cpu[at].push(function.cpu()?.saturating_sub(before) / plan.round);
        }
    }
    let detours = functions.iter().map(Function::detours).sum::<u32>() - detours_before;
    let points = array::from_fn(|at| Point {
        p50: stats::percentile(&mut latencies[at], 50).unwrap_or_default(),
        p99: stats::percentile(&mut latencies[at], 99).unwrap_or_default(),
        cpu: stats::median(&mut cpu[at]).unwrap_or_default(),
    });
    let peaks = [functions[0].peak()?, functions[1].peak()?, functions[2].peak()?];
    Ok(Row { size, events, points, peaks, detours })
}
