//! A function as a process, its Runtime API, and what the kernel knows about it.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant, SystemTime},
};

use secure_benches::cores::{self, Cores};

use crate::{event::Event, http, peer::Peer};

/// What the Runtime API says to an answer.
const ACCEPTED: &[u8] =
    b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"status\":\"OK\"}\n";

/// A running function that waits for an event. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Function {
    name: &'static str,
    child: Child,
    peer: Peer,
    events: u64,
}

impl Function {
    /// Starts a function and says how long it took until it asked for its first event.
    pub(crate) fn start(name: &'static str, binary: &Path, cores: Cores) -> Result<(Self, Duration), String> {
        let peer = Peer::bind().map_err(|error| format!("can't listen: {error}"))?;
        let address = peer.address().map_err(|error| format!("can't listen: {error}"))?;
        // Beside the binary, and empty: as Lambda's `/tmp` is.
        let tmp = binary.with_file_name("tmp-of-functions");
        fs::create_dir_all(&tmp).map_err(|error| format!("can't make {}: {error}", tmp.display()))?;
        let mut command = Command::new(binary);
        command
            .env_clear()
            .env("TMPDIR", &tmp)
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        // A child runs where its parent did when it was started.
        cores::pin(cores.function)?;
        let started = Instant::now();
        let child = command.spawn().map_err(|error| format!("can't start {}: {error}", binary.display()))?;
        let mut function = Self { name, child, peer, events: 0 };
        cores::pin(cores.driver)?;
        function.next().map_err(|error| function.blamed(&error))?;
        Ok((function, started.elapsed()))
    }

    /// Sends an event and says how long it took until the answer was there, whole; then waits until the function asks for the
    /// next event. `thoroughly`: the answer is compared byte by byte.
    pub(crate) fn invoke(&mut self, event: &mut Event, thoroughly: bool) -> Result<Duration, String> {
        self.events += 1;
        event.renew(self.events, deadline_ms());
        self.exchange(event, thoroughly).map_err(|error| self.blamed(&error))
    }

    fn exchange(&mut self, event: &Event, thoroughly: bool) -> Result<Duration, String> {
        let sent = Instant::now();
        self.peer.respond(event.response())?;
        let (head, body) = self.peer.request()?;
        let took = sent.elapsed();
        if !event.is_answered_by(head, body, thoroughly) {
            let shown = |bytes: &[u8]| bytes[..bytes.len().min(300)].escape_ascii().to_string();
            return Err(format!("not the answer: {} {}", shown(head), shown(body)));
        }
        self.peer.respond(ACCEPTED)?;
        self.next()?;
        Ok(took)
    }

    /// Waits until the function asks for an event.
    fn next(&mut self) -> Result<(), String> {
        let (head, _) = self.peer.request()?;
        match http::request_line(head) {
            Some((b"GET", b"/2018-06-01/runtime/invocation/next")) => Ok(()),
            _ => Err(format!("it should ask for an event: {}", head.escape_ascii())),
        }
    }

    /// The time that all threads of the function have run. Waits a moment, until it sleeps: the kernel tells no half turns.
    pub(crate) fn cpu(&self) -> Result<Duration, String> {
        thread::sleep(Duration::from_millis(1));
        let tasks = format!("/proc/{}/task", self.child.id());
        let unknown = |error: &dyn std::fmt::Display| format!("can't tell {}'s CPU time: {error}", self.name);
        let mut total = Duration::ZERO;
        for task in fs::read_dir(&tasks).map_err(|error| unknown(&error))? {
            let task = task.map_err(|error| unknown(&error))?;
            let text = fs::read_to_string(task.path().join("schedstat")).map_err(|error| unknown(&error))?;
            total += running(&text).ok_or_else(|| unknown(&"the kernel keeps no schedstat"))?;
        }
        Ok(total)
    }

    /// The most memory that the function ever had resident, in bytes.
    pub(crate) fn peak(&self) -> Result<u64, String> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let unknown = |error: &dyn std::fmt::Display| format!("can't tell {}'s memory: {error}", self.name);
        high_water(&text.map_err(|error| unknown(&error))?).ok_or_else(|| unknown(&"no VmHWM"))
    }

    /// How often the kernel had to give the function a page, so far.
    pub(crate) fn page_faults(&self) -> Result<u64, String> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let unknown = |error: &dyn std::fmt::Display| format!("can't tell {}'s page faults: {error}", self.name);
        minor_faults(&text.map_err(|error| unknown(&error))?).ok_or_else(|| unknown(&"no minflt"))
    }

    pub(crate) fn detours(&self) -> u32 {
        self.peer.detours()
    }

    /// An error with the function's name, and its end if it has come.
    fn blamed(&mut self, error: &str) -> String {
        // A process that has just closed its connection is dead in a moment.
        thread::sleep(Duration::from_millis(50));
        match self.child.try_wait() {
            Ok(Some(status)) => format!("{} ended ({status}): {error}", self.name),
            _ => format!("{}: {error}", self.name),
        }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended already, and there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A deadline a minute from now.
fn deadline_ms() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from((now + Duration::from_secs(60)).as_millis()).unwrap_or(u64::MAX)
}

/// The first number of a `schedstat`: nanoseconds on a CPU.
fn running(schedstat: &str) -> Option<Duration> {
    schedstat.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// `VmHWM` of a `status`, in bytes.
fn high_water(status: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    value.trim().strip_suffix(" kB")?.trim_end().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// `minflt` of a `stat`: the eighth field after the program's name, which may hold anything.
fn minor_faults(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(7)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_numbers_are_read() {
        assert_eq!(running("1234567 89 10\n"), Some(Duration::from_nanos(1_234_567)));
        assert_eq!(running(""), None);
        assert_eq!(high_water("VmPeak:\t  9000 kB\nVmHWM:\t    3084 kB\nVmRSS:\t 1 kB\n"), Some(3084 * 1024));
        assert_eq!(high_water("VmPeak:\t  9000 kB\n"), None);
        assert_eq!(minor_faults("7 (a) b) S 1 7 7 0 -1 4194304 215 0 3 0 1 2\n"), Some(215));
        assert_eq!(minor_faults("7 (a) S 1"), None);
    }
}
