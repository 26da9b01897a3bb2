//! A function's `/tmp`, which no other function has.

use std::{
    env,
    fs::{self, DirBuilder},
    io,
    path::{Path, PathBuf},
};

use crate::canary::random_bytes;

/// A directory that is removed with all that is in it.
#[derive(Debug)]
pub(super) struct Tmp(PathBuf);

impl Tmp {
    pub(super) fn create() -> io::Result<Self> {
        let random = u128::from_ne_bytes(random_bytes());
        let path = env::temp_dir().join(format!("secure-testing-{random:032x}"));
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Tmp {
    fn drop(&mut self) {
        // What can't be removed is left to whoever cleans the directory that it lies in.
        let _ = fs::remove_dir_all(&self.0);
    }
}
