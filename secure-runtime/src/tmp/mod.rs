//! Temporary files that keep no secrets.
//!
//! `/tmp` is shared by all invocations of an execution environment, and survives each of them. What a handler has to put there
//! goes into a [`SealedFile`]: encrypted, without a name, for this invocation alone, and only what has been
//! [validated](crate::Validated). What else an invocation left there is reported or wiped by [`TmpPolicy`].
//!
//! ```text
//! key           from the operating system; gone before the file is, and with the invocation
//! chunks        which chunk a byte is in, what is written and read when
//! place         a file without a name, or one that nobody else can have made
//! sealed_file   what handlers use; asynchronous, its twin
//! plaintext     a file in memory, for tools that can't do without plain text
//! quota         how much an invocation may seal
//! sweep         what an invocation has left in the directory
//! ```
//!
//! The seal itself, of one chunk, is `crate::seal`.
//!
//! Sources: [the execution environment](https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html),
//! [CWE-377](https://cwe.mitre.org/data/definitions/377.html), [CWE-379](https://cwe.mitre.org/data/definitions/379.html).

mod asynchronous;
mod chunks;
mod key;
mod place;
mod plaintext;
mod quota;
mod sealed_file;
mod sweep;

pub(crate) use self::{key::Keys, quota::Used};
pub(crate) mod swept {
    //! The directory, before the first invocation and after each.
    pub(crate) use super::sweep::{after, first};
}
pub use self::{
    asynchronous::AsyncSealedFile,
    plaintext::PlaintextFd,
    quota::set_quota,
    sealed_file::{Options, SealedFile, SealedFileError},
    sweep::{TmpPolicy, set_policy},
};

/// A directory that is removed when a test has ended.
#[cfg(test)]
pub(crate) struct TestDirectory(std::path::PathBuf);

#[cfg(test)]
pub(crate) fn directory_for_test() -> TestDirectory {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("secure-runtime-test-{}-{count}", std::process::id()));
    std::fs::create_dir(&path).expect("the temporary directory takes one");
    TestDirectory(path)
}

#[cfg(test)]
impl std::ops::Deref for TestDirectory {
    type Target = std::path::Path;

    fn deref(&self) -> &std::path::Path {
        &self.0
    }
}

#[cfg(test)]
impl Drop for TestDirectory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
