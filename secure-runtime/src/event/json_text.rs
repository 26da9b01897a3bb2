//! JSON in a string of JSON.

use std::{
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
};

use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};

use super::SecureEvent;
use crate::Invalid;

/// A JSON text within a string of an event, parsed: what SNS puts into `Message`, and API Gateway into `body`.
///
/// It dereferences to what was parsed. In a [`secure_event`](crate::secure_event) it is a `#[nested]` field. The text itself
/// is not kept; secrets in it are masked in the log as all others are.
///
/// ```
/// use secure_runtime::{JsonText, prelude::*};
///
/// #[secure_event]
/// #[serde(rename_all = "PascalCase")]
/// struct Notifications<'inv> {
///     #[nested]
///     records: Vec<Notification<'inv>>,
/// }
///
/// #[secure_event]
/// #[serde(rename_all = "PascalCase")]
/// struct Notification<'inv> {
///     #[nested]
///     sns: Message<'inv>,
/// }
///
/// #[secure_event]
/// #[serde(rename_all = "PascalCase")]
/// struct Message<'inv> {
///     #[public]
///     topic_arn: String,
///     #[nested]
///     message: JsonText<Payment<'inv>>,
/// }
///
/// #[secure_event]
/// struct Payment<'inv> {
///     card_number: Secret<'inv, String>,
/// }
///
/// #[secure_handler]
/// async fn pay(event: LambdaEvent<Notifications<'_>>) -> Result<usize, Error> {
///     let valid = |payment: &Payment<'_>| payment.card_number.expose(|number| number.len() == 16);
///     Ok(event.payload.records.iter().filter(|record| valid(&record.sns.message)).count())
/// }
///
/// # fn main() {
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let payload = RawPayload::from(serde_json::json!({"Records": [{"EventSource": "aws:sns", "Sns": {
///     "TopicArn": "arn:aws:sns:eu-west-1:123456789012:payments",
///     "Message": r#"{"card_number": "4111111111111111"}"#,
/// }}]}));
/// assert_eq!(pay(LambdaEvent::new(payload, Context::default())).await.unwrap(), 1);
/// # }) }
/// ```
///
/// Source: [what SNS sends](https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JsonText<T>(pub T);

impl<T> JsonText<T> {
    /// What was parsed.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for JsonText<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for JsonText<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: SecureEvent> SecureEvent for JsonText<T> {
    fn __validate(&self) -> Result<(), Invalid> {
        self.0.__validate()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for JsonText<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Text<T> {
            type Value = JsonText<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string that holds JSON")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<JsonText<T>, E> {
                // Read as a stream, nothing is borrowed from the text, which is gone with this call.
                let mut json = serde_json::Deserializer::from_reader(text.as_bytes());
                // Its errors quote what they found.
                let wrong = |_| E::custom("the string holds no JSON of this shape");
                let value = T::deserialize(&mut json).map_err(wrong)?;
                json.end().map_err(wrong)?;
                Ok(JsonText(value))
            }
        }

        deserializer.deserialize_str(Text(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Secret, event::parse};

    #[derive(Debug, Deserialize)]
    struct Inner<'inv> {
        #[serde(borrow)]
        pin: Secret<'inv, String>,
    }

    #[test]
    fn what_is_in_the_text_is_of_the_same_invocation() {
        let json = br#"{"a": "{\"pin\": \"12\\u00334\"}"}"#;
        let map: std::collections::BTreeMap<String, JsonText<Inner<'_>>> = parse::from_slice(json).unwrap();
        assert!(map["a"].pin.expose(|pin| pin == "1234"));
        assert_eq!(format!("{:?}", map["a"]), "JsonText(Inner { pin: Secret([redacted]) })");
    }

    #[test]
    fn an_error_says_where_the_text_is_and_nothing_of_it() {
        for json in [
            r#"["{\"pin\": 7}"]"#,
            r#"["{\"pin\": \"hunter2\"} hunter2"]"#,
            r#"["hunter2"]"#,
            r#"[""]"#,
            r#"[{"pin": "hunter2"}]"#,
        ] {
            let error = parse::from_slice::<Vec<JsonText<Inner<'_>>>>(json.as_bytes()).unwrap_err();
            assert_eq!(error.path, "[0]", "{json}");
        }
    }
}
