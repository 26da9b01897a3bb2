//! A process that does what is measured, under one allocator.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use secure_benches::build::{Profile, binary};

/// The worker under either allocator.
#[derive(Debug)]
pub(crate) struct Binaries {
    pub(crate) system: PathBuf,
    pub(crate) wiping: PathBuf,
}

impl Binaries {
    /// What is run, built unless it is to be taken as it is.
    pub(crate) fn of_this_run(build: bool) -> Result<Self, String> {
        let binary = |name| binary("bench-memory", name, Profile::Lambda, build);
        Ok(Self { system: binary("bench-memory-system")?, wiping: binary("bench-memory-wiping")? })
    }
}

/// A running worker that waits for a task. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    tasks: ChildStdin,
    times: BufReader<ChildStdout>,
}

impl Worker {
    pub(crate) fn start(binary: &Path) -> Result<Self, String> {
        let child = Command::new(binary).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| format!("can't start {}: {error}", binary.display()))?;
        let (Some(tasks), Some(times)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("a worker without pipes".to_owned());
        };
        Ok(Self { child, tasks, times: BufReader::new(times) })
    }

    /// How long it takes to do a task so many times.
    pub(crate) fn time(&mut self, task: &str, times: u32) -> Result<Duration, String> {
        let gone = |error: &dyn std::fmt::Display| format!("the worker does no {task}: {error}");
        writeln!(self.tasks, "{task} {times}").map_err(|error| gone(&error))?;
        let mut line = String::new();
        self.times.read_line(&mut line).map_err(|error| gone(&error))?;
        line.trim_end().parse().map(Duration::from_nanos).map_err(|error| gone(&error))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended already, and there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
