//! Hands an event's bytes around lambda_runtime, which would quote them in errors and, at level `trace`, log them.
//!
//! lambda_runtime gets an empty body. It deserialises it within `call`, on the same thread, into an [`Arrived`], which
//! ignores it and takes the real bytes instead.

use std::{
    cell::Cell,
    task::{Context, Poll},
};

use bytes::Bytes;
use lambda_runtime::{LambdaInvocation, Service, tower::Layer};
use serde::{Deserialize, Deserializer};

use crate::{panic::caught, scrub};

thread_local! {
    static BODY: Cell<Option<Bytes>> = const { Cell::new(None) };
}

/// Puts [`Handover`] around lambda_runtime's own services.
pub(super) struct HandoverLayer;

impl<S> Layer<S> for HandoverLayer {
    type Service = Handover<S>;

    fn layer(&self, inner: S) -> Handover<S> {
        Handover { inner }
    }
}

/// Takes the body out of an invocation.
#[derive(Clone)]
pub(super) struct Handover<S> {
    inner: S,
}

impl<S: Service<LambdaInvocation>> Service<LambdaInvocation> for Handover<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut invocation: LambdaInvocation) -> S::Future {
        BODY.set(Some(std::mem::take(&mut invocation.body)));
        let future = self.inner.call(invocation);
        // lambda_runtime did not ask for it when it refused the event itself.
        if let Some(body) = BODY.take() {
            wipe(body);
        }
        future
    }
}

/// An event as the service around the user's sees it: parsed, or the reason why not.
pub(super) struct Arrived<A> {
    /// `None`: the event's own `Deserialize` panicked.
    pub(super) event: Option<Result<A, serde_json::Error>>,
}

/// Never fails, so that lambda_runtime has no error to log and to send.
impl<'de, A: for<'a> Deserialize<'a>> Deserialize<'de> for Arrived<A> {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        let body = BODY.take().unwrap_or_default();
        let event = caught(|| serde_json::from_slice(&body));
        wipe(body);
        Ok(Self { event })
    }
}

/// Wipes the bytes when nobody else holds them.
fn wipe(body: Bytes) {
    if let Ok(mut bytes) = body.try_into_mut() {
        scrub::wipe_slice(&mut bytes);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// What lambda_runtime does with an empty body.
    fn deserialised<A: for<'a> Deserialize<'a>>(body: &'static [u8]) -> Arrived<A> {
        BODY.set(Some(Bytes::from(body.to_vec())));
        let mut empty = serde_json::Deserializer::from_slice(b"");
        Arrived::deserialize(&mut empty).unwrap_or_else(|_| unreachable!("it never fails"))
    }

    #[test]
    fn the_real_bytes_are_parsed() {
        let event = deserialised::<Value>(b"{\"a\": 1}").event.unwrap().unwrap();
        assert_eq!(event["a"], 1);
    }

    #[test]
    fn bad_bytes_are_an_event_with_an_error() {
        for body in [&b""[..], b"{", b"{\"a\": \xff}", b"{} trailing", b"7"] {
            assert!(deserialised::<Vec<u8>>(body).event.unwrap().is_err(), "{}", body.escape_ascii());
        }
    }

    #[test]
    fn the_bytes_are_taken_once() {
        drop(deserialised::<Value>(b"1"));
        assert!(BODY.take().is_none());
    }
}
