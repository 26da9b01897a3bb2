//! Plain text for tools that take nothing else.

use std::{
    fmt, io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    process::Stdio,
};

use crate::{scrub::Buffer, seal::CHUNK};

/// A file in memory that holds a [`SealedFile`](super::SealedFile)'s text in clear, can't be changed any more, and has no name.
///
/// A tool gets it as its standard input; or as `/proc/self/fd/N`, when it is [`inheritable`](Self::inheritable). A library in
/// this process gets `/proc/self/fd/N`. The kernel frees its pages when the last
/// who has it open closes it, and clears them before anybody else gets them.
///
/// ```
/// # use secure_runtime::{Validated, tmp::SealedFile};
/// use std::process::Command;
///
/// let mut file = SealedFile::create()?;
/// file.write_validated(&Validated::check("three\nshort\nlines\n", |text| text.len() < 100).unwrap())?;
/// let counted = Command::new("wc").arg("-l").stdin(file.as_plaintext_fd()?).output()?;
/// assert_eq!(String::from_utf8_lossy(&counted.stdout).trim(), "3");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # What it costs
/// - All of the text is in memory, and counts against the function's.
/// - While it is open it lies there in clear: a tool that is given it can copy it anywhere, and what the tool itself leaves
///   behind is nobody's to wipe. A tool that outlives the invocation keeps it.
/// - It may be swapped out where there is swap. Lambda has none.
///
/// Source: `memfd_create(2)`, and `fcntl(2)` on file seals.
pub struct PlaintextFd(OwnedFd);

/// Copies a text of `len` bytes, as `read` gives it piece by piece.
#[cfg(target_os = "linux")]
pub(super) fn copy(len: u64, mut read: impl FnMut(u64, &mut [u8]) -> io::Result<usize>) -> io::Result<PlaintextFd> {
    use std::{
        fs::File,
        io::{Seek as _, Write as _},
    };

    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

    let fd = memfd_create("sealed", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    let mut file = File::from(fd);
    let mut piece = Buffer::of(CHUNK);
    let mut position = 0;
    while position < len {
        piece.wipe();
        let count = read(position, piece.room(CHUNK))?;
        piece.fill(count);
        file.write_all(piece.content())?;
        position += count as u64;
    }
    file.rewind()?;
    fcntl_add_seals(&file, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
    Ok(PlaintextFd(file.into()))
}

impl PlaintextFd {
    /// Leaves the file open, under the same number, in every program that is started while this lives: tools that take several
    /// files get them as `/proc/self/fd/N`.
    ///
    /// Every program: another thread's as well. Drop it as soon as the tool has ended. `/proc/PID/fd/N` of this process is no
    /// way for a tool, because the process is closed to others ([`harden`](crate::harden)).
    ///
    /// ```
    /// # use secure_runtime::{Validated, tmp::SealedFile};
    /// use std::{os::fd::{AsFd as _, AsRawFd as _}, process::Command};
    ///
    /// let mut file = SealedFile::create()?;
    /// file.write_validated(&Validated::check("three\nshort\nlines\n", |text| text.len() < 100).unwrap())?;
    /// let plaintext = file.as_plaintext_fd()?.inheritable()?;
    /// let path = format!("/proc/self/fd/{}", plaintext.as_fd().as_raw_fd());
    /// let counted = Command::new("wc").args(["-l", &path]).output()?;
    /// assert!(counted.stdout.starts_with(b"3 "));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the system refuses.
    pub fn inheritable(self) -> io::Result<Self> {
        rustix::io::fcntl_setfd(&self.0, rustix::io::FdFlags::empty())?;
        Ok(self)
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn copy(_: u64, _: impl FnMut(u64, &mut [u8]) -> io::Result<usize>) -> io::Result<PlaintextFd> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this system has no files in memory"))
}

impl AsFd for PlaintextFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl From<PlaintextFd> for OwnedFd {
    fn from(plaintext: PlaintextFd) -> Self {
        plaintext.0
    }
}

impl From<PlaintextFd> for Stdio {
    fn from(plaintext: PlaintextFd) -> Self {
        plaintext.0.into()
    }
}

impl fmt::Debug for PlaintextFd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlaintextFd([redacted])")
    }
}
