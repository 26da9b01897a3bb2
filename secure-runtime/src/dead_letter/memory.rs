//! A sink for unit tests.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use zeroize::Zeroizing;

use super::{DeadLetter, DeadLetterSink, Facts};
use crate::Error;

/// Keeps dead letters in memory, in clear, for unit tests. In a function it would keep them for the next invocations, and lose
/// them with the environment.
///
/// ```
/// use secure_runtime::dead_letter::MemorySink;
///
/// let sink = MemorySink::default();
/// assert!(sink.letters().is_empty());
/// ```
#[derive(Default)]
pub struct MemorySink(Mutex<Vec<MemoryLetter>>);

impl MemorySink {
    /// The letters so far, in the order in which they were put in.
    #[must_use]
    pub fn letters(&self) -> Vec<MemoryLetter> {
        self.lock().clone()
    }

    /// Nothing that holds the lock can panic half-way.
    fn lock(&self) -> MutexGuard<'_, Vec<MemoryLetter>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DeadLetterSink for MemorySink {
    async fn put(&self, letter: DeadLetter<'_>) -> Result<(), Error> {
        self.lock().push(MemoryLetter::of(&letter));
        Ok(())
    }
}

impl fmt::Debug for MemorySink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MemorySink").field(&self.lock().len()).finish()
    }
}

/// A letter in a [`MemorySink`], body and all. The body is wiped when it is dropped.
#[derive(Clone)]
pub struct MemoryLetter {
    body: Zeroizing<Vec<u8>>,
    request_id: String,
    function: String,
    handler: String,
    message_id: String,
    code: String,
    reason: String,
    receive_count: u32,
    at: SystemTime,
}

impl MemoryLetter {
    fn of(letter: &DeadLetter<'_>) -> Self {
        let Facts { request_id, function, handler, message_id, code, reason, receive_count, at } = letter.facts;
        Self {
            body: Zeroizing::new(letter.body.0.to_vec()),
            request_id: request_id.to_owned(),
            function: function.to_owned(),
            handler: handler.to_owned(),
            message_id: message_id.to_owned(),
            code: code.to_owned(),
            reason: reason.to_owned(),
            receive_count,
            at,
        }
    }

    /// The record's body, as it came.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The invocation that it came with.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The Lambda function's name.
    #[must_use]
    pub fn function(&self) -> &str {
        &self.function
    }

    /// The handler's name.
    #[must_use]
    pub fn handler(&self) -> &str {
        &self.handler
    }

    /// The queue's id of the record.
    #[must_use]
    pub fn message_id(&self) -> &str {
        &self.message_id
    }

    /// The failure's code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Why it failed, as the log says it.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// How often the queue has handed the record out, this time included.
    #[must_use]
    pub fn receive_count(&self) -> u32 {
        self.receive_count
    }

    /// When it was put aside.
    #[must_use]
    pub fn at(&self) -> SystemTime {
        self.at
    }
}

impl fmt::Debug for MemoryLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message_id, code, .. } = self;
        f.debug_struct("MemoryLetter").field("message_id", message_id).field("code", code).finish_non_exhaustive()
    }
}
