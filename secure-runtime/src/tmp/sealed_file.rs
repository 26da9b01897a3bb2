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
        let adds = text.len() as u64;
        let before = self.chunks.begin(text.len())?;
        self.share.grow(adds)?;
        self.append(&mut text).inspect_err(|_| self.take_back(before, adds))
    }

    fn append(&mut self, text: &mut &[u8]) -> io::Result<()> {
        while let Some(record) = self.chunks.append(text)? {
            self.put(&record)?;
            self.chunks.recycle(record);
        }
        Ok(())
    }

    fn take_back(&mut self, before: Before, adds: u64) {
        self.share.shrink(adds);
        let restored = self.chunks.take_back(before).map_err(io::Error::from).and_then(|record| {
            self.chunks.file().set_len(self.chunks.file_len())?;
            record.map_or(Ok(()), |record| self.put(&record))
        });
        if restored.is_err() {
            // Unreadable is better than in doubt.
            self.chunks.destroy();
        }
    }

    fn put(&self, record: &Record) -> io::Result<()> {
        self.chunks.file().write_all_at(record.sealed(), record.offset)
    }

    /// There is no [`Write`](io::Write): whoever looks for it learns what to write instead.
    #[doc(hidden)]
    pub fn write_all<V: IsValidated + ?Sized>(&mut self, data: &V) -> io::Result<()> {
        self.write_validated(data)
    }

    #[doc(hidden)]
    pub fn write<V: IsValidated + ?Sized>(&mut self, data: &V) -> io::Result<usize> {
        self.write_validated(data).map(|()| data.__bytes().len())
    }

    /// What `write!` calls.
    #[doc(hidden)]
    #[allow(clippy::needless_pass_by_value, reason = "as it is called")]
    pub fn write_fmt<V: IsValidated>(&mut self, data: V) -> io::Result<()> {
        self.write_validated(&data)
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

#[cfg(test)]
mod tests {
    use std::{io::Write as _, sync::Arc};

    use super::*;
    use crate::{Validated, scope::Invocation, tmp::directory_for_test};

    fn file() -> SealedFile {
        SealedFile::options().directory(&*directory_for_test()).create().unwrap()
    }

    fn write(file: &mut SealedFile, text: &[u8]) -> io::Result<()> {
        file.write_validated(&Validated::check(text, |_| true).unwrap())
    }

    #[test]
    fn it_is_read_and_sought_as_any_file() {
        let (mut sealed, mut plain) = (file(), tempfile());
        let text: Vec<u8> = (0..=250).cycle().take(200_000).collect();
        for piece in text.chunks(70_001) {
            write(&mut sealed, piece).unwrap();
            plain.write_all(piece).unwrap();
        }
        for to in [
            SeekFrom::Start(0),
            SeekFrom::Start(65_535),
            SeekFrom::Current(-7),
            SeekFrom::End(-65_537),
            SeekFrom::End(0),
            SeekFrom::End(10),
            SeekFrom::Current(-11),
        ] {
            assert_eq!(sealed.seek(to).unwrap(), plain.seek(to).unwrap(), "{to:?}");
            let [mut of_sealed, mut of_plain] = [[0; 3000]; 2];
            let read = plain.read(&mut of_plain).unwrap();
            sealed.read_exact(&mut of_sealed[..read]).unwrap();
            assert_eq!(of_sealed, of_plain, "{to:?}");
        }
        assert_eq!(sealed.seek(SeekFrom::Current(-300_000)).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert_eq!(sealed.seek(SeekFrom::End(i64::MAX)).unwrap(), 200_000 + i64::MAX.unsigned_abs());
        assert_eq!(sealed.read(&mut [0; 9]).unwrap(), 0);
    }

    fn tempfile() -> std::fs::File {
        place::open(&directory_for_test()).unwrap()
    }

    #[test]
    fn its_invocation_takes_the_key_along() {
        let invocation = Invocation::new("r-1");
        let mut file = {
            let _inside = scope::enter(Arc::clone(&invocation));
            file()
        };
        write(&mut file, b"a text").unwrap();
        file.rewind().unwrap();
        assert_eq!(file.read(&mut [0; 9]).unwrap(), 6);
        drop(invocation);
        file.rewind().unwrap();
        for error in [file.read(&mut [0; 9]).unwrap_err(), write(&mut file, b"more").unwrap_err()] {
            assert_eq!(error.get_ref().unwrap().downcast_ref(), Some(&SealedFileError::InvocationEnded));
        }
        assert_eq!(file.as_plaintext_fd().unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }

    #[test]
    fn a_full_disk_is_an_error_and_nothing_can_be_read_in_part() {
        let full = std::fs::OpenOptions::new().read(true).write(true).open("/dev/full").unwrap();
        let chunks = Chunks::new(full, FileKey::draw().unwrap(), false);
        let mut file = SealedFile { chunks, position: 0, share: Share::of(Arc::default()) };
        assert_eq!(write(&mut file, b"a text").unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(file.len(), 0);
        assert_eq!(file.read(&mut [0; 9]).unwrap(), 0);
    }

    #[test]
    fn an_invocations_files_share_a_quota() {
        let invocation = Invocation::new("r-1");
        let _inside = scope::enter(Arc::clone(&invocation));
        let mut first = Share::of(invocation.sealed());
        first.grow(300 << 20).unwrap();
        let mut second = Share::of(invocation.sealed());
        assert_eq!(second.grow(300 << 20), Err(SealedFileError::QuotaExceeded { limit: 512 << 20 }));
        drop(first);
        second.grow(300 << 20).unwrap();
        let mut file = file();
        file.share.grow(212 << 20).unwrap();
        assert_eq!(write(&mut file, b"x").unwrap_err().kind(), io::ErrorKind::QuotaExceeded);
        assert!(file.is_empty());
        file.share.shrink(1);
        write(&mut file, b"x").unwrap();
    }

    #[test]
    fn it_is_overwritten_on_demand_and_emptied_always() {
        for overwrites in [false, true] {
            let directory = directory_for_test();
            let mut file = SealedFile::options().directory(&*directory).overwrite(overwrites).create().unwrap();
            write(&mut file, &[7; 10_000]).unwrap();
            let other = file.chunks.file().try_clone().unwrap();
            drop(file);
            assert_eq!(other.metadata().unwrap().len(), 0);
        }
        let noise = tempfile();
        noise.write_all_at(&[7; 10_000], 0).unwrap();
        super::super::chunks::overwrite(&noise, 9_000);
        let mut bytes = [1; 10_000];
        noise.read_exact_at(&mut bytes, 0).unwrap();
        assert!(bytes[..9_000].iter().all(|&byte| byte == 0) && bytes[9_000..] == [7; 1_000]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_plain_copy_can_be_read_and_not_changed() {
        use std::os::fd::OwnedFd;
        let mut file = file();
        let text = b"text ".repeat(30_000);
        write(&mut file, &text).unwrap();
        let mut plain = std::fs::File::from(OwnedFd::from(file.as_plaintext_fd().unwrap()));
        let mut read = Vec::new();
        plain.read_to_end(&mut read).unwrap();
        assert_eq!(read, text);
        assert!(plain.write_all(b"x").is_err() && plain.set_len(0).is_err());
        assert_eq!(plain.metadata().unwrap().len(), text.len() as u64);
    }

    #[test]
    fn it_says_nothing_of_itself() {
        assert_eq!(format!("{:?}", file()), "SealedFile([sealed])");
    }
}
