//! Letters in a file.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write as _},
    os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};

use super::{DeadLetter, DeadLetterSink, PublicKey, SealedLetter};
use crate::Error;

/// Nobody but this process's user.
const MODE: u32 = 0o600;

/// The longest line that is taken for a letter, in bytes: the largest payload of an invocation, sealed, has room in it.
const LONGEST: u64 = 16 * 1024 * 1024;

/// A file of sealed letters, one a line, which processes may add to and take from at the same time.
///
/// ```
/// # let directory = std::env::temp_dir().join(format!("letter-file-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # let path = directory.join("letters");
/// use secure_runtime::dead_letter::LetterFile;
///
/// std::fs::write(&path, "not a letter\n")?;
/// let file = LetterFile::at(path);
/// for line in file.lines()? {
///     println!("{}", line?);
/// }
/// assert_eq!(file.remove(|line| line == "not a letter")?, 1);
/// assert_eq!(file.lines()?.count(), 0);
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Whoever writes or replaces the file holds its lock (`flock`) meanwhile.
#[derive(Debug, Clone)]
pub struct LetterFile(PathBuf);

impl LetterFile {
    /// The file at this path, whether there is one or not.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Adds a letter. It is on the disk when this returns. A file that isn't there is made, for this user alone (mode 0600).
    ///
    /// # Errors
    /// When it can't be written. Then nothing of the letter is in it.
    pub fn append(&self, letter: &SealedLetter) -> io::Result<()> {
        let mut file = self.locked(OpenOptions::new().read(true).append(true).create(true).mode(MODE))?;
        let before = file.metadata()?.len();
        let line = format!("{}{letter}\n", if ends_a_line(&file, before)? { "" } else { "\n" });
        let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_data());
        let written = written.and_then(|()| if before == 0 { sync_directory(&self.0) } else { Ok(()) });
        written.inspect_err(|_| {
            let _ = file.set_len(before);
        })
    }

    /// The lines, without their ends. What is no text, or too long to be a letter, is an error of its own
    /// ([`InvalidData`](io::ErrorKind::InvalidData)), and the next line follows.
    ///
    /// # Errors
    /// When the file can't be opened.
    pub fn lines(&self) -> io::Result<impl Iterator<Item = io::Result<String>> + use<>> {
        let pieces = Pieces::of(self.open(OpenOptions::new().read(true))?);
        Ok(pieces.filter_map(|piece| match piece {
            Err(error) => Some(Err(error)),
            Ok(piece) if !piece.begins || piece.bytes == b"\n" => None,
            Ok(piece) => Some(match piece.line() {
                Ok(line) => Ok(line.to_owned()),
                Err(fault) => Err(io::Error::new(io::ErrorKind::InvalidData, fault)),
            }),
        }))
    }

    /// Takes out the lines that `is_done` says `true` of; how many those were. The others are kept as they are.
    ///
    /// # Errors
    /// When the file can't be read or replaced. Then it is as it was.
    pub fn remove(&self, is_done: impl Fn(&str) -> bool) -> io::Result<usize> {
        let file = self.locked(OpenOptions::new().read(true).write(true))?;
        let new = self.0.with_extension(format!("{}.new", std::process::id()));
        let replaced = rewrite(&file, &new, is_done).and_then(|removed| {
            fs::rename(&new, &self.0)?;
            sync_directory(&self.0)?;
            Ok(removed)
        });
        replaced.inspect_err(|_| {
            let _ = fs::remove_file(&new);
        })
    }

    /// Opens the file that is at the path, with its lock held until it is closed.
    fn locked(&self, options: &mut OpenOptions) -> io::Result<File> {
        loop {
            let file = self.open(options)?;
            flock(&file, FlockOperation::LockExclusive)?;
            let ours = file.metadata()?;
            // Somebody may have replaced it meanwhile.
            match fs::symlink_metadata(&self.0) {
                Ok(there) if (there.dev(), there.ino()) == (ours.dev(), ours.ino()) => return Ok(file),
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }

    fn open(&self, options: &mut OpenOptions) -> io::Result<File> {
        options.custom_flags(libc::O_NOFOLLOW).open(&self.0)
    }
}

/// Copies what stays. The copy is on the disk when this returns, and has the mode of the old one.
fn rewrite(file: &File, new: &Path, is_done: impl Fn(&str) -> bool) -> io::Result<usize> {
    let mode = file.metadata()?.mode() & 0o7777;
    let mut copy = BufWriter::new(OpenOptions::new().write(true).create_new(true).mode(mode).open(new)?);
    let mut removed = 0;
    for piece in Pieces::of(file) {
        let piece = piece?;
        if piece.line().is_ok_and(&is_done) {
            removed += 1;
        } else {
            copy.write_all(&piece.bytes)?;
        }
    }
    copy.into_inner()?.sync_all()?;
    Ok(removed)
}

/// Whether what is added begins on a line of its own. It doesn't, where a letter's end was lost.
fn ends_a_line(file: &File, len: u64) -> io::Result<bool> {
    let mut last = [b'\n'];
    if len > 0 {
        file.read_exact_at(&mut last, len - 1)?;
    }
    Ok(last == [b'\n'])
}

/// A new name is on the disk only when its directory is.
fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

/// A file, line by line. What is too long for a line comes in pieces.
struct Pieces<R> {
    reader: BufReader<R>,
    inside: bool,
}

/// A line with its end, or a part of one.
struct Piece {
    bytes: Vec<u8>,
    /// Whether a line begins here.
    begins: bool,
    /// Whether it ends here.
    ends: bool,
}

impl<R: io::Read> Pieces<R> {
    fn of(file: R) -> Self {
        Self { reader: BufReader::new(file), inside: false }
    }
}

impl<R: io::Read> Iterator for Pieces<R> {
    type Item = io::Result<Piece>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut bytes = Vec::new();
        match self.reader.by_ref().take(LONGEST).read_until(b'\n', &mut bytes) {
            Err(error) => return Some(Err(error)),
            Ok(0) => return None,
            Ok(_) => {}
        }
        let begins = !self.inside;
        let ends = bytes.ends_with(b"\n") || (bytes.len() as u64) < LONGEST;
        self.inside = !ends;
        Some(Ok(Piece { bytes, begins, ends }))
    }
}

