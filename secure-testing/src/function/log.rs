//! What a function writes to stdout and stderr.

use std::{
    env,
    fs::{self, File},
    io::{self, Read as _},
    process::Stdio,
};

use crate::canary::random_bytes;

/// Two files without a name, one a stream.
///
/// Files, because all that a process has written before it sleeps can be read from them at once; from
/// a pipe another thread would have to fetch it, and nobody could say when it has. Two, because
/// `eprintln!` writes a line in pieces, and what another thread prints would tear it.
#[derive(Debug)]
pub(super) struct Log {
    streams: [Stream; 2],
    lines: Vec<String>,
}

#[derive(Debug)]
struct Stream {
    write: File,
    read: File,
}

impl Log {
    pub(super) fn create() -> io::Result<Self> {
        Ok(Self { streams: [Stream::create()?, Stream::create()?], lines: Vec::new() })
    }

    /// The process's stdout and stderr.
    pub(super) fn stdio(&self) -> io::Result<[Stdio; 2]> {
        let [out, err] = &self.streams;
        Ok([out.write.try_clone()?.into(), err.write.try_clone()?.into()])
    }

    /// Takes in what was written since the last time.
    pub(super) fn read(&mut self) -> io::Result<()> {
        for stream in &mut self.streams {
            let mut bytes = Vec::new();
            stream.read.read_to_end(&mut bytes)?;
            self.lines.extend(String::from_utf8_lossy(&bytes).lines().map(str::to_owned));
        }
        Ok(())
    }

    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }
}

impl Stream {
    fn create() -> io::Result<Self> {
        let random = u128::from_ne_bytes(random_bytes());
        let path = env::temp_dir().join(format!("secure-testing-{random:032x}"));
        let mut options = File::options();
        options.append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let write = options.open(&path)?;
        // Opened twice, because a duplicate would share the process's position.
        let read = File::open(&path);
        fs::remove_file(&path)?;
        Ok(Self { write, read: read? })
    }
}
