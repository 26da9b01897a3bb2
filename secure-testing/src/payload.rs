//! What is sent to a function.

use bytes::Bytes;
use serde_json::Value;

/// An event's bytes, sent as they are: they needn't be JSON, nor UTF-8.
///
/// ```
/// use secure_testing::Payload;
///
/// Payload::from(serde_json::json!({"user": "ann"}));
/// Payload::from(r#"{"user": "#); // cut off
/// Payload::from(b"\xff\xfe"); // no UTF-8
/// ```
#[derive(Clone, Debug)]
pub struct Payload(pub(crate) Bytes);

impl From<Value> for Payload {
    fn from(value: Value) -> Self {
        value.to_string().into()
    }
}

impl From<&Value> for Payload {
    fn from(value: &Value) -> Self {
        value.to_string().into()
    }
}

impl From<String> for Payload {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Payload {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<&[u8]> for Payload {
    fn from(bytes: &[u8]) -> Self {
        Self(Bytes::copy_from_slice(bytes))
    }
}

impl<const N: usize> From<&[u8; N]> for Payload {
    fn from(bytes: &[u8; N]) -> Self {
        bytes.as_slice().into()
    }
}
