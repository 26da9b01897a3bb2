//! The payload before it is parsed.

use std::{fmt, ops::Range, sync::Arc};

use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
    forward_to_deserialize_any,
};
use serde_json::{Value, value::RawValue};

use super::parse::{self, ParseError};
#[cfg(feature = "sqs")]
use crate::scrub::wipe_slice;
use crate::{scope, scrub::Buffer};

/// The text of an event, owned until the handler ends and wiped then.
///
/// It is what a secured handler takes from the runtime: any JSON at all. The handler's own event is parsed from it, and
/// borrows from it. There is no way to look inside; a unit test makes one with `RawPayload::from(json!({..}))`.
///
/// ```
/// use secure_runtime::prelude::*;
/// use serde_json::json;
///
/// #[secure_event]
/// struct Greeting {
///     #[public]
///     name: String,
/// }
///
/// #[secure_handler]
/// async fn greet(event: LambdaEvent<Greeting>) -> Result<String, Error> {
///     Ok(format!("hello {}", event.payload.name))
/// }
///
/// # fn main() {
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let payload = RawPayload::from(json!({"name": "Ada"}));
/// assert_eq!(format!("{payload:?}"), "RawPayload([redacted])");
/// let greeting = greet(LambdaEvent::new(payload, Context::default())).await;
/// assert_eq!(greeting.unwrap(), "hello Ada");
/// # }) }
/// ```
pub struct RawPayload {
    /// Shared with the invocation: its log knows by them what has been a secret.
    bytes: Arc<PayloadBytes>,
}

/// A payload where it lies: in the buffer that it was read into.
pub(crate) struct PayloadBytes {
    buffer: Buffer,
    payload: Range<usize>,
}

impl PayloadBytes {
    pub(crate) fn new(buffer: Buffer, payload: Range<usize>) -> Self {
        Self { buffer, payload }
    }

    pub(crate) fn json(&self) -> &[u8] {
        &self.buffer.content()[self.payload.clone()]
    }

    /// Overwrites a part of the payload.
    #[cfg(feature = "sqs")]
    pub(crate) fn wipe(&mut self, part: Range<usize>) {
        let part = self.payload.start + part.start..self.payload.start + part.end;
        wipe_slice(&mut self.buffer.content_mut()[part]);
    }

    /// The buffer, with everything that is in it.
    pub(crate) fn into_buffer(self) -> Buffer {
        self.buffer
    }
}

impl RawPayload {
    pub(crate) fn json(&self) -> &[u8] {
        self.bytes.json()
    }

    pub(crate) fn bytes(&self) -> &Arc<PayloadBytes> {
        &self.bytes
    }

    #[cfg(feature = "sqs")]
    pub(crate) fn into_bytes(self) -> Arc<PayloadBytes> {
        self.bytes
    }
}

impl From<Buffer> for PayloadBytes {
    fn from(buffer: Buffer) -> Self {
        let payload = 0..buffer.len();
        Self { buffer, payload }
    }
}

impl From<Buffer> for RawPayload {
    fn from(buffer: Buffer) -> Self {
        Self { bytes: Arc::new(buffer.into()) }
    }
}

impl From<Value> for RawPayload {
    fn from(value: Value) -> Self {
        let mut buffer = Buffer::default();
        serde_json::to_writer(&mut buffer, &value).expect("a value has string keys, and the buffer takes everything");
        Self::from(buffer)
    }
}

/// By this name it is asked for by a runtime of ours, which has the bytes at hand, and which no JSON can have.
const NAME: &str = "$secure_runtime::RawPayload";

/// Takes any JSON as it is, unparsed; from this crate's loop, any bytes at all, without a copy.
impl<'de> Deserialize<'de> for RawPayload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Unparsed;

        impl<'de> Visitor<'de> for Unparsed {
            type Value = RawPayload;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON")
            }

            /// What a data format does with a newtype.
            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<RawPayload, D::Error> {
                let raw = Box::<RawValue>::deserialize(deserializer)?;
                Ok(Buffer::from(Box::<str>::from(raw).into_string().into_bytes()).into())
            }

            /// What [`Handover`] does: the bytes lie ready.
            fn visit_unit<E: de::Error>(self) -> Result<RawPayload, E> {
                let bytes = scope::current().and_then(|invocation| invocation.accept_offer());
                bytes.map(|bytes| RawPayload { bytes }).ok_or_else(|| E::custom("no payload is offered"))
            }
        }

        deserializer.deserialize_newtype_struct(NAME, Unparsed)
    }
}

