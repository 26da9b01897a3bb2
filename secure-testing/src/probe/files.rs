//! What a function has left in its temporary directory.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// All files and directories below a directory. Where a symbolic link leads isn't looked at.
///
/// # Errors
/// When a directory can't be listed.
pub(super) fn below(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_path_buf()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                directories.push(entry.path());
            }
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// A file's contents, or where a symbolic link leads; `None`: it has none, or is gone.
///
/// # Errors
/// When it can't be read.
pub(super) fn contents(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let read = fs::symlink_metadata(path).and_then(|metadata| {
        Ok(match metadata.file_type() {
            kind if kind.is_file() => Some(fs::read(path)?),
            kind if kind.is_symlink() => Some(fs::read_link(path)?.into_os_string().into_encoded_bytes()),
            _ => None,
        })
    });
    match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_below_a_directory_is_read() {
        let directory = std::env::temp_dir().join(format!("secure-testing-{}", crate::Canary::random()));
        fs::create_dir_all(directory.join("a/b")).unwrap();
        fs::write(directory.join("a/b/c"), "text").unwrap();
        let mut found = below(&directory).unwrap();
        found.sort();
        assert_eq!(found, ["a", "a/b", "a/b/c"].map(|name| directory.join(name)));
        let read: Vec<_> = found.iter().map(|path| contents(path).unwrap()).collect();
        assert_eq!(read, [None, None, Some(b"text".to_vec())]);
        fs::remove_dir_all(&directory).unwrap();
        assert_eq!(contents(&directory.join("a")).unwrap(), None);
        assert!(below(&directory).is_err());
    }
}
