//! Which types may be events of a secured handler.

use serde::{Deserialize, de::IgnoredAny};
use zeroize::Zeroize;

use super::{ParseError, PublicEvent, RawPayload, parse};
use crate::{Context, LambdaEvent, Secret};

/// A type each of whose fields is declared: a [`Secret`], another event, or public.
///
/// Implemented by [`#[secure_event]`](macro@crate::secure_event), and by [`PublicEvent`] for types of other crates.
///
/// ```
/// use secure_runtime::prelude::*;
///
/// #[secure_event]
/// struct Order<'inv> {
///     #[public]
///     id: u64,
///     card_number: Secret<'inv, String>,
/// }
///
/// fn is_event<'inv, T: secure_runtime::SecureEvent + serde::Deserialize<'inv>>() {}
/// is_event::<Order<'_>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "SH010: the fields of `{Self}` are not declared as secret or public",
    label = "not an event of a secured handler",
    note = "help: write `#[secure_event]` on `{Self}` and make each field a `Secret<'inv, T>`, `#[nested]` or `#[public]`; \
            a type of another crate is wrapped: `PublicEvent<{Self}>`"
)]
pub trait SecureEvent {
    /// Where the derive puts its checks of the fields.
    #[doc(hidden)]
    fn __fields() {}
}

impl SecureEvent for () {}
impl SecureEvent for IgnoredAny {}
impl<T> SecureEvent for PublicEvent<T> {}
impl<T: Zeroize> SecureEvent for Secret<'_, T> {}
impl<T: SecureEvent> SecureEvent for Option<T> {}
impl<T: SecureEvent> SecureEvent for Vec<T> {}
impl<T: SecureEvent> SecureEvent for Box<T> {}

/// A handler's event parameter, parsed from the payload that it borrows from.
#[diagnostic::on_unimplemented(
    message = "SH005: a handler's event is a `LambdaEvent`, not `{Self}`",
    label = "not an event",
    note = "help: take the event as `event: LambdaEvent<T>`, where `T` is a `#[secure_event]`"
)]
pub trait Event<'inv>: Sized {
    /// Parses the event out of `raw`.
    ///
    /// # Errors
    /// When the payload is not of the event's shape.
    fn parse(raw: &'inv RawPayload, context: Context) -> Result<Self, ParseError>;
}

impl<'inv, T: SecureEvent + Deserialize<'inv>> Event<'inv> for LambdaEvent<T> {
    fn parse(raw: &'inv RawPayload, context: Context) -> Result<Self, ParseError> {
        parse::from_slice(raw.json()).map(|payload| LambdaEvent::new(payload, context))
    }
}
