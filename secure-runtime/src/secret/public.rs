//! What may leave `expose`: a verdict.

use std::{cmp::Ordering, convert::Infallible, marker::PhantomData};

/// What carries no more than a verdict, and so may be returned from [`Secret::expose`](crate::Secret::expose).
///
/// It is implemented for `()`, `bool`, [`Ordering`], and for `Option`, `Result` and tuples of such; and by
/// `#[derive(Public)]` for enums and structs whose fields are all `Public`. Integers, strings and bytes carry data and are
/// not: a verdict about them is, and [`declassify`](crate::Secret::declassify) is for the rest. It can't be implemented by
/// hand.
///
/// ```
/// use secure_runtime::prelude::*;
///
/// #[derive(Debug, PartialEq, Public)]
/// enum Strength {
///     Weak,
///     Strong { digits: bool },
/// }
/// # #[secure_event] struct Event<'inv> { password: Secret<'inv, String> }
/// # #[secure_handler] async fn handler(event: LambdaEvent<Event<'_>>) -> Result<bool, Error> {
///
/// let strength = event.payload.password.expose(|password| match password.len() {
///     0..12 => Strength::Weak,
///     _ => Strength::Strong { digits: password.contains(|c: char| c.is_ascii_digit()) },
/// });
/// # Ok(strength == Strength::Weak) }
/// ```
///
/// # What it can't prevent
///
/// An enum with many variants, or a verdict that is asked for again and again, carries data bit by bit.
#[diagnostic::on_unimplemented(
    message = "`{Self}` carries more than a verdict, so it can't leave `expose`",
    label = "this would copy secret data out of the secret",
    note = "help: answer with `bool`, `Ordering` or an enum that has `#[derive(Public)]`; keep derived data secret with \
            `secret.map(|value| ..)`; or say why it may be known: `secret.declassify(\"the reason\", |value| ..)`"
)]
pub trait Public: Verdict {}

/// Seals [`Public`]: the derive alone implements it.
#[diagnostic::on_unimplemented(
    message = "`Public` can't be implemented by hand for `{Self}`",
    label = "not derived",
    note = "help: write `#[derive(Public)]` on the type: it checks that every field is a verdict"
)]
pub trait Verdict {
    /// Where the derive puts its checks of the fields.
    #[doc(hidden)]
    fn __fields() {}
}

macro_rules! verdicts {
    ($($kind:ty),*) => { $(impl Verdict for $kind {} impl Public for $kind {})* };
}

verdicts!((), bool, Ordering, Infallible);

impl<T: ?Sized> Verdict for PhantomData<T> {}
impl<T: ?Sized> Public for PhantomData<T> {}
impl<T: Public> Verdict for Option<T> {}
impl<T: Public> Public for Option<T> {}
impl<T: Public, E: Public> Verdict for Result<T, E> {}
impl<T: Public, E: Public> Public for Result<T, E> {}

// One line a length: a macro that counts down would be longer than its expansion is dull.
macro_rules! tuple {
    ($($name:ident),+) => {
        impl<$($name: Public),+> Verdict for ($($name,)+) {}
        impl<$($name: Public),+> Public for ($($name,)+) {}
    };
}

tuple!(A);
tuple!(A, B);
tuple!(A, B, C);
tuple!(A, B, C, D);
tuple!(A, B, C, D, E);
tuple!(A, B, C, D, E, F);
tuple!(A, B, C, D, E, F, G);
tuple!(A, B, C, D, E, F, G, H);