/// Hands the bytes of the current invocation to a [`RawPayload`], and nothing to anything else.
struct Handover;

impl<'de> Deserializer<'de> for Handover {
    type Error = Declined;

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &str, visitor: V) -> Result<V::Value, Declined> {
        if name == NAME { visitor.visit_unit() } else { Err(Declined) }
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Declined> {
        Err(Declined)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq
        tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// It was no [`RawPayload`].
#[derive(Debug)]
struct Declined;

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a raw payload")
    }
}

impl std::error::Error for Declined {}

impl de::Error for Declined {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Makes an event of the current invocation's bytes: a [`RawPayload`] shares them, anything else is parsed from them.
pub(crate) fn event<A: de::DeserializeOwned>(invocation: &scope::Invocation) -> Result<A, ParseError> {
    invocation.offer();
    let offered = A::deserialize(Handover);
    match (offered, invocation.take_offer_back()) {
        (Ok(event), None) => Ok(event),
        // A type may make something of an error, too; what counts is whether it took the offer.
        (_, bytes) => {
            parse::from_slice(bytes.or_else(|| invocation.bytes()).as_deref().map_or(b"", PayloadBytes::json))
        }
    }
}

impl fmt::Debug for RawPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawPayload([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scope::Invocation;

    #[test]
    fn it_takes_any_json_as_it_is_written() {
        for json in [r#"{"b": 1.0e2, "a":"\u00e9"}"#, "null", "[]", "\"text\"", "-0.0"] {
            let payload: RawPayload = serde_json::from_str(json).unwrap();
            assert_eq!(payload.json(), json.as_bytes());
        }
    }

    #[test]
    fn it_takes_values() {
        let value = json!({"a": [1, null, "x"]});
        assert_eq!(RawPayload::from(value.clone()).json(), value.to_string().as_bytes());
        assert_eq!(serde_json::from_value::<RawPayload>(value.clone()).unwrap().json(), value.to_string().as_bytes());
    }

    #[test]
    fn it_refuses_what_is_no_json() {
        for malformed in ["", "{", "{\"a\":}", "nul", "\"\\x\""] {
            assert!(serde_json::from_str::<RawPayload>(malformed).is_err(), "{malformed}");
        }
    }

    #[test]
    fn a_deep_payload_is_taken_without_recursion() {
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        assert_eq!(serde_json::from_str::<RawPayload>(&deep).unwrap().json().len(), deep.len());
    }

    fn arrived(text: &[u8]) -> Arc<Invocation> {
        let mut buffer = Buffer::default();
        buffer.push(b"head");
        buffer.push(text);
        let payload = 4..buffer.len();
        Invocation::arrived("r-1", PayloadBytes::new(buffer, payload))
    }

    #[test]
    fn the_loops_buffer_is_shared_as_it_is_and_comes_back_when_nobody_else_has_it() {
        let invocation = arrived(b"{no json");
        let _inside = scope::enter(Arc::clone(&invocation));
        let payload: RawPayload = event(&invocation).unwrap();
        assert_eq!(payload.json(), b"{no json");
        let address = payload.json().as_ptr();
        assert!(invocation.take_bytes().is_none(), "somebody still has it");

        let invocation = arrived(b"7");
        let _inside = scope::enter(Arc::clone(&invocation));
        let other: RawPayload = event(&invocation).unwrap();
        let other_address = other.json().as_ptr();
        assert_ne!(other_address, address);
        drop(other);
        assert_eq!(invocation.take_bytes().unwrap().json().as_ptr(), other_address, "the same buffer, not a copy");
    }

    #[test]
    fn any_other_event_is_parsed_from_the_loops_buffer_which_stays() {
        /// Makes something of every error.
        struct Tolerant(u8);
        impl<'de> Deserialize<'de> for Tolerant {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(Self(u8::deserialize(deserializer).unwrap_or(99)))
            }
        }
        #[derive(Deserialize)]
        struct Nested {
            inner: RawPayload,
        }

        for (text, expected) in [(&b"7"[..], 7), (b"\"x\"", 99)] {
            let invocation = arrived(text);
            let _inside = scope::enter(Arc::clone(&invocation));
            assert_eq!(event::<Tolerant>(&invocation).unwrap().0, expected);
            assert_eq!(invocation.take_bytes().unwrap().json(), text);
        }
        let invocation = arrived(b"{\"inner\": [1]}");
        let _inside = scope::enter(Arc::clone(&invocation));
        assert_eq!(event::<Nested>(&invocation).unwrap().inner.json(), b"[1]");
    }
}
