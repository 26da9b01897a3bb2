//! The memory of a process.

use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom},
    ops::Range,
};

use super::{Findings, Search};
use crate::Error;

/// How many bytes are searched at a time.
const CHUNK: usize = 1 << 20;

/// A writable mapping of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Region {
    /// Its addresses.
    pub addresses: Range<u64>,
    /// `[heap]`, `[stack]`, `anonymous`, or what the system calls it: most often a file's path.
    pub name: String,
    /// Whether what is written there stays with the process; otherwise it is shared with others, or with a file.
    pub private: bool,
}

/// The writable mappings of a process, as they were when it was looked at.
///
/// Their contents are read when they are searched, while the process goes on: it should be idle, as it
/// is after [`Function::invoke`](crate::Function::invoke).
///
/// ```no_run
/// use secure_testing::memory::{Memory, Search};
///
/// # fn main() -> Result<(), secure_testing::Error> {
/// let pid = 4711;
/// let findings = Memory::of(pid)?.search(&Search::new(["correct horse battery staple"])?)?;
/// assert!(findings.is_empty(), "{findings}");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Memory {
    pid: u32,
    contents: File,
    regions: Vec<Region>,
}

impl Memory {
    /// Looks at a process's mappings.
    ///
    /// # Errors
    /// [`Error::Memory`] when there is no such process or it may not be read, [`Error::Unsupported`]
    /// elsewhere than on Linux.
    pub fn of(pid: u32) -> Result<Self, Error> {
        if !cfg!(target_os = "linux") {
            return Err(Error::Unsupported);
        }
        let failed = |source| Error::Memory { pid, source };
        let maps = fs::read_to_string(format!("/proc/{pid}/maps")).map_err(failed)?;
        let contents = File::open(format!("/proc/{pid}/mem")).map_err(failed)?;
        Ok(Self { pid, contents, regions: maps.lines().filter_map(Region::parse).collect() })
    }

    /// The writable mappings, by address.
    #[must_use]
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// Searches all writable mappings. What can't be read of them, such as guard pages, is left out.
    ///
    /// # Errors
    /// [`Error::Memory`] when nothing at all can be read, because the process has ended or may not be
    /// read.
    pub fn search(&self, search: &Search) -> Result<Findings, Error> {
        let (mut runs, mut readable) = (Vec::new(), false);
        let mut failure = io::Error::other("it has no writable mapping");
        let mut read = |address, buffer: &mut [u8]| {
            let mut contents = &self.contents;
            let read = contents.seek(SeekFrom::Start(address)).and_then(|_| contents.read(buffer));
            read.unwrap_or_else(|error| {
                failure = error;
                0
            })
        };
        for addresses in self.stretches() {
            readable |= search.range(addresses, CHUNK, &mut read, &mut runs);
        }
        if !readable {
            return Err(Error::Memory { pid: self.pid, source: failure });
        }
        Ok(search.findings(runs, |address| self.name(address)))
    }

    /// The mappings' addresses, those that touch as one: a value may lie across their border.
    fn stretches(&self) -> Vec<Range<u64>> {
        let mut stretches: Vec<Range<u64>> = Vec::new();
        for Region { addresses, .. } in &self.regions {
            match stretches.last_mut() {
                Some(last) if last.end == addresses.start => last.end = addresses.end,
                _ => stretches.push(addresses.clone()),
            }
        }
        stretches
    }

    fn name(&self, address: u64) -> &str {
        let region = self.regions.iter().find(|region| region.addresses.contains(&address));
        region.map_or("", |region| &region.name)
    }
}

impl Region {
    /// Reads a line of `/proc/PID/maps`, if it is about a writable mapping:
    /// `7f00-7f10 rw-p 00000000 08:01 1234    /path`.
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.splitn(6, ' ');
        let (start, end) = fields.next()?.split_once('-')?;
        let rights = fields.next()?.as_bytes();
        if rights.get(1) != Some(&b'w') {
            return None;
        }
        let name = match fields.nth(3).unwrap_or_default().trim_start() {
            "" => "anonymous",
            name => name,
        };
        let address = |hex| u64::from_str_radix(hex, 16).ok();
        Some(Self {
            addresses: address(start)?..address(end)?,
            name: name.to_owned(),
            private: rights.get(3) == Some(&b'p'),
        })
    }
}
