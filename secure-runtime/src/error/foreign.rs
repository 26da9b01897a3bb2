//! Errors of other crates: internal to the caller, whatever they say.

use std::convert::Infallible;

use lambda_runtime::Diagnostic;

use super::{Derived, Opaque, OpaqueError};

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
}

impl<E: OpaqueError> Derived for Box<E> {}
impl<E: OpaqueError> OpaqueError for Box<E> {
    fn __opaque(&self) -> Opaque {
        (**self).__opaque()
    }
}
