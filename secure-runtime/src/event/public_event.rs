//! Events of other crates whose every field is declared public.

use std::ops::{Deref, DerefMut};

use serde::Deserialize;

/// An event type of another crate, all of whose fields are declared public.
///
/// Nothing in it is kept from logs or answers, or wiped: it is for S3 notifications and the like, that carry names of
/// things. It dereferences to the event.
///
/// ```
/// use secure_runtime::prelude::*;
///
/// // Stands for `aws_lambda_events::s3::S3Event`.
/// #[derive(serde::Deserialize)]
/// struct S3Event {
///     records: Vec<String>,
/// }
///
/// #[secure_handler]
/// async fn thumbnail(event: LambdaEvent<PublicEvent<S3Event>>) -> Result<usize, Error> {
///     Ok(event.payload.records.len())
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct PublicEvent<T>(T);

impl<T> PublicEvent<T> {
    /// Declares every field of `event` public.
    pub fn new(event: T) -> Self {
        Self(event)
    }

    /// The event itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for PublicEvent<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for PublicEvent<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
