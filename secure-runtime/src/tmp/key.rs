//! The key of one file.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::{
    seal::{KEY, Sealer},
    sealed_file::SealedFileError,
};
use crate::{Secret, scope};

/// A key that was drawn for one file. Without it, what is on the disk is noise.
pub(super) struct FileKey(Mutex<Option<Secret<'static, [u8; KEY]>>>);

impl FileKey {
    /// Draws a key. It is destroyed with the current invocation, whoever still has the file then.
    pub(super) fn draw() -> Result<Arc<Self>, SealedFileError> {
        let mut key = Secret::brand([0; KEY]);
        key.fill(|key| getrandom::fill(key)).map_err(|_| SealedFileError::NoRandomness)?;
        let key = Arc::new(Self(Mutex::new(Some(key))));
        if let Some(invocation) = scope::current() {
            invocation.keys().remember(&key);
        }
        Ok(key)
    }

    /// Lets `f` seal or open with the key.
    pub(super) fn with<R>(&self, f: impl FnOnce(&Sealer) -> R) -> Result<R, SealedFileError> {
        let key = self.lock();
        let key = key.as_ref().ok_or(SealedFileError::InvocationEnded)?;
        Ok(key.declassify("the cipher takes it", |key| f(&Sealer::new(key))))
    }

    /// Wipes the key.
    pub(super) fn destroy(&self) {
        drop(self.lock().take());
    }

    fn lock(&self) -> MutexGuard<'_, Option<Secret<'static, [u8; KEY]>>> {
        // A cipher that panics leaves the key as it was.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The keys of an invocation's files.
#[derive(Default)]
pub(crate) struct Keys(Mutex<Vec<Weak<FileKey>>>);

impl Keys {
    fn remember(&self, key: &Arc<FileKey>) {
        let mut keys = self.lock();
        keys.retain(|key| key.strong_count() > 0);
        keys.push(Arc::downgrade(key));
    }

    /// Makes all files unreadable. Called when the invocation has ended.
    pub(crate) fn destroy(&self) {
        for key in self.lock().drain(..).filter_map(|key| key.upgrade()) {
            key.destroy();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<FileKey>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
