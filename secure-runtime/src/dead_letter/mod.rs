//! Where records go that will never succeed.
//!
//! A handler of a queue's records may name a state parameter as its sink: `#[secure_handler(sqs, dead_letter = sink)]`. A record whose
//! body doesn't parse, and one whose handler's error is declared as `poison`, is put into it and reported to the queue as done. When
//! the sink fails or panics, the record is reported as failed, and comes again.
//!
//! `SqsSink` (feature `sqs-sink`) and [`FileSink`] seal each letter to a [`PublicKey`]; [`SealedLetter`] does so for sinks of one's own. The
//! command-line tool `secure-dlq` makes keys, lists and opens letters, and sends their records again.
//!
//! ```
//! use secure_runtime::{dead_letter::MemorySink, prelude::*};
//!
//! #[secure_event]
//! struct Order<'inv> {
//!     card_number: Secret<'inv, String>,
//! }
//!
//! #[derive(Debug, OpaqueError)]
//! #[opaque(code = "no_card", status = 422, message = "That is no card's number.", poison)]
//! struct NoCard;
//!
//! #[secure_handler(sqs, dead_letter = letters)]
//! async fn take(record: Record<Order<'_>>, letters: &impl DeadLetterSink) -> Result<(), NoCard> {
//!     if record.body.card_number.expose(|number| number.len() == 16) { Ok(()) } else { Err(NoCard) }
//! }
//!
//! # fn main() {
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let letters = MemorySink::default();
//! let batch = RawPayload::from(serde_json::json!({"Records": [
//!     {"messageId": "1", "eventSource": "aws:sqs", "body": r#"{"card_number": "4111111111111111"}"#},
//!     {"messageId": "2", "eventSource": "aws:sqs", "body": r#"{"card_number": "hello"}"#},
//! ]}));
//! let answer = take(LambdaEvent::new(batch, Context::default()), &letters).await.unwrap();
//! assert_eq!(answer.failed().count(), 0);
//! let letters = letters.letters();
//! assert_eq!((letters[0].message_id(), letters[0].code()), ("2", "no_card"));
//! # }) }
//! ```
//!
//! ```text
//! key       what letters are sealed to, and opened with
//! contents  what a letter holds
//! sealed    a letter as it is sent and stored
//! file, queue, memory   sinks; overflow, what is too long for a queue
//! ```

mod contents;
#[cfg(unix)]
mod file;
mod key;
mod memory;
#[cfg(all(feature = "s3", feature = "sqs-sink"))]
mod overflow;
#[cfg(feature = "sqs-sink")]
mod queue;
mod sealed;

use std::{collections::BTreeMap, fmt, future::Future, sync::Arc, time::SystemTime};

#[cfg(unix)]
pub use self::file::{FileSink, LetterFile};
#[cfg(feature = "sqs-sink")]
pub use self::queue::{SqsSink, SqsSinkError};
pub use self::{
    contents::{Contents, Held, LetterObject, OpenedLetter},
    key::{InvalidKey, PrivateKey, PublicKey},
    memory::{MemoryLetter, MemorySink},
    sealed::{OpenError, SealedLetter},
};
use crate::{Error, Public};

/// What takes records that will never succeed.
///
/// A sink gets a record's body in clear, and has to keep it so that nobody else can read it: encrypted to a key whose private half
/// the function doesn't have. References, `Arc` and `Box` of a sink are sinks.
///
/// ```
/// use secure_runtime::{Error, dead_letter::{DeadLetter, DeadLetterSink}};
///
/// struct Count(std::sync::atomic::AtomicU64);
///
/// impl DeadLetterSink for Count {
///     async fn put(&self, letter: DeadLetter<'_>) -> Result<(), Error> {
///         self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no sink for dead letters",
    label = "not a `DeadLetterSink`",
    note = "help: `dead_letter = ..` names a parameter whose type implements `DeadLetterSink`, such as `&impl DeadLetterSink`"
)]
pub trait DeadLetterSink: Send + Sync {
    /// Puts one record aside. Once it returns `Ok`, the queue forgets the record.
    ///
    /// # Errors
    /// When the record isn't kept: the queue keeps it then. The error's text is logged, masked.
    fn put(&self, letter: DeadLetter<'_>) -> impl Future<Output = Result<(), Error>> + Send;
}

macro_rules! pointers {
    ($($pointer:ty),*) => {
        $(
            impl<S: DeadLetterSink + ?Sized> DeadLetterSink for $pointer {
                fn put(&self, letter: DeadLetter<'_>) -> impl Future<Output = Result<(), Error>> + Send {
                    (**self).put(letter)
                }
            }
        )*
    };
}

pointers!(&S, Arc<S>, Box<S>);

/// A record that will never succeed, and what is known of it. Its `Debug` shows nothing of its body.
///
/// ```
/// use secure_runtime::{Error, dead_letter::DeadLetter};
///
/// # fn seal(_: &[u8]) -> Vec<u8> { Vec::new() }
/// fn sealed(letter: &DeadLetter<'_>) -> (String, Vec<u8>) {
///     let sealed = letter.body().declassify("sealed to the analysts' key", |bytes| seal(bytes));
///     (format!("{}: {} ({})", letter.message_id(), letter.code(), letter.reason()), sealed)
/// }
/// ```
#[derive(Clone, Copy)]
pub struct DeadLetter<'a> {
    pub(crate) body: Body<'a>,
    pub(crate) facts: Facts<'a>,
    pub(crate) brought: Brought<'a>,
}

