//! The search itself: bytes in, runs of canaries out.

use std::{cmp::Reverse, collections::HashMap, ops::Range};

use aho_corasick::AhoCorasick;

use super::{
    findings::{Finding, Findings},
    forms::Form,
};
use crate::Error;

const PAGE: u64 = 4096;
/// The longest canary: each of its bytes takes about four kilobytes while it is searched for.
const LONGEST: usize = 16 << 10;

/// Canaries, ready to be searched for: raw, base64 in both alphabets and at every alignment, hex in both cases, in capitals and in
/// small letters; whole and
/// in fragments.
///
/// A fragment is a run of at least `min_fragment` bytes of memory that are also in an encoded form of the canary. Every
/// window of that length is looked for, and what is found is extended as far as it goes. Windows of few different bytes are
/// left out, because memory is full of them: those in which at most a quarter of the bytes differ (of 8 bytes: one
/// or two values, such as zeros or spaces). They still count as part of a longer run.
///
/// ```
/// use secure_testing::memory::Search;
///
/// # fn main() -> Result<(), secure_testing::Error> {
/// let search = Search::new(["correct horse battery staple"])?;
/// assert_eq!(search.bytes(b"Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZQ==").whole(), 1);
/// assert_eq!(search.bytes(b"battery low").fragments(), 1);
/// assert!(search.bytes(b"a horse, a car").is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Search {
    forms: Vec<Form>,
    windows: AhoCorasick,
    /// Each window's form and its place in it.
    origins: Vec<(usize, usize)>,
    overlap: usize,
}

/// A run of bytes that is part of a form's text.
#[derive(Debug)]
pub(super) struct Run {
    form: usize,
    address: u64,
    part: Range<usize>,
}

