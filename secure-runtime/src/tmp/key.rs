//! The key of one file.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::sealed_file::SealedFileError;
use crate::{
    Secret, scope,
    scrub::Buffer,
    seal::{KEY, Sealer},
};

/// A key that was drawn for one file, and what is known of the file's text: all that has to be gone when the invocation is.
pub(super) struct FileKey(Mutex<Option<Known>>);

/// What nobody must know any more once the invocation has ended.
pub(super) struct Known {
    key: Secret<'static, [u8; KEY]>,
    /// The text of the last chunk, which is sealed anew when it grows.
    pub(super) tail: Buffer,
    /// The same before a write that makes more chunks of it.
    pub(super) before: Buffer,
    /// The text of the chunk that was opened last.
    pub(super) text: Buffer,
}

impl Known {
    pub(super) fn sealer(&self) -> Sealer {
        self.key.declassify("the cipher takes it", Sealer::new)
    }
}

impl FileKey {
    /// Draws a key. It is destroyed with the current invocation, whoever still has the file then.
    pub(super) fn draw() -> Result<Arc<Self>, SealedFileError> {
        let mut key = Secret::brand([0; KEY]);
        key.fill(|key| getrandom::fill(key)).map_err(|_| SealedFileError::NoRandomness)?;
        let (tail, before, text) = Default::default();
        let key = Arc::new(Self(Mutex::new(Some(Known { key, tail, before, text }))));
        if let Some(invocation) = scope::current() {
            invocation.keys().remember(&key);
        }
        Ok(key)
    }

    /// Lets `f` seal or open with the key.
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut Known) -> R) -> Result<R, SealedFileError> {
        self.lock().as_mut().map(f).ok_or(SealedFileError::InvocationEnded)
    }

    /// Wipes the key, and then the text.
    pub(super) fn destroy(&self) {
        drop(self.lock().take());
    }

    fn lock(&self) -> MutexGuard<'_, Option<Known>> {
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
