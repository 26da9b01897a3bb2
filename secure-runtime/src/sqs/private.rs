//! What expansions of `#[secure_handler(sqs)]` call. Not for people: it changes without notice.

use std::future::Future;

use serde::Deserialize;

use super::{
    BatchResponse, Record,
    run::{self, Aside, NoSink, Outlet},
};
pub use super::{batch::RawRecord, run::Batch};
use crate::{
    __v1::{Invocation, Opaque, Outcome, begin as begin_invocation},
    Failure, LambdaEvent, OpaqueError, RawPayload, SecureEvent,
    dead_letter::DeadLetterSink,
    event::ParseError,
};

/// What a secured handler of records returns.
pub type Answer = Result<BatchResponse, Failure>;

/// Takes a batch apart.
///
/// # Errors
/// `invalid_input` for what is no batch of a queue.
#[track_caller]
pub fn begin(event: LambdaEvent<RawPayload>, handler: &'static str) -> Result<Batch, Failure> {
    let (raw, context, invocation) = begin_invocation(event, handler);
    Batch::new(invocation, raw, &context)
}

/// Runs a batch's records.
///
/// # Errors
/// None: what fails is a record.
pub async fn run<E, F, S>(batch: Batch, concurrency: usize, sink: S, each: E) -> Answer
where
    E: FnMut(RawRecord, Invocation) -> F,
    F: Future<Output = Result<(), Failure>>,
    S: Outlet,
{
    Ok(run::run(batch, concurrency, sink, each).await)
}

/// Parses a record.
///
/// # Errors
/// `invalid_input` when the body is not of the record's shape.
pub fn record<'inv, R: FromRecord<'inv>>(invocation: &Invocation, raw: &'inv RawRecord) -> Result<R, Failure> {
    invocation.parsed(|| R::parse(raw).map_err(|error| (Opaque::INVALID_INPUT, error)))
}

/// Runs a handler's body on one record.
///
/// # Errors
/// As [`answer`](crate::__v1::answer).
pub async fn answer<R: Outcome>(invocation: Invocation, body: impl Future<Output = R>) -> Result<(), Failure>
where
    R::Err: OpaqueError,
{
    crate::__v1::answer(invocation, body).await.map(|_| ())
}

/// The check of what a handler answers when all goes well.
pub fn says_nothing<F>(body: F) -> F
where
    F: Future<Output: Outcome<Ok: Nothing>>,
{
    body
}

/// State for one more record.
pub fn again<T: Again>(state: &T) -> T {
    state.again()
}

/// A sink for what will never succeed.
pub fn sink<S: DeadLetterSink>(sink: S) -> impl Outlet {
    Aside(sink)
}

/// No sink: what will never succeed fails again and again, until the queue has enough.
#[must_use]
pub fn no_sink() -> NoSink {
    NoSink
}

/// A handler's record parameter, parsed from the body that it borrows from.
#[diagnostic::on_unimplemented(
    message = "SH005: a handler of a queue's records takes a `Record`, not `{Self}`",
    label = "not a record",
    note = "help: take one as `record: Record<T>`, where `T` is a `#[secure_event]`"
)]
pub trait FromRecord<'inv>: Sized {
    /// Parses the body.
    ///
    /// # Errors
    /// When it is not of the record's shape.
    fn parse(raw: &'inv RawRecord) -> Result<Self, ParseError>;
}

impl<'inv, T: SecureEvent + Deserialize<'inv>> FromRecord<'inv> for Record<T> {
    fn parse(raw: &'inv RawRecord) -> Result<Self, ParseError> {
        let body = raw.body()?;
        Ok(Self { body, meta: raw.meta() })
    }
}

/// `Clone`, with words of ours for state that has none.
#[diagnostic::on_unimplemented(
    message = "SH005: state that is passed by value is cloned for each record, and `{Self}` can't be cloned",
    label = "not `Clone`",
    note = "help: take it by reference, `&{Self}`, or in an `Arc`"
)]
pub trait Again {
    /// One more.
    #[must_use]
    fn again(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Again for T {
    fn again(&self) -> Self {
        self.clone()
    }
}

/// `()`.
#[diagnostic::on_unimplemented(
    message = "SH005: a handler of a queue's records answers `()`, not `{Self}`",
    label = "nobody gets it",
    note = "help: return `Result<(), E>`: a queue learns whether a record was handled, and nothing else"
)]
pub trait Nothing {}

impl Nothing for () {}
