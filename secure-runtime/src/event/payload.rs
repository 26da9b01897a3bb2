//! The payload before it is parsed.

use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::{Value, value::RawValue};

use crate::scrub;

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
    json: String,
}

impl RawPayload {
    pub(crate) fn json(&self) -> &str {
        &self.json
    }
}

impl From<Value> for RawPayload {
    fn from(value: Value) -> Self {
        Self { json: value.to_string() }
    }
}

/// Takes any JSON as it is, unparsed.
impl<'de> Deserialize<'de> for RawPayload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self { json: Box::<str>::from(raw).into_string() })
    }
}

impl Drop for RawPayload {
    fn drop(&mut self) {
        scrub::wipe_string(&mut self.json);
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

    #[test]
    fn it_takes_any_json_as_it_is_written() {
        for json in [r#"{"b": 1.0e2, "a":"\u00e9"}"#, "null", "[]", "\"text\"", "-0.0"] {
            let payload: RawPayload = serde_json::from_str(json).unwrap();
            assert_eq!(payload.json(), json);
        }
    }

    #[test]
    fn it_takes_values() {
        let value = json!({"a": [1, null, "x"]});
        assert_eq!(RawPayload::from(value.clone()).json(), value.to_string());
        assert_eq!(serde_json::from_value::<RawPayload>(value.clone()).unwrap().json(), value.to_string());
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
}
