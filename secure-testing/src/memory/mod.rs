//! A process's memory, read from outside and searched for canaries.
//!
//! [`Memory::of`] any process reads its writable mappings: heap, anonymous memory, stacks, `.data` and `.bss`. A
//! [`Search`] finds canaries in them or in any bytes, and [`Findings`] say where.
//!
//! Searching a process's memory takes Linux, and the right to trace the process: see
//! [`Error::Memory`](crate::Error::Memory).
//!
//! ```
//! use secure_testing::{Canary, memory::{Encoding, Search}};
//!
//! # fn main() -> Result<(), secure_testing::Error> {
//! let canary = Canary::random();
//! let memory = format!("…{canary}…{}…", &canary.as_str()[4..20]);
//! let findings = Search::new([&canary])?.bytes(memory.as_bytes());
//!
//! assert_eq!((findings.whole(), findings.fragments()), (1, 1));
//! let fragment = findings.iter().find(|finding| !finding.whole).unwrap();
//! assert_eq!((fragment.encoding, fragment.offset, fragment.length), (Encoding::Raw, 4, 16));
//! # Ok(())
//! # }
//! ```

mod findings;
mod forms;
mod process;
mod search;

pub use findings::{Finding, Findings};
pub use forms::Encoding;
pub use process::{Memory, Region};
pub use search::Search;
