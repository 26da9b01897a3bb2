//! What a search found.

use std::{fmt, slice};

use super::Encoding;

/// How many findings are printed; a leak that is everywhere needn't be listed everywhere.
const PRINTED: usize = 20;
const COLUMNS: usize = 80;

/// A canary, or a fragment of one, in memory: a run of bytes as long as it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Which canary: its place among those searched for.
    pub canary: usize,
    /// Where the run starts.
    pub address: u64,
    /// What is mapped there: `[heap]`, `[stack]` (the main thread's), `anonymous` (other threads'
    /// stacks, large and threads' own heaps, `.bss`) or a file's path (`.data`).
    pub mapping: String,
    /// How the canary is encoded there.
    pub encoding: Encoding,
    /// The first of the canary's bytes that the run tells something about.
    pub offset: usize,
    /// How many of the canary's bytes the run tells something about.
    pub length: usize,
    /// Whether it is all of the canary; in base64, all the characters that the canary alone
    /// determines.
    pub whole: bool,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let canary = format!("canary {}", self.canary);
        let part = if self.whole {
            "whole".to_owned()
        } else {
            format!("bytes {}..{}", self.offset, self.offset + self.length)
        };
        let file = self.mapping.rsplit('/').next().unwrap_or_default();
        let (encoding, address) = (self.encoding, self.address);
        let line = format!("{canary:<9}  {part:<13}  {encoding:<9}  {address:#014x}  {file}");
        line.trim_end().chars().take(COLUMNS - 2).try_for_each(|letter| write!(f, "{letter}"))
    }
}

/// What a search found, sorted by address. Runs that overlap in one encoding are one finding.
///
/// It prints itself for a test's message, without the canaries and in 80 columns, and no more than
/// the first 20.
///
/// ```
/// use secure_testing::memory::Search;
///
/// # fn main() -> Result<(), secure_testing::Error> {
/// let findings = Search::new(["correct horse battery staple"])?.bytes(b"xx horse battery");
/// assert_eq!(
///     findings.to_string(),
///     "1 finding (0 whole, 1 fragment):\n  canary 0   bytes 7..21    raw        0x000000000002"
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings(pub(super) Vec<Finding>);

impl Findings {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many whole canaries and fragments were found.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// How many whole canaries were found.
    #[must_use]
    pub fn whole(&self) -> usize {
        self.iter().filter(|finding| finding.whole).count()
    }

    /// How many fragments were found that are no whole canary.
    #[must_use]
    pub fn fragments(&self) -> usize {
        self.len() - self.whole()
    }

    /// The findings, by address.
    pub fn iter(&self) -> slice::Iter<'_, Finding> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |n| if n == 1 { "" } else { "s" };
        let (all, whole, fragments) = (self.len(), self.whole(), self.fragments());
        write!(f, "{all} finding{} ", plural(all))?;
        write!(f, "({whole} whole, {fragments} fragment{})", plural(fragments))?;
        for (at, finding) in self.iter().take(PRINTED).enumerate() {
            write!(f, "{}\n  {finding}", if at == 0 { ":" } else { "" })?;
        }
        if all > PRINTED {
            write!(f, "\n  and {} more", all - PRINTED)?;
        }
        Ok(())
    }
}