impl Piece {
    fn line(&self) -> Result<&str, &'static str> {
        if !(self.begins && self.ends) {
            return Err("a line that is too long for a letter");
        }
        let line = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        std::str::from_utf8(line).map_err(|_| "a line that is not UTF-8")
    }
}

/// Puts letters into a [file](LetterFile), each sealed to a [`PublicKey`]: for functions with a file system that outlives them
/// ([Amazon EFS](https://docs.aws.amazon.com/lambda/latest/dg/configuration-filesystem.html)), and for trying things out. In `/tmp` they would be
/// gone with the environment.
///
/// ```no_run
/// use secure_runtime::{dead_letter::FileSink, prelude::*};
/// # #[secure_event] struct Order<'inv> { card_number: Secret<'inv, String> }
///
/// #[secure_handler(sqs, dead_letter = letters)]
/// async fn take(record: Record<Order<'_>>, letters: &FileSink) -> Result<(), Error> {
///     if record.body.card_number.expose(|number| number.len() == 16) { Ok(()) } else { Err("no card's number")? }
/// }
///
/// #[secure_runtime::main]
/// async fn main() -> Result<(), secure_runtime::Error> {
///     let letters = FileSink::new("/mnt/letters/orders", std::env::var("DEAD_LETTER_KEY")?.parse()?);
///     secure_runtime::run(service_fn(|batch| take(batch, &letters))).await
/// }
/// ```
#[derive(Debug, Clone)]
pub struct FileSink {
    file: LetterFile,
    key: PublicKey,
}

impl FileSink {
    /// Letters go to the file at `path`, which is made with the first of them.
    pub fn new(path: impl Into<PathBuf>, key: PublicKey) -> Self {
        Self { file: LetterFile::at(path), key }
    }
}

