//! What is measured, in which order. All that is compared takes turns, again and again, each time in another order; the first of
//! each comparison comes twice, and how far it is from itself is the noise.

use std::time::Duration;

use secure_benches::{
    cores::{self, Cores},
    stats,
};

use crate::worker::{Binaries, Worker};

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// How often all workers are started anew: where a process's blocks lie is luck.
    generations: u32,
    /// Turns of each, a generation.
    rounds: usize,
    /// What a turn should take at least.
    turn: Duration,
}

impl Plan {
    pub(crate) const FULL: Self = Self { generations: 8, rounds: 40, turn: Duration::from_micros(1_500) };
    pub(crate) const QUICK: Self = Self { generations: 2, rounds: 10, turn: Duration::from_micros(300) };
}

const DOCUMENTS: [(usize, &str); 2] = [(12_000, "12 KB"), (265_000, "265 KB")];
const WORK: [(&str, &str); 3] = [
    ("value", "read into a `Value`, written, freed"),
    ("struct", "read into structs, written, freed"),
    ("write", "written from structs, freed"),
];
const BLOCKS: [(usize, &str); 4] = [(32, "32 B"), (1 << 10, "1 KiB"), (64 << 10, "64 KiB"), (1 << 20, "1 MiB")];
const CLOSURES: [(usize, &str); 2] = [(0, "nothing"), (16 << 10, "writes to 16 KiB of stack")];

/// The task that fills a block and then zeroizes it.
const ZEROIZE: &str = "zeroize";

/// Something that is compared with the row's first: the median of its times, and that of the ratios of turns that were side by
/// side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Compared {
    /// Nanoseconds of one time.
    pub(crate) time: f64,
    /// Of times; or of speeds, where the report says so.
    pub(crate) ratio: f64,
}

/// One row of the report.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row<const N: usize> {
    pub(crate) name: String,
    /// With what the others are compared: itself, the same again, and what differs.
    pub(crate) all: [Compared; N],
}

/// Everything.
#[derive(Debug)]
pub(crate) struct Measured {
    /// The system's allocator, the same again, the wiping one.
    pub(crate) allocator: Vec<Row<3>>,
    /// `memset`, the same again, the wiping allocator, zeroize: what they add to a block's coming and going, as speeds.
    pub(crate) wiping: Vec<Row<4>>,
    /// tokio's `spawn_blocking`, the same again, ours.
    pub(crate) blocking: Vec<Row<3>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    System,
    Wiping,
    /// Another process under the system's allocator.
    Again,
}

/// Everything that takes turns in one comparison.
struct Comparison {
    name: String,
    turns: Vec<(Who, String)>,
    /// The times of each, in nanoseconds of one time.
    times: Vec<Vec<f64>>,
}

pub(crate) fn run(binaries: &Binaries, plan: &Plan) -> Result<Measured, String> {
    let (_, Cores { function: core, .. }) = Cores::layouts()?;
    cores::pin(core)?;
    let measured = |comparisons| measured(comparisons, binaries, plan);
    let allocator = measured(on_allocators())?;
    let wiping = measured(BLOCKS.map(|(size, name)| on_blocks(size, name)).into())?;
    let blocking = measured(CLOSURES.map(|(stack, name)| on_threads(stack, name)).into())?;
    Ok(Measured {
        allocator: allocator.iter().map(Comparison::times).collect(),
        wiping: wiping.iter().map(Comparison::speeds).collect(),
        blocking: blocking.iter().map(Comparison::times).collect(),
    })
}

fn on_allocators() -> Vec<Comparison> {
    let of = |(size, shown): (usize, &str)| {
        WORK.map(|(task, work)| {
            let task = format!("{task} {size}");
            let turns = [(Who::System, task.clone()), (Who::Again, task.clone()), (Who::Wiping, task)];
            Comparison::new(&format!("{shown}, {work}"), turns)
        })
    };
    DOCUMENTS.into_iter().flat_map(of).collect()
}

fn on_blocks(size: usize, name: &str) -> Comparison {
    let turns = [
        (Who::System, "fill"),
        (Who::Again, "fill"),
        (Who::Wiping, "free"),
        (Who::System, ZEROIZE),
        (Who::System, "free"),
    ];
    Comparison::new(name, turns.map(|(who, task)| (who, format!("{task} {size}"))))
}

