//! How much an invocation may put into sealed files.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::sealed_file::SealedFileError;

/// All of the smallest `/tmp` that Lambda has.
const DEFAULT: u64 = 512 << 20;

static LIMIT: AtomicU64 = AtomicU64::new(DEFAULT);

/// Sets how many bytes the sealed files of one invocation may hold together: 512 MiB, which is what the smallest `/tmp` has,
/// when nothing is set. What is dropped is given back.
///
/// ```
/// secure_runtime::tmp::set_quota(64 << 20);
/// ```
///
/// Source: [configuring ephemeral storage](https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html).
pub fn set_quota(bytes: u64) {
    LIMIT.store(bytes, Ordering::Relaxed);
}

/// What one invocation's files hold.
#[derive(Default)]
pub(crate) struct Used(AtomicU64);

/// What one file holds of it.
pub(super) struct Share {
    used: Arc<Used>,
    bytes: u64,
}

impl Share {
    pub(super) fn of(used: Arc<Used>) -> Self {
        Self { used, bytes: 0 }
    }

    /// Takes room for so many bytes more.
    pub(super) fn grow(&mut self, bytes: u64) -> Result<(), SealedFileError> {
        let limit = LIMIT.load(Ordering::Relaxed);
        let fits = |used: u64| used.checked_add(bytes).filter(|&sum| sum <= limit);
        match self.used.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits) {
            Ok(_) => {
                self.bytes += bytes;
                Ok(())
            }
            Err(_) => Err(SealedFileError::QuotaExceeded { limit }),
        }
    }

    /// Gives some of it back.
    pub(super) fn shrink(&mut self, bytes: u64) {
        self.bytes -= bytes;
        self.used.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.shrink(self.bytes);
    }
}
