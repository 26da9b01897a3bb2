//! Errors of other crates: internal to the caller, whatever they say.

use std::{convert::Infallible, sync::Arc};

use lambda_runtime::Diagnostic;

use super::{CodeList, Derived, Opaque, OpaqueError, inner};

macro_rules! internal {
    ($($error:ty),* $(,)?) => {
        $(
            impl Derived for $error {}
            impl OpaqueError for $error {
                fn __opaque(&self) -> Opaque {
                    Opaque::INTERNAL
                }
            }
        )*
    };
}

internal!(
    lambda_runtime::Error,
    Box<dyn std::error::Error>,
    Diagnostic,
    std::io::Error,
    serde_json::Error,
    String,
    &'static str,
);

#[cfg(feature = "anyhow")]
internal!(anyhow::Error);

impl Derived for Infallible {}
impl OpaqueError for Infallible {
    fn __opaque(&self) -> Opaque {
        match *self {}
    }

    fn __codes(_: &mut CodeList) {}
}

/// What points to an error is that error.
macro_rules! pointers {
    ($($pointer:ident),*) => {
        $(
            impl<E: OpaqueError> Derived for $pointer<E> {}
            impl<E: OpaqueError> OpaqueError for $pointer<E> {
                fn __opaque(&self) -> Opaque {
                    (**self).__opaque()
                }

                fn __codes(codes: &mut CodeList) {
                    inner::<E>().codes(codes);
                }
            }
        )*
    };
}

pointers!(Box, Arc);
