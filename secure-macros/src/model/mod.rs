//! What the macros' items are, parsed and checked once.

pub(crate) mod body;
pub(crate) mod error;
pub(crate) mod handler;
pub(crate) mod kind;
pub(crate) mod lifetimes;
pub(crate) mod secret_let;
