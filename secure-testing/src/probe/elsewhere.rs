//! Where no thread of another process can be stopped, nothing is looked at: [`Probe::run`](super::Probe::run) says so before it begins.

use super::Thread;
use crate::Error;

pub(super) const SUPPORTED: bool = false;

#[derive(Debug)]
pub(super) struct Stopped {
    pub(super) threads: Vec<(Thread, Registers)>,
}

#[derive(Debug)]
pub(super) struct Registers {
    pub(super) stack_pointer: u64,
    pub(super) thread_pointer: Option<u64>,
    bytes: Vec<u8>,
    name: String,
}

impl Stopped {
    pub(super) fn all(_pid: u32) -> Result<Self, Error> {
        Err(Error::Unsupported)
    }
}

impl Registers {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn name(&self, _at: usize) -> &str {
        &self.name
    }
}
