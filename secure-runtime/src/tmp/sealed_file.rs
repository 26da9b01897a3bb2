//! The file that handlers use.

use std::{
    env, fmt,
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::FileExt as _,
    path::PathBuf,
};

use super::{
    chunks::{Before, Chunks, Record},
    key::FileKey,
    place,
    plaintext::{self, PlaintextFd},
    quota::Share,
};
use crate::{scope, validated::IsValidated};

/// A temporary file that holds nothing in clear, has no name, and can't be read any more once its invocation has ended.
///
/// What is written is appended, and has to be [`Validated`](crate::Validated): that is the only way to write. It is read and sought like any
/// file. On the disk are chunks of 64 KiB, each under AES-256-GCM with a key that the operating system has drawn for this
/// file: whatever is changed there, cut off, moved, put back or brought from another file is an error when it is read. It takes
/// 128 KiB of memory, and twice as much while it is written, however large it is.
///
/// On drop the key is wiped first, and then the file is emptied and gone. When the invocation ends the key is wiped as well,
/// whoever still has the file.
///
/// ```
/// use std::io::{Read, Seek};
/// use secure_runtime::prelude::*;
/// use secure_runtime::tmp::SealedFile;
///
/// #[secure_event]
/// struct Report<'inv> {
///     csv: Secret<'inv, String>,
/// }
///
/// #[secure_handler]
/// async fn lines(event: LambdaEvent<Report<'_>>) -> Result<usize, Error> {
///     let csv = event.payload.csv.declassify("it is sealed at once", String::clone);
///     let csv = Validated::check(csv, |csv| csv.is_ascii() && csv.len() < 1_000_000)?;
///     let mut file = SealedFile::create()?;
///     file.write_validated(&csv)?;
///     file.rewind()?;
///     let mut text = String::new();
///     file.read_to_string(&mut text)?;
///     Ok(text.lines().count())
/// }
/// ```
///
/// A chunk is encrypted once. The last one grows until it is full, and is encrypted anew with each write: many small pieces are
/// better collected first. What it costs is measured in `docs/performance.md`.
///
/// # What is not guaranteed
/// - That the file's length stays secret: it can be seen, to the byte, by who can see the disk.
/// - Anything against who can read this process's memory while it has the file.
/// - What has been [validated](crate::Validated) is what the program says it is. Nobody looks again.
///
/// Sources: [CWE-377](https://cwe.mitre.org/data/definitions/377.html),
/// [CWE-311](https://cwe.mitre.org/data/definitions/311.html), NIST SP 800-38D.
pub struct SealedFile {
    pub(super) chunks: Chunks,
    pub(super) position: u64,
    pub(super) share: Share,
}

/// Why a sealed file can't be made, written or read, as the inner error of an [`io::Error`].
///
/// ```
/// use secure_runtime::tmp::SealedFileError;
///
/// fn was_tampered_with(error: &std::io::Error) -> bool {
///     matches!(error.get_ref().and_then(|inner| inner.downcast_ref()), Some(SealedFileError::Forged))
/// }
/// # assert!(was_tampered_with(&SealedFileError::Forged.into()));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SealedFileError {
    /// What is on the disk is not what was written there. [`InvalidData`](io::ErrorKind::InvalidData).
    Forged,
    /// The file's key was wiped with its invocation. [`PermissionDenied`](io::ErrorKind::PermissionDenied).
    InvocationEnded,
    /// The invocation's files would hold more than they may. Nothing was written. [`QuotaExceeded`](io::ErrorKind::QuotaExceeded).
    QuotaExceeded {
        /// How much they may hold, in bytes.
        limit: u64,
    },
    /// The operating system gives no random bytes. [`Other`](io::ErrorKind::Other).
    NoRandomness,
}

impl fmt::Display for SealedFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forged => f.write_str("the sealed file is not what was written"),
            Self::InvocationEnded => f.write_str("the invocation of the sealed file has ended"),
            Self::QuotaExceeded { limit } => write!(f, "sealed files may hold {limit} bytes"),
            Self::NoRandomness => f.write_str("the operating system gives no random bytes"),
        }
    }
}

impl std::error::Error for SealedFileError {}

