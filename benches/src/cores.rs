//! Which core runs what.

#[cfg(target_os = "linux")]
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Where the function and the driver run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cores {
    /// The core of what is measured.
    pub function: usize,
    /// The core of what drives it.
    pub driver: usize,
}

impl Cores {
    /// A core each, when this process may use two, and both on one.
    ///
    /// # Errors
    /// When the system does not say which cores may be used.
    pub fn layouts() -> Result<(Option<Self>, Self), String> {
        let mut cores = allowed()?.into_iter();
        // The first core serves most interrupts: leave it to the driver.
        let first = cores.next().ok_or("no core may be used")?;
        let function = cores.next_back().unwrap_or(first);
        let each = (function != first).then_some(Self { function, driver: first });
        Ok((each, Self { function, driver: function }))
    }
}

/// The cores that this process may use, in ascending order.
#[cfg(target_os = "linux")]
fn allowed() -> Result<Vec<usize>, String> {
    let allowed = sched_getaffinity(None).map_err(|error| format!("can't tell which cores may be used: {error}"))?;
    Ok((0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core)).collect())
}

/// Binds this thread, and the processes that it starts from now on, to one core.
///
/// # Errors
/// When the core may not be used.
#[cfg(target_os = "linux")]
pub fn pin(core: usize) -> Result<(), String> {
    let mut set = CpuSet::new();
    set.set(core);
    sched_setaffinity(None, &set).map_err(|error| format!("can't use core {core} alone: {error}"))
}

#[cfg(not(target_os = "linux"))]
const ELSEWHERE: &str = "this is measured on Linux only, as functions run on nothing else";

#[cfg(not(target_os = "linux"))]
fn allowed() -> Result<Vec<usize>, String> {
    Err(ELSEWHERE.to_owned())
}

/// Binds nothing.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn pin(_core: usize) -> Result<(), String> {
    Err(ELSEWHERE.to_owned())
}