impl DeadLetterSink for FileSink {
    async fn put(&self, letter: DeadLetter<'_>) -> Result<(), Error> {
        let letter = SealedLetter::seal(&letter, &self.key);
        let file = self.file.clone();
        // It waits for the lock and for the disk.
        Ok(tokio::task::spawn_blocking(move || file.append(&letter)).await??)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;
    use crate::{
        dead_letter::{PrivateKey, sealed::tests::letter},
        tmp::directory_for_test,
    };

    fn sealed(key: &PrivateKey) -> SealedLetter {
        SealedLetter::seal(&letter(b"a body", &std::collections::BTreeMap::new()), &key.public_key())
    }

    fn lines(file: &LetterFile) -> Vec<String> {
        file.lines().unwrap().map(|line| line.unwrap_or_else(|error| error.to_string())).collect()
    }

    #[test]
    fn letters_are_added_to_a_file_of_this_user() {
        let (directory, key) = (directory_for_test(), PrivateKey::generate());
        let file = LetterFile::at(directory.join("letters"));
        let letters: Vec<_> = (0..3).map(|_| sealed(&key)).collect();
        for letter in &letters {
            file.append(letter).unwrap();
        }
        assert_eq!(lines(&file), letters.iter().map(SealedLetter::to_string).collect::<Vec<_>>());
        assert_eq!(fs::metadata(file.path()).unwrap().permissions().mode() & 0o7777, 0o600);
    }

    #[test]
    fn a_letter_begins_on_a_line_of_its_own() {
        let (directory, key) = (directory_for_test(), PrivateKey::generate());
        let file = LetterFile::at(directory.join("letters"));
        fs::write(file.path(), "dead-letter.1.cut").unwrap();
        let letter = sealed(&key);
        file.append(&letter).unwrap();
        assert_eq!(lines(&file), ["dead-letter.1.cut".to_owned(), letter.to_string()]);
    }

    #[test]
    fn what_is_no_line_of_text_hides_no_other() {
        let directory = directory_for_test();
        let file = LetterFile::at(directory.join("letters"));
        let mut content = b"first\n\xff\xfe\n\n".to_vec();
        content.resize(content.len() + usize::try_from(LONGEST).unwrap() * 2 + 5, b'x');
        content.extend(b"\nlast");
        fs::write(file.path(), &content).unwrap();
        let expected = ["first", "a line that is not UTF-8", "a line that is too long for a letter", "last"];
        assert_eq!(lines(&file), expected);
        assert_eq!(file.remove(|line| line == "first").unwrap(), 1);
        assert!(fs::read(file.path()).unwrap() == content[6..]);
        assert_eq!(file.remove(|line| line == "last").unwrap(), 1);
        assert!(fs::read(file.path()).unwrap() == content[6..content.len() - 4]);
    }

    #[test]
    fn what_cant_be_written_is_an_error() {
        let key = PrivateKey::generate();
        let directory = directory_for_test();
        let append = |path: PathBuf| LetterFile::at(path).append(&sealed(&key)).unwrap_err();
        assert_eq!(append(directory.join("missing/letters")).kind(), io::ErrorKind::NotFound);
        assert_eq!(append("/dev/full".into()).kind(), io::ErrorKind::StorageFull);
        symlink("/dev/full", directory.join("link")).unwrap();
        let error = append(directory.join("link"));
        assert_eq!(error.raw_os_error(), Some(libc::ELOOP), "no link is followed");
    }

    #[test]
    fn nothing_is_lost_while_others_take_out() {
        const EACH: usize = 40;
        let (directory, key) = (directory_for_test(), PrivateKey::generate());
        let file = LetterFile::at(directory.join("letters"));
        fs::write(file.path(), "x\n".repeat(EACH)).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..EACH).for_each(|_| file.append(&sealed(&key)).unwrap()));
            }
            scope.spawn(|| {
                let removed: usize = (0..EACH).map(|_| file.remove(|line| line == "x").unwrap()).sum();
                assert_eq!(removed, EACH);
            });
        });
        let left = lines(&file);
        assert_eq!(left.len(), 2 * EACH);
        assert!(left.iter().all(|line| line.parse::<SealedLetter>().unwrap().open(&key).is_ok()));
        assert_eq!(fs::read_dir(&*directory).unwrap().count(), 1, "no copy is left");
    }
}
