//! Masking in front of any writer.

use std::{fmt, io};

use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

use super::mask;
use crate::scrub::Buffer;

/// How much of a line without an end is kept before it is masked and written as it is.
const LONGEST: usize = 1 << 20;

/// Masks what is written through it, line by line.
///
/// Bytes wait here, in memory that is wiped, until their line ends, the writer is flushed or it is dropped; whatever is written
/// at once is masked as a whole, with all its lines. In a line of JSON, numbers that are masked become texts.
///
/// ```
/// use std::io::Write;
///
/// let mut masked = Vec::new();
/// let mut log = secure_runtime::log::MaskingWriter::new(&mut masked);
/// writeln!(log, "postgres://app:hunter2@db/users")?;
/// drop(log);
/// assert_eq!(masked, b"postgres://[redacted URL with a password, 11 bytes]@db/users\n");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct MaskingWriter<W: io::Write> {
    inner: W,
    waiting: Buffer,
}

impl<W: io::Write> MaskingWriter<W> {
    /// Masks what goes to `inner`.
    pub fn new(inner: W) -> Self {
        Self { inner, waiting: Buffer::of(0) }
    }

    /// Masks and writes the first `length` bytes that wait. They are gone from here whether or not they could be written: a
    /// second try would say them twice.
    fn pass_on(&mut self, length: usize) -> io::Result<()> {
        let (now, later) = self.waiting.content().split_at(length);
        let mut rest = Buffer::of(later.len());
        rest.push(later);
        let masked = mask::now().mask(now);
        let written = self.inner.write_all(masked.as_ref().map_or(now, Buffer::content));
        self.waiting = rest;
        written
    }

    /// Masks and writes what is a whole line, or several. Without a match it isn't copied.
    fn pass(&mut self, lines: &[u8]) -> io::Result<()> {
        let masked = mask::now().mask(lines);
        self.inner.write_all(masked.as_ref().map_or(lines, Buffer::content))
    }
}

impl<W: io::Write> io::Write for MaskingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.waiting.len() == 0 && bytes.ends_with(b"\n") {
            return self.pass(bytes).map(|()| bytes.len());
        }
        let before = self.waiting.len();
        if self.waiting.len() == 0 {
            self.waiting = Buffer::of(bytes.len());
        }
        self.waiting.push(bytes);
        match bytes.iter().rposition(|&byte| byte == b'\n') {
            Some(end) => self.pass_on(before + end + 1)?,
            None if self.waiting.len() > LONGEST => self.pass_on(self.waiting.len())?,
            None => {}
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.waiting.len() > 0 {
            self.pass_on(self.waiting.len())?;
        }
        self.inner.flush()
    }
}

impl<W: io::Write> Drop for MaskingWriter<W> {
    fn drop(&mut self) {
        if self.waiting.len() > 0 {
            let _ = self.pass_on(self.waiting.len());
        }
    }
}

impl<W: io::Write + fmt::Debug> fmt::Debug for MaskingWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MaskingWriter").field("inner", &self.inner).finish_non_exhaustive()
    }
}

/// Makes [`MaskingWriter`]s: for a `tracing` subscriber of one's own.
///
/// tracing-subscriber's formatter keeps its last line in a buffer of the thread, unmasked; [`layer`](super::layer) doesn't.
///
/// ```
/// use secure_runtime::log::MaskingMakeWriter;
///
/// let subscriber = tracing_subscriber::fmt().with_writer(MaskingMakeWriter::new(std::io::stderr)).finish();
/// tracing::subscriber::with_default(subscriber, || tracing::info!("masked"));
/// ```
#[derive(Debug, Clone)]
pub struct MaskingMakeWriter<M> {
    inner: M,
}

impl<M> MaskingMakeWriter<M> {
    /// Masks what goes to the writers that `inner` makes.
    pub fn new(inner: M) -> Self {
        Self { inner }
    }
}

impl<'w, M: MakeWriter<'w>> MakeWriter<'w> for MaskingMakeWriter<M> {
    type Writer = MaskingWriter<M::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        MaskingWriter::new(self.inner.make_writer())
    }

    fn make_writer_for(&'w self, metadata: &Metadata<'_>) -> Self::Writer {
        MaskingWriter::new(self.inner.make_writer_for(metadata))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// What comes out when the parts are written one by one.
    fn masked(parts: &[&[u8]]) -> String {
        let mut out = Vec::new();
        let mut writer = MaskingWriter::new(&mut out);
        for part in parts {
            writer.write_all(part).unwrap();
        }
        drop(writer);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_secret_is_masked_however_it_is_written() {
        mask::pretend(&[b"correct horse", b"two\nlines"]);
        assert_eq!(masked(&[b"a correct", b" horse\n", b"b"]), "a [redacted secret, 13 bytes]\nb");
        assert_eq!(masked(&[b"correct horse"]), "[redacted secret, 13 bytes]");
        assert_eq!(masked(&[b"first\ntwo\nlines\n"]), "first\n[redacted secret, 9 bytes]\n");
        assert_eq!(masked(&[b"{\"n\":4111111111111111}\n"]), "{\"n\":\"[redacted card number, 16 bytes]\"}\n");
        assert_eq!(masked(&[]), "");
        assert_eq!(masked(&[b"", b"\n", b"plain\nlines"]), "\nplain\nlines");
    }

    #[test]
    fn a_line_is_written_when_it_ends_and_what_waits_when_it_is_flushed() {
        let mut writer = MaskingWriter::new(Vec::new());
        writer.write_all(b"one\ntw").unwrap();
        assert_eq!(writer.inner, b"one\n");
        writer.write_all(b"o").unwrap();
        writer.flush().unwrap();
        assert_eq!(writer.inner, b"one\ntwo");
        writer.write_all(&vec![b'x'; LONGEST + 1]).unwrap();
        assert_eq!(writer.inner.len(), LONGEST + 8, "memory is not filled by a line that never ends");
    }

    #[test]
    fn an_error_is_passed_on_and_the_line_is_not_tried_again() {
        struct Full;
        impl io::Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut writer = MaskingWriter::new(Full);
        assert_eq!(writer.write_all(b"line\n").unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(writer.waiting.len(), 0);
        assert!(format!("{:?}", MaskingWriter::new(io::stderr())).starts_with("MaskingWriter"));
    }
}