impl From<SealedFileError> for io::Error {
    fn from(error: SealedFileError) -> Self {
        let kind = match error {
            SealedFileError::Forged => io::ErrorKind::InvalidData,
            SealedFileError::InvocationEnded => io::ErrorKind::PermissionDenied,
            SealedFileError::QuotaExceeded { .. } => io::ErrorKind::QuotaExceeded,
            SealedFileError::NoRandomness => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

/// How a sealed file is made, where the defaults won't do.
///
/// ```
/// use secure_runtime::tmp::SealedFile;
///
/// let file = SealedFile::options().overwrite(true).create()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Options {
    directory: Option<PathBuf>,
    overwrites: bool,
}

impl Options {
    /// Where the file lies. The default is the system's temporary directory, `/tmp` on Lambda.
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// Overwrites the file with zeroes before it is gone. Without its key it is noise already; this costs writing all of it again.
    pub fn overwrite(mut self, overwrites: bool) -> Self {
        self.overwrites = overwrites;
        self
    }

    /// Makes the file.
    ///
    /// # Errors
    /// When no file can be made in the directory, or the operating system gives no random bytes.
    pub fn create(self) -> io::Result<SealedFile> {
        let file = place::open(&self.directory.unwrap_or_else(env::temp_dir))?;
        let share = Share::of(scope::current().map(|invocation| invocation.sealed()).unwrap_or_default());
        let chunks = Chunks::new(file, FileKey::draw()?, self.overwrites);
        Ok(SealedFile { chunks, position: 0, share })
    }
}

impl SealedFile {
    /// Makes an empty file in the system's temporary directory, mode 0600, without a name.
    ///
    /// # Errors
    /// When no file can be made there, or the operating system gives no random bytes.
    pub fn create() -> io::Result<Self> {
        Self::options().create()
    }

    /// For a file elsewhere, or one that is overwritten in the end.
    pub fn options() -> Options {
        Options::default()
    }

    /// Appends, wherever was read last. `data` is a [`Validated`](crate::Validated) of anything that is bytes; what nobody has validated is refused by the
    /// compiler (SH033).
    ///
    /// # Errors
    /// When the disk is full or fails, the invocation's [quota](super::set_quota) is used up, or the invocation has ended.
    /// Then nothing of `data` is in the file, and what was in it before can still be read.
    pub fn write_validated<V: IsValidated + ?Sized>(&mut self, data: &V) -> io::Result<()> {
        let mut text = data.__bytes();
        self.share.grow(text.len() as u64)?;
        let (adds, before) = (text.len() as u64, self.chunks.begin(text.len()));
        self.append(&mut text).inspect_err(|_| self.take_back(before, adds))
    }

    fn append(&mut self, text: &mut &[u8]) -> io::Result<()> {
        while let Some(record) = self.chunks.append(text)? {
            self.write(&record)?;
        }
        Ok(())
    }

    fn take_back(&mut self, before: Before, adds: u64) {
        self.share.shrink(adds);
        let restored = self.chunks.take_back(before).map_err(io::Error::from).and_then(|record| {
            self.chunks.file().set_len(self.chunks.file_len())?;
            record.map_or(Ok(()), |record| self.write(&record))
        });
        if restored.is_err() {
            // Unreadable is better than in doubt.
            self.chunks.destroy();
        }
    }

    fn write(&self, record: &Record) -> io::Result<()> {
        self.chunks.file().write_all_at(&record.bytes, record.offset)
    }

    /// How many bytes have been written.
    ///
    /// ```
    /// # use secure_runtime::{Validated, tmp::SealedFile};
    /// let mut file = SealedFile::create()?;
    /// file.write_validated(&Validated::check("four", |text| text.len() == 4).unwrap())?;
    /// assert_eq!(file.len(), 4);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> u64 {
        self.chunks.len()
    }

    /// Whether nothing has been written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Copies all of it in clear into a file in memory, for a tool that takes nothing else. See [`PlaintextFd`] for what that costs.
    ///
    /// # Errors
    /// As reading does, and when the system has no such files.
    pub fn as_plaintext_fd(&mut self) -> io::Result<PlaintextFd> {
        plaintext::copy(self.len(), |position, out| self.chunks.read(position, out))
    }
}

impl Read for SealedFile {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.chunks.read(self.position, out)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for SealedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = sought(self.position, self.len(), to)?;
        Ok(self.position)
    }
}

/// Where a seek goes to. As in any file, that may be behind the end.
pub(super) fn sought(position: u64, len: u64, to: SeekFrom) -> io::Result<u64> {
    let sought = match to {
        SeekFrom::Start(start) => Some(start),
        SeekFrom::End(offset) => len.checked_add_signed(offset),
        SeekFrom::Current(offset) => position.checked_add_signed(offset),
    };
    sought.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a seek to before the start, or too far"))
}

impl fmt::Debug for SealedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedFile([sealed])")
    }
}
