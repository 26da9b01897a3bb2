//! Plain text for tools that take nothing else.

use std::{
    fmt, io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    process::Stdio,
};

use crate::{scrub::Buffer, seal::CHUNK};

/// A file in memory that holds a [`SealedFile`](super::SealedFile)'s text in clear, can't be changed any more, and has no name.
///
/// A tool gets it as its standard input, or as `/proc/self/fd/N` of this process. The kernel frees its pages when the last
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