/// What the record brought beside its body. There may be secrets in it that belong into the body.
#[derive(Clone, Copy)]
pub(crate) struct Brought<'a> {
    pub(crate) group_id: Option<&'a str>,
    pub(crate) attributes: &'a BTreeMap<String, String>,
}

/// What may be told of a record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) function: &'a str,
    pub(crate) handler: &'a str,
    pub(crate) message_id: &'a str,
    pub(crate) code: &'a str,
    pub(crate) reason: &'a str,
    pub(crate) receive_count: u32,
    pub(crate) at: SystemTime,
}

impl<'a> DeadLetter<'a> {
    /// The record's body, as it came.
    #[must_use]
    pub fn body(&self) -> Body<'a> {
        self.body
    }

    /// The invocation that it came with.
    #[must_use]
    pub fn request_id(&self) -> &'a str {
        self.facts.request_id
    }

    /// The Lambda function's name; empty where nobody has said it, as in a unit test.
    #[must_use]
    pub fn function(&self) -> &'a str {
        self.facts.function
    }

    /// The handler's name.
    #[must_use]
    pub fn handler(&self) -> &'a str {
        self.facts.handler
    }

    /// The queue's id of the record.
    #[must_use]
    pub fn message_id(&self) -> &'a str {
        self.facts.message_id
    }

    /// The failure's code: `invalid_input` for a body that doesn't parse.
    #[must_use]
    pub fn code(&self) -> &'a str {
        self.facts.code
    }

    /// Why it failed, as the log says it: masked, and never with the body.
    #[must_use]
    pub fn reason(&self) -> &'a str {
        self.facts.reason
    }

    /// How often the queue has handed the record out, this time included.
    #[must_use]
    pub fn receive_count(&self) -> u32 {
        self.facts.receive_count
    }

    /// When it was put aside.
    #[must_use]
    pub fn at(&self) -> SystemTime {
        self.facts.at
    }
}

impl fmt::Debug for DeadLetter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeadLetter([redacted])")
    }
}

/// A record's body, lent until its letter has been put aside.
#[derive(Clone, Copy)]
pub struct Body<'a>(pub(crate) &'a [u8]);

impl Body<'_> {
    /// Lends the bytes to a closure whose answer is a verdict.
    ///
    /// ```
    /// # fn of(letter: secure_runtime::dead_letter::DeadLetter<'_>) {
    /// let is_object = letter.body().expose(|bytes| bytes.starts_with(b"{"));
    /// # }
    /// ```
    pub fn expose<R: Public>(&self, f: impl Fn(&[u8]) -> R) -> R {
        f(self.0)
    }

    /// Lends the bytes to a closure whose answer is anything. The reason says to whoever reads the code why that is fine.
    ///
    /// ```
    /// # fn seal(_: &[u8]) -> Vec<u8> { Vec::new() }
    /// # fn of(letter: secure_runtime::dead_letter::DeadLetter<'_>) {
    /// let sealed = letter.body().declassify("sealed to the analysts' key", |bytes| seal(bytes));
    /// # }
    /// ```
    pub fn declassify<R>(&self, reason: &'static str, f: impl FnOnce(&[u8]) -> R) -> R {
        let _ = reason;
        f(self.0)
    }
}

impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body([redacted])")
    }
}
