//! How a report is read by a person.

mod kind;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use self::kind::Kind;
use super::{Place, Report, Residue, report::Sent};
use crate::Outcome;

/// How many findings are printed, and how many events that ended otherwise than expected.
const FINDINGS: usize = 20;
const EVENTS: usize = 5;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let function = self.function.display();
        let events = counted(self.events.len(), "event");
        if self.findings.is_empty() {
            let all = self.seen;
            write!(f, "{function}: of {} nothing is left after {events} in ", counted(self.secrets, "secret"))?;
            write!(f, "{} of memory, the registers of {}, ", mebibytes(all.bytes), counted(all.threads, "thread"))?;
            let (lines, files) = (counted(all.lines, "log line"), counted(all.files, "temporary file"));
            write!(f, "the replies, {lines} and {files}")?;
        } else {
            let left = self.findings.iter().map(|residue| (residue.event, &residue.field));
            let left = left.collect::<BTreeSet<_>>().len();
            let whole = self.findings.iter().filter(|residue| residue.whole).count();
            write!(f, "{function} leaves {left} of {} behind: ", counted(self.secrets, "secret"))?;
            write!(f, "{} ({whole} whole) after {events}", counted(self.findings.len(), "finding"))?;
        }
        self.write_endings(f)?;
        self.write_findings(f)
    }
}

impl Report {
    fn write_endings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let odd: Vec<(usize, &Sent)> = (1..).zip(&self.events).filter(|(_, sent)| !sent.counts()).collect();
        if odd.is_empty() {
            return Ok(());
        }
        write!(f, "\n\n{} of {} prove little:", odd.len(), counted(self.events.len(), "event"))?;
        for (event, sent) in odd.iter().take(EVENTS) {
            let Sent { outcome, expected, reply, .. } = sent;
            if outcome == expected {
                write!(f, "\n  event {event} ended with {}, and so did the process", ending(*outcome))?;
            } else {
                write!(
                    f,
                    "\n  event {event} ended with {}, not with {}: {reply}",
                    ending(*outcome),
                    ending(*expected)
                )?;
            }
        }
        write_more(f, odd.len(), EVENTS)?;
        write!(f, "\n  help: send what the function handles, or say with `expect` how the event is to end")
    }

    fn write_findings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups: BTreeMap<Kind, Vec<&Residue>> = BTreeMap::new();
        for residue in &self.findings {
            groups.entry(Kind::of(&residue.place)).or_default().push(residue);
        }
        let mut groups: Vec<_> = groups.into_iter().map(|(kind, residues)| (kind, rows(&residues))).collect();
        // In a group as outside of it: what is whole comes first.
        groups.sort_by_key(|(kind, rows)| (!rows.iter().any(|(residue, _)| residue.whole), *kind));
        let shown = shares(FINDINGS, &groups.iter().map(|(_, rows)| rows.len()).collect::<Vec<_>>());
        for ((kind, rows), shown) in groups.into_iter().zip(shown) {
            let all = rows.iter().map(|(_, alike)| alike).sum();
            write!(f, "\n\n{}, {}:", kind.name(), counted(all, "finding"))?;
            for (residue, alike) in rows.iter().take(shown) {
                write!(f, "\n  {residue}")?;
                if *alike > 1 {
                    write!(f, " (and {} more like it)", alike - 1)?;
                }
            }
            write_more(f, all, rows.iter().take(shown).map(|(_, alike)| alike).sum())?;
            write!(f, "\n  help: {}", kind.help())?;
        }
        Ok(())
    }
}

/// The first of those that are alike, and how many are: the same secret in the same kind of place, and of the same thread.
fn rows<'a>(residues: &[&'a Residue]) -> Vec<(&'a Residue, usize)> {
    let thread = |residue: &Residue| match &residue.place {
        Place::Stack { thread, .. } | Place::Register { thread, .. } => Some(thread.clone()),
        _ => None,
    };
    let mut rows: Vec<(&Residue, usize)> = Vec::new();
    for &residue in residues {
        let alike = |(row, _): &&mut (&Residue, usize)| {
            (&row.field, row.event, thread(row)) == (&residue.field, residue.event, thread(residue))
        };
        match rows.iter_mut().find(alike) {
            Some((_, alike)) => *alike += 1,
            None => rows.push((residue, 1)),
        }
    }
    rows
}

/// Puts the most telling first.
pub(super) fn sort(residues: &mut [Residue]) {
    residues.sort_by_key(|residue| {
        let pieces = Reverse(residue.length);
        (!residue.whole, Kind::of(&residue.place), residue.event, residue.field.clone(), pieces, residue.first)
    });
}

fn write_more(f: &mut fmt::Formatter<'_>, all: usize, shown: usize) -> fmt::Result {
    if all > shown { write!(f, "\n  and {} more", all - shown) } else { Ok(()) }
}

/// How many of each group are shown, when all may show `room`: none is left out for another that is longer.
fn shares(room: usize, sizes: &[usize]) -> Vec<usize> {
    let mut shares = vec![0; sizes.len()];
    let mut left = room.min(sizes.iter().sum());
    while left > 0 {
        for (share, size) in shares.iter_mut().zip(sizes) {
            if *share < *size && left > 0 {
                *share += 1;
                left -= 1;
            }
        }
    }
    shares
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply { event, header: Some(name), .. } => write!(f, "in the header `{name}` of reply {event}"),
            Self::Reply { event, header: None, at } => write!(f, "at byte {} of reply {event}", at + 1),
            Self::Log { line, excerpt } => write!(f, "in line {line}: {excerpt}"),
            Self::File { path, at: Some(at) } => write!(f, "at byte {} of {}", at + 1, path.display()),
            Self::File { path, at: None } => write!(f, "in the name of {}", path.display()),
            Self::Register { thread, register } => write!(f, "in {register} of {thread}"),
            Self::Stack { thread, address, pointer } => {
                let distance = separated(pointer.abs_diff(*address));
                let side = if address < pointer { "below" } else { "above" };
                write!(f, "{thread}, {distance} bytes {side} its stack pointer ({address:#x})")
            }
            Self::Static { file, address } => {
                let file = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
                write!(f, "in .data or .bss of {file} ({address:#x})")
            }
            Self::Heap { address } => write!(f, "at {address:#x}"),
            Self::Mapping { name, address, mapping } => {
                let offset = separated(address - mapping.start);
                write!(f, "{offset} bytes into {name} memory ({:#x}-{:#x})", mapping.start, mapping.end)
            }
        }
    }
}

fn ending(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Answer => "an answer",
        Outcome::Error => "an error",
        Outcome::Crashed => "a crash",
        Outcome::TimedOut => "a time-out",
    }
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// `1,312`.
fn separated(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `2.1 MiB`.
fn mebibytes(bytes: u64) -> String {
    let tenths = bytes * 10 / (1 << 20);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests;
