//! Where a file's bytes lie: under no name, or under one for no longer than it takes to open it.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Once,
};

/// What directories of ours are called while they have a name.
pub(super) const PREFIX: &str = ".secure-runtime-";

/// Nobody but this process's user.
const FILE_MODE: u32 = 0o600;
const DIRECTORY_MODE: u32 = 0o700;

/// Opens a new file in a directory. Nobody else can open it: it has no name, or has lost it by the time this returns.
pub(super) fn open(directory: &Path) -> io::Result<File> {
    static NO_TMPFILE: Once = Once::new();
    match unnamed(directory) {
        Err(error) if is_unsupported(&error) => {
            NO_TMPFILE.call_once(|| {
                tracing::warn!(%error, "no O_TMPFILE here: sealed files have a name while they are opened");
            });
            named(directory)
        }
        opened => opened,
    }
}

#[cfg(target_os = "linux")]
fn unnamed(directory: &Path) -> io::Result<File> {
    // Without `O_EXCL` the file could be given a name later.
    let flags = libc::O_TMPFILE | libc::O_EXCL;
    OpenOptions::new().read(true).write(true).mode(FILE_MODE).custom_flags(flags).open(directory)
}

#[cfg(not(target_os = "linux"))]
fn unnamed(_: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// What kernels and filesystems without `O_TMPFILE` answer. Source: open(2).
fn is_unsupported(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
        || [libc::EOPNOTSUPP, libc::EISDIR, libc::ENOENT, libc::EINVAL]
            .contains(&error.raw_os_error().unwrap_or_default())
}

/// A file in a directory of its own, both of which lose their names at once. `create_new` is `O_CREAT | O_EXCL`: whatever is
/// there already, a link too, is an error.
fn named(directory: &Path) -> io::Result<File> {
    let own = own_directory(directory)?;
    let path = own.join("sealed");
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .custom_flags(libc::O_NOFOLLOW)
        .open(&path);
    let unlinked = match &opened {
        Ok(_) => fs::remove_file(&path),
        Err(_) => Ok(()),
    };
    let removed = fs::remove_dir(&own);
    let file = opened?;
    unlinked.and(removed)?;
    Ok(file)
}

/// Makes a directory that nobody can have foreseen. `mkdir` follows no link, and takes nothing over.
fn own_directory(directory: &Path) -> io::Result<PathBuf> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let name = random.iter().fold(String::from(PREFIX), |name, byte| format!("{name}{byte:02x}"));
    let own = directory.join(name);
    DirBuilder::new().mode(DIRECTORY_MODE).create(&own)?;
    Ok(own)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    };

    use super::*;
    use crate::tmp::directory_for_test;

    fn is_empty(directory: &Path) -> bool {
        fs::read_dir(directory).unwrap().next().is_none()
    }

    #[test]
    fn a_file_has_no_name_and_nobody_elses_rights() {
        for open in [open, named] {
            let directory = directory_for_test();
            let mut file = open(&directory).unwrap();
            let metadata = file.metadata().unwrap();
            assert_eq!((metadata.permissions().mode() & 0o7777, metadata.nlink()), (0o600, 0));
            assert!(is_empty(&directory));
            file.write_all(b"x").unwrap();
            assert_eq!(file.read(&mut [0; 8]).unwrap(), 0);
        }
    }

    #[test]
    fn a_directory_that_is_not_there_or_is_none_is_an_error_and_leaves_nothing() {
        let directory = directory_for_test();
        assert_eq!(open(&directory.join("missing")).unwrap_err().kind(), io::ErrorKind::NotFound);
        fs::write(directory.join("file"), "").unwrap();
        assert!(open(&directory.join("file")).is_err());
        assert_eq!(fs::read_dir(&*directory).unwrap().count(), 1);
    }

    #[test]
    fn a_directory_of_ours_is_never_one_that_was_there_before() {
        let directory = directory_for_test();
        let own = own_directory(&directory).unwrap();
        assert_eq!(fs::metadata(&own).unwrap().permissions().mode() & 0o7777, 0o700);
        assert_eq!(DirBuilder::new().create(&own).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
}
