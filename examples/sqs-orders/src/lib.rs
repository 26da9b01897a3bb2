//! Takes orders from a queue: charges the card of each, says which of a batch have failed, and puts aside what never succeeds.
//!
//! [`handler`], [`event`], [`error`] and [`letters`] are what `secure-runtime` asks for; [`payments`] knows nothing of it.

pub mod error;
pub mod event;
pub mod handler;
pub mod letters;
pub mod payments;
