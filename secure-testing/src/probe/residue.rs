//! What was found.

use std::fmt;

use super::Place;
use crate::memory::Encoding;

/// A secret, or a piece of one, where it should not be.
///
/// ```no_run
/// # fn main() -> Result<(), secure_testing::Error> {
/// use secure_testing::{Place, Probe};
///
/// let report = Probe::of("target/debug/login").event(r#"{"password":"x"}"#, ["password"]).run()?;
/// let logged = report.findings().iter().filter(|residue| matches!(residue.place, Place::Log { .. }));
/// assert_eq!(logged.count(), 0, "{report}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Residue {
    /// Which secret: the path of its field, or `event_with`.
    pub field: String,
    /// The event that it came with; the first that was sent is 1.
    pub event: usize,
    /// The event after which it was seen first.
    pub first: usize,
    /// The event after which it was seen last.
    pub last: usize,
    /// Whether it is all of the secret.
    pub whole: bool,
    /// The first of the secret's bytes that were found.
    pub offset: usize,
    /// How many of the secret's bytes were found.
    pub length: usize,
    /// How they are encoded.
    pub encoding: Encoding,
    /// Where.
    pub place: Place,
}

impl fmt::Display for Residue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of event {}, ", self.field, self.event)?;
        if self.whole {
            write!(f, "whole")?;
        } else {
            write!(f, "bytes {} to {}", self.offset + 1, self.offset + self.length)?;
        }
        if self.encoding != Encoding::Raw {
            write!(f, ", {}", self.encoding)?;
        }
        write!(f, ": {}", self.place)?;
        match (self.first, self.last) {
            _ if matches!(self.place, Place::Reply { .. } | Place::Log { .. }) => Ok(()),
            (first, last) if first == last => write!(f, ", after event {first}"),
            (first, last) => write!(f, ", after events {first} to {last}"),
        }
    }
}
