//! Hundreds of thousands of mixed events in one process: whether its memory stays flat, and whether anything is left at the end.

pub mod events;
pub mod gauge;
pub mod soak;
pub mod verdict;
