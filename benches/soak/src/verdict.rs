//! What a soak comes to.

use crate::gauge::Gauge;

/// How much what is alive may differ between two moments: a table of the runtime's that has grown once, a line of the log that is longer.
const ALIVE: usize = 16 << 10;
/// How much the kernel's count may, in KiB: what glibc keeps of freed memory depends on which sizes met in it.
const RESIDENT: usize = 2 << 10;

/// How many threads a function has that runs one event at a time: its own, two workers, and some for closures that block. Each
/// event at once may need one more.
const THREADS: usize = 5;

/// What came of a soak.
#[derive(Debug, Default)]
pub struct Record {
    /// How it ran.
    pub run: &'static str,
    /// How many events at once.
    pub together: usize,
    /// How many ways of handling an event were in it.
    pub modes: usize,
    /// Events that ended otherwise than they should, in words.
    pub unexpected: Vec<String>,
    /// How often the process had to be started again.
    pub restarts: u32,
    /// What it took, from the first look to the last.
    pub gauges: Vec<Gauge>,
    /// Copies of what events held, in the memory of the process at the end, in words.
    pub left: Vec<String>,
    /// Files in its `/tmp` at the end.
    pub files_left: Vec<String>,
    /// Whether what was kept on purpose, after all that, was found.
    pub control_found: bool,
}

impl Record {
    /// What is wrong, in words; empty when nothing is.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = self.unexpected.clone();
        if self.restarts > 0 {
            faults.push(format!("the process was started again {} times", self.restarts));
        }
        faults.extend(self.growth());
        let threads = self.gauges.iter().map(|gauge| gauge.threads).max().unwrap_or_default();
        if threads > THREADS + self.together {
            faults.push(format!("there were {threads} threads"));
        }
        faults.extend(self.left.iter().map(|what| format!("left in memory: {what}")));
        faults.extend(self.files_left.iter().map(|name| format!("left in /tmp: {name}")));
        if !self.control_found {
            faults.push("what was kept on purpose was not found, so that finding nothing says nothing".to_owned());
        }
        faults
    }

    /// What has grown since the process was warm. The least of the second half is held against the least of the first, so that
    /// what happens to be alive at one look doesn't count.
    fn growth(&self) -> Vec<String> {
        let settled = settled(&self.gauges);
        let (first, second) = settled.split_at(settled.len() / 2);
        if first.is_empty() {
            return vec!["there were too few looks at the process".to_owned()];
        }
        let mut grown = Vec::new();
        let mut compare = |what: &str, of: fn(&Gauge) -> usize, may: usize| {
            let [before, after] = [first, second].map(|gauges| gauges.iter().map(of).min().unwrap_or_default());
            if after > before + may {
                grown.push(format!("{what} grew from {before} to {after}"));
            }
        };
        compare("what is alive in the heap, in bytes,", |gauge| gauge.alive, ALIVE);
        compare("what is resident, in KiB,", |gauge| gauge.resident, RESIDENT);
        compare("the number of open files", |gauge| gauge.files, 0);
        grown
    }

    /// A line of the table.
    #[must_use]
    pub fn row(&self) -> String {
        let [Some(first), Some(last)] = [settled(&self.gauges).first(), self.gauges.last()] else {
            return format!("| {} | no figures |\n", self.run);
        };
        let change = |before: usize, after: usize| format!("{before} → {after}");
        format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} |\n",
            self.run,
            last.events,
            self.modes,
            change(first.alive, last.alive),
            change(first.resident, last.resident),
            change(first.threads, last.threads),
            change(first.files, last.files),
            self.left.len(),
        )
    }
}

/// The columns of [`Record::row`].
pub const HEAD: &str = "\
| | events | modes | alive in the heap, bytes | resident, KiB | threads | open files | canaries left |
| --- | --- | --- | --- | --- | --- | --- | --- |
";

/// What is left of the looks when the process has warmed up: the last three quarters.
fn settled(gauges: &[Gauge]) -> &[Gauge] {
    &gauges[gauges.len() / 4..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat() -> Vec<Gauge> {
        (1..=20).map(|at| Gauge { events: at * 100, alive: 50_000, resident: 9_000, threads: 3, files: 9 }).collect()
    }

    fn clean() -> Record {
        Record { gauges: flat(), control_found: true, ..Record::default() }
    }

    #[test]
    fn a_flat_process_has_no_fault() {
        assert_eq!(clean().faults(), [""; 0]);
        // What is taken once, at the start, is no leak; nor is what is alive for a moment.
        let mut record = clean();
        record.gauges[0].alive = 0;
        record.gauges[15].alive = 5_000_000;
        assert_eq!(record.faults(), [""; 0]);
    }

    #[test]
    fn whatever_grows_is_a_fault() {
        let grown = |change: fn(&mut Gauge, usize)| {
            let mut record = clean();
            for (at, gauge) in record.gauges.iter_mut().enumerate() {
                change(gauge, at);
            }
            record.faults().join(", ")
        };
        assert_eq!(
            grown(|gauge, at| gauge.alive += at * 4096),
            "what is alive in the heap, in bytes, grew from 70480 to 99152"
        );
        assert_eq!(grown(|gauge, at| gauge.resident += at * 400), "what is resident, in KiB, grew from 11000 to 13800");
        assert_eq!(grown(|gauge, at| gauge.threads += at), "there were 22 threads");
        assert_eq!(grown(|gauge, at| gauge.files += at), "the number of open files grew from 14 to 21");
    }

    #[test]
    fn whatever_went_wrong_is_a_fault() {
        assert_eq!(Record { unexpected: vec!["panic ended".into()], ..clean() }.faults(), ["panic ended"]);
        assert_eq!(Record { restarts: 2, ..clean() }.faults(), ["the process was started again 2 times"]);
        assert_eq!(Record { left: vec!["a whole one".into()], ..clean() }.faults(), ["left in memory: a whole one"]);
        assert_eq!(Record { files_left: vec!["x".into()], ..clean() }.faults(), ["left in /tmp: x"]);
        assert_eq!(Record { control_found: false, ..clean() }.faults().len(), 1);
        assert_eq!(Record { gauges: vec![], ..clean() }.faults(), ["there were too few looks at the process"]);
    }

    #[test]
    fn a_row_says_what_it_was_and_what_it_became() {
        let mut record = Record { run: "one thread", modes: 31, ..clean() };
        record.gauges[19].resident = 9_100;
        let expected = "| one thread | 2000 | 31 | 50000 → 50000 | 9000 → 9100 | 3 → 3 | 9 → 9 | 0 |\n";
        assert_eq!(record.row(), expected);
        assert_eq!(HEAD.lines().next().unwrap().matches('|').count(), expected.matches('|').count());
    }
}
