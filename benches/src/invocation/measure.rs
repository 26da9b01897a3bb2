//! What is measured, in which order. The functions take turns, so that whatever else the machine does hits all alike; the plain
//! one runs twice, and how far it is from itself is the noise. The floor does nothing, and shows what nobody can save.

use std::{array, time::Duration};

use secure_benches::{cores::Cores, stats};

use crate::{
    binaries::Binaries,
    event::{Event, Shape},
    function::Function,
};

/// Something of each function: plain, secured, plain again, and the floor.
pub(crate) type Quartet<T> = [T; 4];
const FLOOR: usize = 3;

/// Each comes at each place once, and after each other one once (a Latin square of Williams's).
const ORDERS: [Quartet<usize>; 4] = [[0, 1, 3, 2], [1, 2, 0, 3], [2, 3, 1, 0], [3, 0, 2, 1]];

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
            Size { name: "1 KB", bytes: 1_000, rounds: 80, events: 250 },
            Size { name: "16 KB", bytes: 16_000, rounds: 80, events: 250 },
            Size { name: "100 KB", bytes: 100_000, rounds: 60, events: 150 },
            Size { name: "1 MB", bytes: 1_000_000, rounds: 60, events: 50 },
        ],
        warm_up: 500,
        starts: 60,
    };
    pub(crate) const QUICK: Self = Self {
        sizes: [
            Size { name: "1 KB", bytes: 1_000, rounds: 10, events: 50 },
            Size { name: "16 KB", bytes: 16_000, rounds: 10, events: 50 },
            Size { name: "100 KB", bytes: 100_000, rounds: 10, events: 30 },
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
    /// No multiple of a page: blocks that lie side by side would then differ in their addresses by little more than whole pages,
    /// which some processors are slow to copy.
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

/// The secured function's part above the floor against the plain one's: what a runtime can do something about. Medians of the
/// rounds' ratios.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Above {
    pub(crate) p50: f64,
    pub(crate) cpu: f64,
}

/// All functions at one size.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) size: &'static str,
    pub(crate) events: u32,
    pub(crate) points: Quartet<Point>,
    pub(crate) secured: Ratios,
    pub(crate) again: Ratios,
    pub(crate) floor: Ratios,
    pub(crate) above: Above,
    /// Page faults an event.
    pub(crate) faults: Quartet<f64>,
    /// The most memory that each function had resident until then, in bytes: with smaller events, or with these.
    pub(crate) peaks: Quartet<u64>,
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
    pub(crate) start: Quartet<Duration>,
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
fn started(binaries: &Binaries, cores: Cores) -> Result<Quartet<(Function, Duration)>, String> {
    Ok([
        Function::start("plain", &binaries.plain, cores)?,
        Function::start("secured", &binaries.secured, cores)?,
        Function::start("plain again", &binaries.plain, cores)?,
        Function::start("the floor", &binaries.floor, cores)?,
    ])
}

fn starts(binaries: &Binaries, plan: &Plan, cores: Cores) -> Result<Quartet<Duration>, String> {
    eprintln!("{} starts each", plan.starts);
    // The first ones find the files in no cache.
    started(binaries, cores)?;
    let mut took: Quartet<Vec<Duration>> = array::from_fn(|_| Vec::new());
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
    faults: u64,
}

fn row(functions: &mut Quartet<Function>, warm_up: u32, size: &Size, event: &mut Event) -> Result<Row, String> {
    for function in functions.iter_mut() {
        for _ in 0..warm_up {
            function.invoke(event, false)?;
        }
    }
    let detours_before: u32 = functions.iter().map(Function::detours).sum();
    let events = size.rounds * size.events;
    let mut seen: Quartet<Seen> =
        array::from_fn(|_| Seen { latencies: Vec::with_capacity(events as usize), ..Seen::default() });
    for order in ORDERS.iter().cycle().take(size.rounds as usize) {
        for &at in order {
            let (function, seen) = (&mut functions[at], &mut seen[at]);
            let (before, faults_before) = (function.cpu()?, function.page_faults()?);
            let first = seen.latencies.len();
            for nth in 0..size.events {
                // The floor's answers have the right size, and nothing else.
                seen.latencies.push(function.invoke(event, nth == 0 && at != FLOOR)?);
            }
            // Less only when a thread has ended, and taken what it used with it.
            seen.cpu.push(function.cpu()?.saturating_sub(before) / size.events);
            seen.p50.push(stats::median(&mut seen.latencies[first..]).unwrap_or_default());
            seen.faults += function.page_faults()? - faults_before;
        }
    }
    let detours = functions.iter().map(Function::detours).sum::<u32>() - detours_before;
    let mut peaks = [0; 4];
    for (peak, function) in peaks.iter_mut().zip(functions) {
        *peak = function.peak()?;
    }
    let points = seen.each_mut().map(Seen::point);
    let ratios = |at: usize| seen[at].ratios(points[at], &seen[0], points[0]);
    let [plain, secured, _, floor] = &seen;
    Ok(Row {
        size: size.name,
        events,
        points,
        secured: ratios(1),
        again: ratios(2),
        floor: ratios(FLOOR),
        above: Above {
            p50: above(&floor.p50, &secured.p50, &plain.p50),
            cpu: above(&floor.cpu, &secured.cpu, &plain.cpu),
        },
        faults: seen.each_ref().map(|seen| per_event(seen.faults, events)),
        peaks,
        detours,
    })
}

impl Seen {
    fn point(&mut self) -> Point {
        Point {
            p50: stats::median(&mut self.latencies).unwrap_or_default(),
            p99: stats::percentile(&mut self.latencies, 99).unwrap_or_default(),
            cpu: stats::median(&mut self.cpu.clone()).unwrap_or_default(),
        }
    }

    fn ratios(&self, point: Point, to: &Self, to_point: Point) -> Ratios {
        Ratios {
            p50: stats::paired_ratio(&self.p50, &to.p50).unwrap_or(f64::NAN),
            p99: stats::paired_ratio(&[point.p99], &[to_point.p99]).unwrap_or(f64::NAN),
            cpu: stats::paired_ratio(&self.cpu, &to.cpu).unwrap_or(f64::NAN),
        }
    }
}

/// The ratio of what is left of two when the floor is taken from both.
fn above(floor: &[Duration], of: &[Duration], to: &[Duration]) -> f64 {
    let rest =
        |all: &[Duration]| -> Vec<_> { all.iter().zip(floor).map(|(one, floor)| one.saturating_sub(*floor)).collect() };
    stats::paired_ratio(&rest(of), &rest(to)).unwrap_or(f64::NAN)
}

fn per_event(count: u64, events: u32) -> f64 {
    // So many that a count of them would not fit are an error elsewhere.
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / f64::from(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comes_after_each_other_once() {
        let mut pairs: Vec<_> = ORDERS.iter().flat_map(|order| order.windows(2)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        assert_eq!(pairs.len(), 12);
        for place in 0..4 {
            assert_eq!(ORDERS.iter().map(|order| order[place]).sum::<usize>(), 6, "{place}");
        }
    }

    #[test]
    fn the_floor_is_taken_from_both() {
        let of = |values: [u64; 3]| values.map(Duration::from_nanos);
        let ratio = above(&of([10, 20, 30]), &of([14, 24, 99]), &of([18, 28, 30]));
        assert!((ratio - 0.5).abs() < 1e-9, "{ratio}");
        assert!(above(&of([9, 9, 9]), &of([1, 1, 1]), &of([1, 1, 1])).is_nan());
    }
}
