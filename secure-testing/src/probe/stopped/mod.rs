//! A process all of whose threads have been stopped, so that its memory and its registers are of one moment.

mod registers;

use std::{
    collections::HashSet,
    fs, thread,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    sys::{
        ptrace::{self, Options},
        signal::Signal,
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::Pid,
};

use self::registers::Registers;
use super::{Thread, permission};
use crate::Error;

pub(super) const SUPPORTED: bool = true;

/// How long a thread may take to stop; one that sleeps does so at once.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_micros(200);

/// Threads that have been stopped by `ptrace`. They go on when this is dropped, as if nothing had been.
#[derive(Debug)]
pub(super) struct Stopped {
    pub(super) threads: Vec<(Thread, Registers)>,
    /// Each with the signal that it was about to get.
    attached: Vec<(Pid, Option<Signal>)>,
}

impl Stopped {
    /// Stops all threads of a process, and reads their registers. Only the thread that has called this can let them go on.
    pub(super) fn all(pid: u32) -> Result<Self, Error> {
        let mut stopped = Self { threads: Vec::new(), attached: Vec::new() };
        let mut known = HashSet::new();
        // A thread may be made until all that could make one have been stopped.
        loop {
            let new: Vec<i32> = ids(pid)?.into_iter().filter(|id| known.insert(*id)).collect();
            if new.is_empty() {
                return Ok(stopped);
            }
            for id in new {
                stopped.stop(pid, id)?;
            }
        }
    }

    fn stop(&mut self, pid: u32, id: i32) -> Result<(), Error> {
        let thread = Pid::from_raw(id);
        let refused = |doing: &'static str| move |errno: Errno| permission::refused(pid, doing, errno.into());
        match ptrace::seize(thread, Options::empty()) {
            Err(Errno::ESRCH) => return Ok(()),
            Err(Errno::EPERM) if has_ended(pid, id) => return Ok(()),
            seized => seized.map_err(refused("stop a thread"))?,
        }
        // From here on it has to be let go, whatever happens.
        self.attached.push((thread, None));
        if !self.interrupt(thread).map_err(refused("stop a thread"))? {
            self.attached.pop();
            return Ok(());
        }
        let registers = Registers::of(thread).map_err(refused("read the registers of a thread"))?;
        let name = fs::read_to_string(format!("/proc/{pid}/task/{id}/comm")).unwrap_or_default();
        let main = u32::try_from(id) == Ok(pid);
        self.threads.push((Thread { id, name: name.trim_end().to_owned(), main }, registers));
        Ok(())
    }

    /// Has the last thread stop. `false`: it has ended instead.
    fn interrupt(&mut self, thread: Pid) -> Result<bool, Errno> {
        let started = Instant::now();
        match ptrace::interrupt(thread) {
            Err(Errno::ESRCH) => return Ok(false),
            interrupted => interrupted?,
        }
        while started.elapsed() < PATIENCE {
            match waitpid(thread, Some(WaitPidFlag::__WALL | WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) | Err(Errno::EINTR) => thread::sleep(PAUSE),
                Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..)) | Err(Errno::ECHILD) => return Ok(false),
                Ok(WaitStatus::Stopped(_, signal)) => {
                    // It was about to get a signal, and gets it when it goes on.
                    if let Some((_, kept)) = self.attached.last_mut() {
                        *kept = Some(signal);
                    }
                    return Ok(true);
                }
                Ok(_) => return Ok(true),
                Err(errno) => return Err(errno),
            }
        }
        Err(Errno::ETIMEDOUT)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        for &(thread, signal) in &self.attached {
            // One that was killed meanwhile needn't be let go.
            let _ = ptrace::detach(thread, signal);
        }
    }
}

fn ids(pid: u32) -> Result<Vec<i32>, Error> {
    let failed = |source| permission::refused(pid, "list the threads", source);
    let mut ids = Vec::new();
    for thread in fs::read_dir(format!("/proc/{pid}/task")).map_err(failed)? {
        ids.extend(thread.map_err(failed)?.file_name().to_str().and_then(|id| id.parse::<i32>().ok()));
    }
    Ok(ids)
}

/// Whether a thread is one only by name: nobody has waited for it yet.
fn has_ended(pid: u32, id: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/task/{id}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    matches!(state, None | Some('Z' | 'X'))
}
