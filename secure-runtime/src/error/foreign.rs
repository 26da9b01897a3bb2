//! Errors of other crates, internal to the caller whatever they say; and `Invalid`, which is his mistake.

use std::{convert::Infallible, sync::Arc};

use lambda_runtime::Diagnostic;

use super::{CodeList, Derived, Opaque, OpaqueError, Text, inner};
use crate::Invalid;

macro_rules! internal {
    ($($error:ty: $text:expr),* $(,)?) => {
        $(
            impl Derived for $error {}
            impl OpaqueError for $error {
                fn __opaque(&self) -> Opaque {
                    Opaque::INTERNAL
                }

                fn __text(&self) -> Text<'_> {
                    let text: fn(&Self) -> Text<'_> = $text;
                    text(self)
                }
            }
        )*
    };
}

internal!(
    lambda_runtime::Error: |error| Text::Error(&**error),
    Box<dyn std::error::Error>: |error| Text::Error(&**error),
    Diagnostic: |diagnostic| Text::Display(&diagnostic.error_message),
    std::io::Error: |error| Text::Error(error),
    serde_json::Error: |error| Text::Error(error),
    String: |text| Text::Display(text),
    &'static str: |text| Text::Display(text),
);

#[cfg(feature = "anyhow")]
internal!(anyhow::Error: |error| Text::Error(&**error));

#[cfg(feature = "s3")]
internal!(crate::s3::SealedObjectError: |error| Text::Error(error));

#[cfg(feature = "signed-token")]
internal!(
    crate::token::InvalidKey: |error| Text::Error(error),
    crate::token::NotSigned: |error| Text::Error(error),
);

impl Derived for Infallible {}
impl OpaqueError for Infallible {
    fn __opaque(&self) -> Opaque {
        match *self {}
    }

    fn __codes(_: &mut CodeList) {}
}

/// The caller's mistake, in the words that the runtime has for it.
impl Derived for Invalid {}
impl OpaqueError for Invalid {
    fn __opaque(&self) -> Opaque {
        Opaque::INVALID_INPUT
    }

    fn __codes(codes: &mut CodeList) {
        codes.add(Opaque::INVALID_INPUT);
    }

    fn __text(&self) -> Text<'_> {
        Text::Error(self)
    }
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

                fn __text(&self) -> Text<'_> {
                    (**self).__text()
                }
            }
        )*
    };
}

pointers!(Box, Arc);
