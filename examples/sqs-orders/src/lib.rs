//! Takes orders from a queue: charges the card of each, and says which of a batch have failed.
//!
//! [`handler`], [`event`] and [`error`] are what `secure-runtime` asks for; [`payments`] knows nothing of it.

pub mod error;
pub mod event;
pub mod handler;
pub mod payments;
