//! What a process takes of the machine.

use std::fs;

/// What a process takes at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauge {
    /// After how many events.
    pub events: usize,
    /// Bytes of its heap that are alive, by its own count.
    pub alive: usize,
    /// Memory that it has of the kernel, in KiB.
    pub resident: usize,
    /// Threads.
    pub threads: usize,
    /// Open files and sockets.
    pub files: usize,
}

impl Gauge {
    /// Looks at a process; what is alive in it, it has said itself.
    ///
    /// # Errors
    /// Where there is no `/proc`, or no such process.
    pub fn read(pid: u32, events: usize, alive: usize) -> Result<Self, String> {
        let path = format!("/proc/{pid}/status");
        let status = fs::read_to_string(&path).map_err(|error| format!("can't read {path}: {error}"))?;
        let folder = format!("/proc/{pid}/fd");
        let files = fs::read_dir(&folder).map_err(|error| format!("can't read {folder}: {error}"))?.count();
        let (Some(resident), Some(threads)) = (number(&status, "VmRSS:"), number(&status, "Threads:")) else {
            return Err(format!("{path} has no size or no threads"));
        };
        Ok(Self { events, alive, resident, threads, files })
    }
}

/// The number behind a name in `/proc/…/status`.
fn number(status: &str, name: &str) -> Option<usize> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_seen_to_grow() {
        let before = Gauge::read(std::process::id(), 0, 0).unwrap();
        let block = vec![1u8; 64 << 20];
        let file = fs::File::open("/proc/self/status").unwrap();
        let after = Gauge::read(std::process::id(), 0, 0).unwrap();
        assert!(after.resident >= before.resident + (60 << 10), "{before:?} {after:?}");
        assert!(after.files > 0 && after.threads > 0);
        drop((block, file));
    }

    #[test]
    fn a_status_without_numbers_has_none() {
        assert_eq!(number("VmRSS:\t   1708 kB\nThreads:\t3\n", "VmRSS:"), Some(1708));
        assert_eq!(number("VmRSS:\t many kB\n", "VmRSS:"), None);
        assert_eq!(number("", "Threads:"), None);
    }
}
