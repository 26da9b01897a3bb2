//! The private key's file.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::Path,
};

use secure_runtime::dead_letter::PrivateKey;
use zeroize::Zeroizing;

use crate::{fault::Fault, output::new_file};

/// More than a key's text is, in bytes.
const LONGEST: usize = 1024;

/// Reads the key, if nobody but the file's owner may do anything with it.
pub(crate) fn read(path: &Path) -> Result<PrivateKey, Fault> {
    let told = |error: io::Error| Fault::new(format!("can't read the key {}: {error}", path.display()));
    let file = OpenOptions::new().read(true).open(path).map_err(told)?;
    refuse_if_shared(&file, path)?;
    let mut text = Zeroizing::new(Vec::with_capacity(LONGEST));
    file.take(LONGEST as u64).read_to_end(&mut text).map_err(told)?;
    let text = std::str::from_utf8(&text).unwrap_or_default();
    text.parse().map_err(|error| Fault::new(format!("can't use the key {}: {error}", path.display())))
}

/// Of the file that was opened, not of what has its name by now.
#[cfg(unix)]
fn refuse_if_shared(file: &File, path: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::MetadataExt as _;
    let told = |error: io::Error| Fault::new(format!("can't see who may read the key {}: {error}", path.display()));
    let mode = file.metadata().map_err(told)?.mode() & 0o777;
    if mode.trailing_zeros() >= 6 {
        return Ok(());
    }
    Err(Fault::new(format!(
        "the private key {} is open to others (mode {mode:03o}): run `chmod 600 {0}`; if somebody may have read it, make a new key",
        path.display()
    )))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "where there are modes, it fails")]
fn refuse_if_shared(_: &File, path: &Path) -> Result<(), Fault> {
    crate::output::terminal::say(format_args!(
        "whether others can read {} can't be checked on this system",
        path.display()
    ));
    Ok(())
}

/// Writes a key to a new file for this user alone. It is on the disk when this returns; when it fails, there is no file.
pub(crate) fn write(key: &PrivateKey, path: &Path) -> Result<(), Fault> {
    let mut file = new_file::create(path)?;
    let written = key.declassify("goes to the analysts' own file", |text| {
        let line = Zeroizing::new(format!("{text}\n"));
        file.write_all(line.as_bytes())
    });
    written.and_then(|()| file.sync_all()).and_then(|()| new_file::sync_directory(path)).map_err(|error| {
        let _ = std::fs::remove_file(path);
        Fault::new(format!("can't write {}: {error}", path.display()))
    })
}
