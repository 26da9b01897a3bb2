//! The measurement: sealed, plain and the bare cipher take turns.

use std::{
    env,
    fs::{File, OpenOptions},
    hint::black_box,
    io::{self, Read as _, Seek as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    time::{Duration, Instant},
};

use secure_benches::stats;
use secure_runtime::{Validated, tmp::SealedFile};

use crate::cipher::{self, CHUNK};

/// A row of the report.
pub(crate) struct Row {
    pub(crate) what: String,
    /// Sealed, against plain and the cipher together.
    pub(crate) to_both: f64,
    /// Sealed, against plain alone.
    pub(crate) to_plain: f64,
    /// Plain and the cipher again, against themselves.
    pub(crate) again: f64,
    pub(crate) plain: Duration,
    pub(crate) cipher: Duration,
}

/// What is done with a file of so many bytes, written in pieces of so many.
#[derive(Clone, Copy)]
enum Work {
    Write { len: usize, piece: usize },
    Read { len: usize },
}

const WORK: [Work; 5] = [
    Work::Write { len: 64 << 10, piece: 64 << 10 },
    Work::Write { len: 1 << 20, piece: 1 << 20 },
    Work::Write { len: 16 << 20, piece: 1 << 20 },
    Work::Read { len: 1 << 20 },
    Work::Read { len: 16 << 20 },
];

impl Work {
    fn name(self) -> String {
        match self {
            Self::Write { len, piece } if len == piece => format!("write {} at once", size(len)),
            Self::Write { len, piece } => format!("write {}, {} at a time", size(len), size(piece)),
            Self::Read { len } => format!("read {}", size(len)),
        }
    }

    fn len(self) -> usize {
        match self {
            Self::Write { len, .. } | Self::Read { len } => len,
        }
    }
}

fn size(len: usize) -> String {
    if len >= 1 << 20 { format!("{} MiB", len >> 20) } else { format!("{} KiB", len >> 10) }
}

pub(crate) fn run(quick: bool) -> io::Result<Vec<Row>> {
    WORK.into_iter().map(|work| row(work, if quick { 3 } else { 101 })).collect()
}

fn plain_file() -> io::Result<File> {
    OpenOptions::new().read(true).write(true).mode(0o600).custom_flags(libc::O_TMPFILE).open(env::temp_dir())
}

/// The contestants take turns, and files are made anew for each: what is measured is what an invocation does.
fn row(work: Work, rounds: usize) -> io::Result<Row> {
    let text: Vec<u8> = (0..=250).cycle().take(work.len()).collect();
    let times_in_a_round = ((1 << 20) / work.len()).max(1);
    let [mut sealed, mut plain, mut cipher, mut plain_again, mut cipher_again] = [const { Vec::new() }; 5];
    let mut out = vec![0; CHUNK];
    for _ in 0..rounds {
        let mut round = [Duration::ZERO; 5];
        for _ in 0..times_in_a_round {
            round[0] += seal(work, &text, &mut out)?;
            round[1] += leave_plain(work, &text, &mut out)?;
            round[2] += bare(&text, &mut out);
            round[3] += leave_plain(work, &text, &mut out)?;
            round[4] += bare(&text, &mut out);
        }
        for (times, time) in
            [&mut sealed, &mut plain, &mut cipher, &mut plain_again, &mut cipher_again].into_iter().zip(round)
        {
            times.push(time / u32::try_from(times_in_a_round).unwrap_or(1));
        }
    }
    let sum = |one: &[Duration], other: &[Duration]| one.iter().zip(other).map(|(a, b)| *a + *b).collect::<Vec<_>>();
    let both = sum(&plain, &cipher);
    let ratio = |of: &[Duration], to: &[Duration]| stats::paired_ratio(of, to).unwrap_or(f64::NAN);
    Ok(Row {
        what: work.name(),
        to_both: ratio(&sealed, &both),
        to_plain: ratio(&sealed, &plain),
        again: ratio(&sum(&plain_again, &cipher_again), &both),
        plain: stats::median(&mut plain).unwrap_or_default(),
        cipher: stats::median(&mut cipher).unwrap_or_default(),
    })
}

fn seal(work: Work, text: &[u8], out: &mut [u8]) -> io::Result<Duration> {
    let pieces = |piece| text.chunks(piece).map(|piece| Validated::check(piece, |_| true).expect("it says so"));
    match work {
        Work::Write { piece, .. } => {
            let start = Instant::now();
            let mut file = SealedFile::create()?;
            for piece in pieces(piece) {
                file.write_validated(&piece)?;
            }
            drop(file);
            Ok(start.elapsed())
        }
        Work::Read { len } => {
            let mut file = SealedFile::create()?;
            for piece in pieces(len) {
                file.write_validated(&piece)?;
            }
            let start = Instant::now();
            while file.read(out)? > 0 {
                black_box(&out);
            }
            Ok(start.elapsed())
        }
    }
}

fn leave_plain(work: Work, text: &[u8], out: &mut [u8]) -> io::Result<Duration> {
    match work {
        Work::Write { piece, .. } => {
            let start = Instant::now();
            let mut file = plain_file()?;
            for piece in text.chunks(piece) {
                file.write_all(piece)?;
            }
            drop(file);
            Ok(start.elapsed())
        }
        Work::Read { .. } => {
            let mut file = plain_file()?;
            file.write_all(text)?;
            file.rewind()?;
            let start = Instant::now();
            while file.read(out)? > 0 {
                black_box(&out);
            }
            Ok(start.elapsed())
        }
    }
}

/// Opening takes what sealing does.
fn bare(text: &[u8], out: &mut [u8]) -> Duration {
    let start = Instant::now();
    cipher::seal(text, out);
    start.elapsed()
}