fn on_threads(stack: usize, name: &str) -> Comparison {
    Comparison::new(name, ["tokio", "tokio", "secure"].map(|task| (Who::Wiping, format!("{task} {stack}"))))
}

fn measured(mut comparisons: Vec<Comparison>, binaries: &Binaries, plan: &Plan) -> Result<Vec<Comparison>, String> {
    for generation in 1..=plan.generations {
        let mut workers =
            [Worker::start(&binaries.system)?, Worker::start(&binaries.wiping)?, Worker::start(&binaries.system)?];
        for comparison in &mut comparisons {
            eprintln!("{}, {generation} of {}", comparison.name, plan.generations);
            comparison.take_turns(&mut workers, plan)?;
        }
    }
    Ok(comparisons)
}

impl Comparison {
    fn new(name: &str, turns: impl Into<Vec<(Who, String)>>) -> Self {
        let turns = turns.into();
        Self { name: name.to_owned(), times: vec![Vec::new(); turns.len()], turns }
    }

    fn take_turns(&mut self, workers: &mut [Worker; 3], plan: &Plan) -> Result<(), String> {
        let mut time = |turn: usize, often: u32| {
            let (who, task) = &self.turns[turn];
            let worker = match who {
                Who::System => 0,
                Who::Wiping => 1,
                Who::Again => 2,
            };
            workers[worker].time(task, often)
        };
        let mut often = vec![1; self.turns.len()];
        for (turn, often) in often.iter_mut().enumerate() {
            // Twice as often again and again: everything is warm in the end.
            while time(turn, *often)? < plan.turn {
                *often *= 2;
            }
        }
        for round in 0..plan.rounds {
            for turn in order(often.len(), round) {
                let took = time(turn, often[turn])?;
                self.times[turn].push(took.as_secs_f64() * 1e9 / f64::from(often[turn]));
            }
        }
        Ok(())
    }

    fn times<const N: usize>(&self) -> Row<N> {
        self.row(|turn, round| self.times[turn][round], |time, first| time / first)
    }

    /// Without the time that a block's coming and going takes by itself, and for zeroize, its filling.
    fn speeds<const N: usize>(&self) -> Row<N> {
        let before = |turn: usize| if self.turns[turn].1.starts_with(ZEROIZE) { 0 } else { N };
        self.row(|turn, round| self.times[turn][round] - self.times[before(turn)][round], |time, first| first / time)
    }

    fn row<const N: usize>(&self, time: impl Fn(usize, usize) -> f64, ratio: impl Fn(f64, f64) -> f64) -> Row<N> {
        let rounds = 0..self.times[0].len();
        let middle = |of: &dyn Fn(usize) -> f64| stats::middle(rounds.clone().map(of)).unwrap_or(f64::NAN);
        let compared = |turn| Compared {
            time: middle(&|round| time(turn, round)),
            ratio: middle(&|round| ratio(time(turn, round), time(0, round))),
        };
        Row { name: self.name.clone(), all: std::array::from_fn(compared) }
    }
}

/// Everybody comes at each place, and after either neighbour.
fn order(turns: usize, round: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..turns).collect();
    order.rotate_left(round / 2 % turns);
    if round % 2 == 1 {
        order.reverse();
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_comes_at_each_place() {
        for turns in [3, 5] {
            for place in 0..turns {
                let mut there: Vec<_> = (0..2 * turns).map(|round| order(turns, round)[place]).collect();
                there.sort_unstable();
                assert!(there.iter().copied().eq((0..2 * turns).map(|nth| nth / 2)), "{there:?}");
            }
        }
    }

    #[test]
    fn rounds_are_compared_one_by_one() {
        let mut comparison = on_blocks(32, "32 B");
        // The second round was disturbed as a whole.
        comparison.times = [6.0, 7.0, 4.0, 46.0, 2.0].map(|time| vec![time, 3.0 * time, time]).into();
        let close = |one: f64, other: f64| (one - other).abs() < 1e-9;
        let all = comparison.speeds::<4>().all;
        let expected = [(4.0, 1.0), (5.0, 0.8), (2.0, 2.0), (40.0, 0.1)];
        let as_expected = |(of, (time, ratio)): (&Compared, _)| close(of.time, time) && close(of.ratio, ratio);
        assert!(all.iter().zip(expected).all(as_expected), "{all:?}");
        let times = comparison.times::<3>().all;
        assert!(close(times[2].ratio, 2.0 / 3.0), "{times:?}");
    }
}
