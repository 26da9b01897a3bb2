//! Structured logs, from which secrets are taken out.
//!
//! [`init`] sets up a `tracing` subscriber. Every line that passes through it, of this program, of lambda_runtime and of other
//! dependencies, is masked before it is written:
//!
//! * the bytes of every `Secret` of the running invocations, in any case of letters: as they are, in base64 (either alphabet,
//!   wherever it begins in a longer text), hex, lists of numbers, and with the escapes of JSON, Rust and URLs, in any mixture,
//!   nested up to three deep,
//! * what looks like a credential by the table of rule SH016, card numbers, private keys, JSON Web Tokens, and users with
//!   passwords in URLs.
//!
//! In their place stands what they were and how many bytes of the line they took:
//!
//! ```text
//! {"timestamp":"2026-11-24T23:10:51.802417Z","level":"WARN","message":"no user for [redacted secret, 12 bytes]","target":"app",
//!  "requestId":"8476a536-e9f4-11e8-9739-2dfe598c3fcd","spans":[{"requestId":"8476…","name":"Lambda runtime invoke"}]}
//! ```
//!
//! A secret of less than six bytes is masked as a whole word only, and an empty one never. Of a long
//! one that is cut off, what is there is masked: its beginning, from 32 characters on.
//!
//! # What can't be masked
//!
//! * A secret that was changed in other ways (reversed, compressed, encrypted, hashed), split over lines or fields, or shown in part.
//! * A secret whose type doesn't show its bytes, such as a struct or a number.
//! * A `#[secret] let` that was dropped before the line is written, as locals are when a handler's `Err` is logged. An event's own secrets
//!   are masked until it has been answered.
//! * Names of fields and spans, levels and targets, which are words of the program, and the codes, ids and types that this crate
//!   logs itself: a caller must not be able to hide a failure by sending its code as a password.
//! * What is printed past the log, with `println!` or by another subscriber. [`layer`] and [`MaskingMakeWriter`] fit into one.
//! * Records of the `log` crate reach it only if the program passes them on: `tracing_log::LogTracer::init()` does.
//!
//! # Lines
//!
//! Each event is one line, whatever its values hold: what would end the line, move a terminal's cursor or turn the direction of
//! text is escaped. It is formatted in memory that is wiped, and handed to the system at once, past the buffer of
//! [`std::io::stdout`].
//!
//! Sources: [Lambda's advanced logging controls](https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html),
//! [CWE-117](https://cwe.mitre.org/data/definitions/117.html), [CWE-532](https://cwe.mitre.org/data/definitions/532.html).

mod builder;
mod escape;
mod line;
pub(crate) mod mask;
mod writer;

pub use tracing::Level;

pub use self::{
    builder::{AlreadySet, Builder, Format},
    line::LogLayer,
    writer::{MaskingMakeWriter, MaskingWriter},
};

/// Sets up a `tracing` subscriber that writes masked lines to standard output, which CloudWatch collects.
///
/// `AWS_LAMBDA_LOG_FORMAT` says how they are written, `JSON` or `Text`; where it isn't set, a terminal gets text, and anything
/// else JSON. `AWS_LAMBDA_LOG_LEVEL`, or else `RUST_LOG`, says from which level on, as a level (`debug`) or a list of targets
/// (`info,my_crate=debug`); the default is `info`, and what does not parse counts as unset. Called again, or where the
/// program has a subscriber already, it changes nothing.
///
/// A line of JSON has `timestamp`, `level`, `message`, the event's other fields, `target`, `requestId` while an invocation runs,
/// and `spans`.
///
/// ```
/// secure_runtime::log::init();
/// secure_runtime::log::init(); // does nothing
/// ```
pub fn init() {
    builder().init();
}

/// The same, with defaults of one's own.
///
/// ```
/// use secure_runtime::log::{self, Format, Level};
///
/// log::builder().level(Level::DEBUG).format(Format::Text).writer(std::io::stderr()).init();
/// ```
#[must_use]
pub fn builder() -> Builder {
    Builder::new()
}

/// What [`init`] sets up, as a layer of a subscriber of one's own.
///
/// ```
/// use tracing_subscriber::{filter::LevelFilter, layer::SubscriberExt as _};
///
/// let subscriber = tracing_subscriber::registry().with(secure_runtime::log::layer()).with(LevelFilter::INFO);
/// tracing::subscriber::with_default(subscriber, || tracing::info!(answer = 42, "masked"));
/// ```
#[must_use]
pub fn layer() -> LogLayer {
    builder().layer()
}
/// A text with what must not be written taken out of it, for whatever subscriber the program has.
pub(crate) fn masked(text: &str) -> String {
    match mask::now().mask_part(text.as_bytes()) {
        Some(masked) => String::from_utf8_lossy(masked.content()).into_owned(),
        None => text.to_owned(),
    }
}
