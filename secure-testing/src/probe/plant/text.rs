//! How a text in an event is written: HTTP front ends put a body into a string, Kinesis puts data there in Base64.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Plain,
    Base64,
}

impl Text {
    /// The JSON document that a text holds, and how it is written.
    pub(super) fn json(text: &str, written: Self) -> Option<(Value, Self)> {
        let plain = || (written == Self::Plain).then(|| document(text.as_bytes())).flatten();
        let base64 = || document(&BASE64_STANDARD.decode(text).ok()?);
        plain().map(|json| (json, Self::Plain)).or_else(|| Some((base64()?, Self::Base64)))
    }

    pub(super) fn write(self, text: String) -> String {
        match self {
            Self::Plain => text,
            Self::Base64 => BASE64_STANDARD.encode(text),
        }
    }
}

/// An object or an array. `12` is JSON as well, but a text that holds it is a text.
fn document(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok().filter(|json: &Value| json.is_object() || json.is_array())
}
