//! What expansions call. Not for people: it changes without notice.

use std::{
    future::Future,
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Poll, ready},
};

pub use ::core;
pub use ::serde;
pub use ::tokio;
pub use ::tracing;
pub use std::alloc::System;
use zeroize::Zeroize;

#[cfg(feature = "http")]
pub use crate::http::expansion as http;
#[cfg(feature = "sqs")]
pub use crate::sqs::private as sqs;
pub use crate::{
    __answers as answers, __keeps_nothing as keeps_nothing, __keeps_something as keeps_something,
    __of_edition as of_edition,
};
use crate::{
    Context, Failure, Invalid, LambdaEvent, OpaqueError, Public, RawPayload, Secret, SecureEvent, alloc,
    error::report::{self, Subject},
    panic,
    panic::{Cover, caught},
    scope,
    scrub::Apart,
};
pub use crate::{
    audit::{has_subscriber, request_id, security_event, unheard},
    error::{AsError, AsMute, AsShown, CodeList, Derived, Disposition, Inner, Opaque, Text, inner},
    event::{Event, ParseError},
    park::{alone, rest},
    probe::*,
    scrub::call::{call, call_async, declared},
    secret::Verdict,
    validated::{ValidByGarde, validate, validate_by_garde},
};
pub use secure_macros::SH001_a_static_outlives_this_invocation;

/// What a handler returns.
#[diagnostic::on_unimplemented(
    message = "SH005: a handler returns a `Result`, not `{Self}`",
    label = "not a `Result`",
    note = "help: return `Result<T, E>`, where `E` has `#[derive(OpaqueError)]`; a handler that can't fail returns \
            `Result<T, std::convert::Infallible>`"
)]
pub trait Outcome {
    /// What the caller gets when all goes well.
    type Ok;
    /// What goes to the log when not.
    type Err;

    fn into_result(self) -> Result<Self::Ok, Self::Err>;
}

/// What a secured handler returns, of what it was written to return.
pub type Answer<R> = OrFailure<<R as Outcome>::Ok>;

/// The same, where `T` can't be told from a type.
pub type OrFailure<T> = Result<T, Failure>;

impl<T, E> Outcome for Result<T, E> {
    type Ok = T;
    type Err = E;

    fn into_result(self) -> Self {
        self
    }
}

/// `#[secret] let`: makes a value a secret of the invocation `'inv`.
pub fn brand<'inv, T: CanBeWiped>(value: T) -> Secret<'inv, T> {
    Secret::brand(value)
}

/// `Zeroize`, with words of ours for those whose type has none.
#[diagnostic::on_unimplemented(
    message = "a `#[secret] let` has to wipe its value, and `{Self}` can't be wiped",
    label = "not `Zeroize`",
    note = "help: write `#[derive(Zeroize)]` on `{Self}`, with the derive of the crate `zeroize`; or take out of it what is \
            secret: `#[secret] let bytes = value.to_bytes();`"
)]
pub trait CanBeWiped: Zeroize {}

#[diagnostic::do_not_recommend]
impl<T: Zeroize> CanBeWiped for T {}

/// The check of one field of a `#[derive(Public)]`.
pub fn is_public<T: Public + ?Sized>() {}

/// The check of one `#[nested]` field of a `#[secure_event]`, of its type and of its value.
///
/// # Errors
/// When the value is not valid.
pub fn validate_nested<T: SecureEvent>(nested: &T) -> Result<(), Invalid> {
    nested.__validate()
}

/// The check of one field of a `#[secure_event]` that must be a secret.
pub fn is_secret<T: IsSecret>() {}

/// A type by a name that has a lifetime: the fields of an event with errors use all of its lifetimes, so that none is an error, too.
pub trait Itself<'inv> {
    /// The type.
    type Type: ?Sized;
}

impl<T: ?Sized> Itself<'_> for T {
    type Type = T;
}

/// A field that is a secret, under whatever alias.
#[diagnostic::on_unimplemented(
    message = "SH010: an event's field of type `{Self}` is neither secret nor public",
    label = "neither secret nor public",
    note = "help: make it a `Secret<'inv, {Self}>`; or mark it `#[public]` when logs, answers and the next invocation may \
            know it, or `#[nested]` when it is a `#[secure_event]` itself"
)]
pub trait IsSecret {}

impl<T: Zeroize> IsSecret for Secret<'_, T> {}
impl<T: IsSecret> IsSecret for Option<T> {}
impl<T: IsSecret> IsSecret for Box<T> {}
impl<T: IsSecret> IsSecret for Vec<T> {}
impl<T: IsSecret, const N: usize> IsSecret for [T; N] {}
impl<A: IsSecret, B: IsSecret> IsSecret for (A, B) {}
impl<A: IsSecret, B: IsSecret, C: IsSecret> IsSecret for (A, B, C) {}

/// One run of a secured handler.
#[derive(Clone)]
pub struct Invocation {
    handler: scope::Handler,
    scope: Arc<scope::Invocation>,
}

/// Takes an event apart: the payload stays with the caller, who owns it until the handler has ended.
#[must_use]
#[track_caller]
pub fn begin(event: LambdaEvent<RawPayload>, handler: &'static str) -> (RawPayload, Context, Invocation) {
    let (raw, context) = event.into_parts();
    let invocation = Invocation::begin(scope::current_or_new(&context.request_id), handler);
    invocation.scope.remember_bytes(raw.bytes());
    (raw, context, invocation)
}

