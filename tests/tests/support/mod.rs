//! A Runtime API that does as a test says, good or bad, and a process that talks to it.
//!
//! It stands on `std::net` and threads: what is tested is the exchange of bytes, so nothing here may tidy them up.
//! Every wait has a [`LIMIT`] that ends a test which hangs; none of them decides whether a test passes.
#![allow(dead_code, unused_imports, reason = "each test file uses its own part")]

pub(crate) mod gate;
pub(crate) mod http;
pub(crate) mod peer;
pub(crate) mod reply;
pub(crate) mod twin;

use std::time::Duration;

pub(crate) use self::{
    gate::Gate,
    http::Request,
    peer::{Peer, Route},
    reply::{Cut, Reply},
    twin::{Loop, Twin},
};

/// When a test is given up that waits for what never comes.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
