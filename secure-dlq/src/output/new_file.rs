//! Files for secrets.

use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
};

use crate::fault::Fault;

/// Makes a file for this user alone. What is there already is never opened, and no link is followed.
pub(crate) fn create(path: &Path) -> Result<File, Fault> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| {
        let path = path.display();
        Fault::new(match error.kind() {
            io::ErrorKind::AlreadyExists => {
                format!("{path} is there already, and is not overwritten: choose another name")
            }
            _ => format!("can't make {path}: {error}"),
        })
    })
}

/// A new name is on the disk only when its directory is.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