/// Runs a handler's body and makes its error or panic a failure.
///
/// # Errors
/// What the handler's error declares, or `internal_error` for a panic.
pub async fn answer<R: Outcome>(invocation: Invocation, body: impl Future<Output = R>) -> Result<R::Ok, Failure>
where
    R::Err: OpaqueError,
{
    let outcome = Within::new(&invocation, body).await;
    let Some(outcome) = outcome else { return Err(invocation.panicked()) };
    outcome.into_result().map_err(|error| invocation.failed(error))
}

impl Invocation {
    /// One run of the handler of this name, whose attribute is where this is called.
    #[track_caller]
    pub(crate) fn begin(scope: Arc<scope::Invocation>, handler: &'static str) -> Self {
        panic::install_hook(Cover::Invocations);
        let handler = scope::Handler { name: handler, place: Location::caller() };
        scope.handled_by(handler);
        Self { handler, scope }
    }

    /// A run of the same handler, in a scope of its own.
    #[cfg(feature = "sqs")]
    pub(crate) fn within(&self, scope: Arc<scope::Invocation>) -> Self {
        scope.handled_by(self.handler);
        Self { handler: self.handler, scope }
    }

    #[cfg(any(feature = "http", feature = "sqs"))]
    pub(crate) fn scope(&self) -> &Arc<scope::Invocation> {
        &self.scope
    }

    #[cfg(feature = "sqs")]
    pub(crate) fn handler(&self) -> &'static str {
        self.handler.name
    }

    /// Parses the handler's event.
    ///
    /// # Errors
    /// `invalid_input` when the payload is not of the event's shape, or not valid. What it was is not said to anybody.
    pub fn event<'inv, E: Event<'inv>>(&self, raw: &'inv RawPayload, context: Context) -> Result<E, Failure> {
        self.parsed(|| E::parse(raw, context).map_err(|error| (Opaque::INVALID_INPUT, error)))
    }

    /// Parses whatever the handler takes.
    pub(crate) fn parsed<E>(&self, parse: impl FnOnce() -> Result<E, (Opaque, ParseError)>) -> Result<E, Failure> {
        let parsed = {
            let _inside = scope::enter(Arc::clone(&self.scope));
            caught(parse)
        };
        match parsed {
            Some(Ok(event)) => Ok(event),
            Some(Err((opaque, error))) => {
                let failure = Failure::new(opaque, &self.scope.request_id);
                report::unparsed(self.subject(), &failure, &error);
                self.scope.failed_because(|| error.to_string());
                Err(failure)
            }
            None => Err(self.panicked()),
        }
    }

    /// Whatever the error's `Display` and `Drop` do, they do it in this invocation.
    fn failed<E: OpaqueError>(&self, error: E) -> Failure {
        let _inside = scope::enter(Arc::clone(&self.scope));
        let failure = Failure::new(error.__opaque(), &self.scope.request_id);
        let reason = report::failed::<E>(self.subject(), &failure, error.__text());
        self.scope.failed_because(|| reason);
        caught(move || drop(error));
        failure
    }

    pub(crate) fn subject(&self) -> Subject<'_> {
        let scope::Invocation { started, message_id, .. } = &*self.scope;
        let (handler, place) = (self.handler.name, Some(self.handler.place));
        Subject { handler, place, started: *started, message_id: message_id.as_deref() }
    }

    pub(crate) fn panicked(&self) -> Failure {
        let failure = Failure::new(Opaque::INTERNAL, &self.scope.request_id);
        report::panicked(self.subject(), &failure);
        failure
    }
}

/// A future of an invocation's: polled in it and dropped in it, and caught. Its memory is wiped when it has ended.
///
/// `None` says that it panicked.
pub(crate) struct Within<F> {
    scope: Arc<scope::Invocation>,
    future: Option<Apart<F>>,
}

impl<F> Within<F> {
    pub(crate) fn new(invocation: &Invocation, future: F) -> Self {
        Self { scope: Arc::clone(&invocation.scope), future: Some(Apart::new(future)) }
    }

    /// The locals of a future that panicked or was cancelled are dropped here, and may panic in their turn.
    fn end(&mut self) -> Option<()> {
        let future = self.future.take()?;
        let _inside = scope::enter(Arc::clone(&self.scope));
        caught(move || drop(future))
    }
}

impl<F: Future> Future for Within<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        let outcome = {
            let _inside = scope::enter(Arc::clone(&self.scope));
            let future = self.future.as_mut().expect("it is not polled again when it has ended");
            match caught(|| Pin::new(future).poll(context)) {
                Some(poll) => Some(ready!(poll)),
                None => None,
            }
        };
        if self.end().is_none() {
            let _inside = scope::enter(Arc::clone(&self.scope));
            caught(move || drop(outcome));
            return Poll::Ready(None);
        }
        Poll::Ready(outcome)
    }
}

impl<F> Drop for Within<F> {
    fn drop(&mut self) {
        self.end();
    }
}

/// What `#[secure_runtime::main]` does before it builds the runtime.
pub fn start(harden: bool) {
    if harden {
        crate::harden();
    }
    alloc::warm_up();
    panic::install_hook(Cover::Process);
}

/// Chooses between what is written before edition 2024 and since, by the edition of the word `gen` that comes first: it may
/// be the name of a type, until it became a keyword.
#[doc(hidden)]
#[macro_export]
macro_rules! __of_edition {
    ($word:ty { $($before:tt)* } { $($since:tt)* }) => { $($before)* };
    ($word:tt { $($before:tt)* } { $($since:tt)* }) => { $($since)* };
}