impl Search {
    /// Prepares a search for canaries and their fragments of 8 bytes and more.
    ///
    /// # Errors
    /// As [`with_min_fragment`](Self::with_min_fragment).
    pub fn new(canaries: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Result<Self, Error> {
        Self::with_min_fragment(canaries, 8)
    }

    /// Prepares a search for canaries and their fragments of `min_fragment` bytes and more. The shorter they are, the likelier
    /// they occur by chance.
    ///
    /// ```
    /// use secure_testing::memory::Search;
    ///
    /// # fn main() -> Result<(), secure_testing::Error> {
    /// let search = Search::with_min_fragment(["correct horse battery staple"], 4)?;
    /// assert_eq!(search.bytes(b"a horse, a car").fragments(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Canary`] when a canary is shorter than `min_fragment` or longer than 16 KiB, or all its windows have too few
    /// different bytes.
    ///
    /// # Panics
    /// When `min_fragment` is less than 4.
    pub fn with_min_fragment(
        canaries: impl IntoIterator<Item = impl AsRef<[u8]>>,
        min_fragment: usize,
    ) -> Result<Self, Error> {
        assert!(min_fragment >= 4, "fragments of less than 4 bytes are everywhere");
        let mut forms = Vec::new();
        for (index, canary) in canaries.into_iter().enumerate() {
            let bytes = canary.as_ref();
            let why = match bytes.len() {
                n if n < min_fragment => format!("has {n} bytes; a fragment has {min_fragment}"),
                n if n > LONGEST => format!("has {n} bytes; {LONGEST} is the limit"),
                _ if bytes.windows(min_fragment).all(is_uniform) => {
                    "has too few different bytes to be told from chance".to_owned()
                }
                _ => {
                    forms.extend(Form::all(index, bytes));
                    continue;
                }
            };
            return Err(Error::Canary { index, why });
        }
        let places = forms.iter().enumerate().flat_map(|(form, Form { text, .. })| {
            text.windows(min_fragment).enumerate().map(move |(at, window)| (window, (form, at)))
        });
        let (windows, origins): (Vec<&[u8]>, Vec<_>) = places.filter(|(window, _)| !is_uniform(window)).unzip();
        let windows = AhoCorasick::new(windows).map_err(|error| Error::Canary {
            index: 0,
            why: format!("and the others are too many to be searched for at once: {error}"),
        })?;
        let overlap = forms.iter().map(|form| form.text.len()).max().unwrap_or_default();
        Ok(Self { forms, windows, origins, overlap })
    }

    /// Searches bytes; addresses count from their start, and mappings have no name.
    #[must_use]
    pub fn bytes(&self, bytes: &[u8]) -> Findings {
        let mut runs = Vec::new();
        self.scan(bytes, 0, &mut runs);
        self.findings(runs, |_| "")
    }

    /// Searches a range of addresses, `chunk` bytes at a time; `read` reads as much as it can from an
    /// address on. Gives whether anything could be read.
    pub(super) fn range(
        &self,
        range: Range<u64>,
        chunk: usize,
        mut read: impl FnMut(u64, &mut [u8]) -> usize,
        runs: &mut Vec<Run>,
    ) -> bool {
        let mut buffer = vec![0; chunk + self.overlap];
        let mut readable = false;
        let mut at = range.start;
        while at < range.end {
            let left = usize::try_from(range.end - at).unwrap_or(usize::MAX);
            let wanted = left.min(buffer.len());
            let got = read(at, &mut buffer[..wanted]);
            self.scan(&buffer[..got], at, runs);
            readable |= got > 0;
            // The next chunk starts inside this one, so that a run on the border is whole in one of
            // them. A hole starts where reading ended, and is crossed page by page.
            at += match got {
                0 => PAGE - at % PAGE,
                _ if got == wanted && wanted == buffer.len() => chunk as u64,
                _ => got as u64,
            };
        }
        readable
    }

    /// Searches bytes that lie at an address.
    fn scan(&self, bytes: &[u8], address: u64, runs: &mut Vec<Run>) {
        // How far a form has been found already where its text would start.
        let mut reached = HashMap::new();
        for window in self.windows.find_overlapping_iter(bytes) {
            let (form, place) = self.origins[window.pattern().as_usize()];
            let text = &self.forms[form].text;
            let reached = reached.entry((form, window.start().wrapping_sub(place))).or_default();
            if window.end() <= *reached {
                continue;
            }
            let (start, end) = (window.start(), window.end());
            let before = alike(bytes[..start].iter().rev(), text[..place].iter().rev());
            let after = alike(&bytes[end..], &text[place + window.len()..]);
            *reached = end + after;
            let part = place - before..place + window.len() + after;
            runs.push(Run { form, address: address + (start - before) as u64, part });
        }
    }

    /// Sorts and merges runs; `name` tells the mapping of an address.
    pub(super) fn findings<'a>(&self, mut runs: Vec<Run>, name: impl Fn(u64) -> &'a str) -> Findings {
        // Two chunks each saw a part of a run: the same form, starting at the same place.
        runs.sort_by_key(|run| (run.form, run.origin(), run.part.start));
        runs.dedup_by(|next, run| {
            let same = (next.form, next.origin()) == (run.form, run.origin()) && next.part.start <= run.part.end;
            if same {
                run.part.end = run.part.end.max(next.part.end);
            }
            same
        });
        // What several forms have in common, such as the digits of hex, is found once for each.
        let canary = |run: &Run| self.forms[run.form].canary;
        runs.sort_by_key(|run| (canary(run), run.address, Reverse(run.part.len()), run.form));
        runs.dedup_by(|next, run| canary(next) == canary(run) && next.end() <= run.end());
        runs.sort_by_key(|run| (run.address, canary(run)));
        let finding = |run: Run| {
            let form = &self.forms[run.form];
            let bytes = form.bytes(&run.part);
            Finding {
                canary: form.canary,
                address: run.address,
                mapping: name(run.address).to_owned(),
                encoding: form.encoding,
                offset: bytes.start,
                length: bytes.len(),
                whole: run.part.len() == form.text.len(),
            }
        };
        Findings(runs.into_iter().map(finding).collect())
    }
}

impl Run {
    /// Where the form's text starts, or would if it were whole.
    fn origin(&self) -> u64 {
        self.address.wrapping_sub(self.part.start as u64)
    }

    fn end(&self) -> u64 {
        self.address + self.part.len() as u64
    }
}

/// How many bytes two sequences have in common at their start.
fn alike<'a>(a: impl IntoIterator<Item = &'a u8>, b: impl IntoIterator<Item = &'a u8>) -> usize {
    a.into_iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// Whether at most a quarter of a window's bytes differ.
fn is_uniform(window: &[u8]) -> bool {
    let mut seen = [false; 256];
    for &byte in window {
        seen[usize::from(byte)] = true;
    }
    4 * seen.iter().filter(|&&seen| seen).count() <= window.len()
}

#[cfg(test)]
mod tests;
