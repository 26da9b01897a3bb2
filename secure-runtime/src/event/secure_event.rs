//! Which types may be events of a secured handler.

use serde::{Deserialize, de::IgnoredAny};
use zeroize::Zeroize;

use super::{ParseError, PublicEvent, RawPayload, parse};
use crate::{Context, Invalid, LambdaEvent, Secret};

/// A type each of whose fields is declared: a [`Secret`], another event, or public.
///
/// Implemented by [`#[secure_event]`](macro@crate::secure_event), and by [`PublicEvent`] for types of other crates.
///
/// ```
/// use secure_runtime::prelude::*;
///
/// #[secure_event]
/// struct Order<'inv> {
///     #[public]
///     id: u64,
///     card_number: Secret<'inv, String>,
/// }
///
/// fn is_event<'inv, T: secure_runtime::SecureEvent + serde::Deserialize<'inv>>() {}
/// is_event::<Order<'_>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "SH010: the fields of `{Self}` are not declared as secret or public",
    label = "not an event of a secured handler",
    note = "help: write `#[secure_event]` on `{Self}` and make each field a `Secret<'inv, T>`, `#[nested]` or `#[public]`; \
            a type of another crate is wrapped: `PublicEvent<{Self}>`"
)]
pub trait SecureEvent {
    /// Where the derive puts its checks of the fields.
    #[doc(hidden)]
    fn __fields() {}

    /// Where the derive asks the nested events and, with `validate`, the type itself.
    #[doc(hidden)]
    fn __validate(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

impl SecureEvent for () {}
impl SecureEvent for IgnoredAny {}
impl<T> SecureEvent for PublicEvent<T> {}
impl<T: Zeroize> SecureEvent for Secret<'_, T> {}

impl<T: SecureEvent> SecureEvent for Option<T> {
    fn __validate(&self) -> Result<(), Invalid> {
        self.iter().try_for_each(T::__validate)
    }
}

impl<T: SecureEvent> SecureEvent for Vec<T> {
    fn __validate(&self) -> Result<(), Invalid> {
        self.iter().try_for_each(T::__validate)
    }
}

impl<T: SecureEvent> SecureEvent for Box<T> {
    fn __validate(&self) -> Result<(), Invalid> {
        T::__validate(self)
    }
}

/// A handler's event parameter, parsed from the payload that it borrows from.
#[diagnostic::on_unimplemented(
    message = "SH005: a handler's event is a `LambdaEvent`, not `{Self}`",
    label = "not an event",
    note = "help: take the event as `event: LambdaEvent<T>`, where `T` is a `#[secure_event]`"
)]
pub trait Event<'inv>: Sized {
    /// Parses the event out of `raw`, and validates it.
    ///
    /// # Errors
    /// When the payload is not of the event's shape, or not valid.
    fn parse(raw: &'inv RawPayload, context: Context) -> Result<Self, ParseError>;
}

impl<'inv, T: SecureEvent + Deserialize<'inv>> Event<'inv> for LambdaEvent<T> {
    fn parse(raw: &'inv RawPayload, context: Context) -> Result<Self, ParseError> {
        parse::event_from_slice(raw.json()).map(|payload| LambdaEvent::new(payload, context))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::parse::event_from_slice, *};
    use crate::{Validate, secure_event};

    #[secure_event(crate = crate, validate)]
    struct Payment<'inv> {
        #[public]
        amount: u32,
        pin: Secret<'inv, String>,
    }

    impl Validate for Payment<'_> {
        fn validate(&self) -> Result<(), Invalid> {
            if self.amount > 1000 {
                return Err(Invalid::field("amount"));
            }
            if self.pin.expose(|pin| pin.len() == 4) { Ok(()) } else { Err(Invalid::field("pin")) }
        }
    }

    /// Asks for nothing itself.
    #[secure_event(crate = crate)]
    #[serde(tag = "kind")]
    enum Method<'inv> {
        Card {
            #[nested]
            payment: Payment<'inv>,
            #[nested]
            second: Option<Payment<'inv>>,
        },
        #[cfg(test)]
        Boxed(#[nested] Box<Payment<'inv>>),
        #[cfg(not(test))]
        Gone(#[nested] Gone),
        Cash,
    }

    /// Is valid when its parts are, and says so itself as well.
    #[secure_event(crate = crate, validate)]
    struct Order<'inv, T> {
        #[public]
        id: u64,
        #[nested]
        methods: Vec<Method<'inv>>,
        #[nested]
        more: T,
    }

    impl<T: SecureEvent> Validate for Order<'_, T> {
        fn validate(&self) -> Result<(), Invalid> {
            // What is nested has been asked before.
            for method in &self.methods {
                if let Method::Card { payment, .. } = method {
                    assert!(payment.amount <= 1000);
                }
            }
            if self.id == 0 { Err(Invalid::value()) } else { Ok(()) }
        }
    }

    fn error<'de, T: SecureEvent + Deserialize<'de>>(json: &'de str) -> Option<(&'static str, String)> {
        event_from_slice::<T>(json.as_bytes()).err().map(|error| (error.kind, error.path))
    }

    #[test]
    fn events_are_validated_wherever_they_stand() {
        let payment = |amount: u32, pin: &str| format!(r#"{{"amount": {amount}, "pin": "{pin}"}}"#);
        let (good, dear, short) = (payment(7, "1234"), payment(7000, "1234"), payment(7, "123"));
        let order = |methods: &str, more: &str| format!(r#"{{"id": 1, "methods": [{methods}], "more": {more}}}"#);
        let card =
            |payment: &str, second: &str| format!(r#"{{"kind": "Card", "payment": {payment}, "second": {second}}}"#);
        let boxed = |amount: u32| format!(r#"{{"kind": "Boxed", "amount": {amount}, "pin": "1234"}}"#);
        let cash = r#"{"kind": "Cash"}"#;
        let all = format!("{cash}, {}, {}", card(&good, &good), boxed(1));
        for (json, field) in [
            (order("", "null"), None),
            (order(&all, &good), None),
            (order(&all, &dear), Some("amount")),
            (order(&all, &short), Some("pin")),
            (order(&format!("{all}, {}", card(&dear, "null")), "null"), Some("amount")),
            (order(&format!("{all}, {}", card(&good, &short)), "null"), Some("pin")),
            (order(&format!("{}, {all}", boxed(7000)), "null"), Some("amount")),
            (order(&all, "null").replace("\"id\": 1", "\"id\": 0"), Some("")),
        ] {
            let expected = field.map(|field| (ParseError::VALIDATION, field.to_owned()));
            assert_eq!(error::<Order<'_, Option<Payment<'_>>>>(&json), expected, "{json}");
        }
    }

    #[test]
    fn what_does_not_parse_is_not_validated() {
        assert_eq!(error::<Payment<'_>>(r#"{"amount": 7000}"#).unwrap().0, "data");
        assert_eq!(error::<Payment<'_>>("").unwrap().0, "eof");
        assert_eq!(error::<()>("null"), None);
        assert_eq!(error::<PublicEvent<u8>>("7"), None);
    }

    #[test]
    fn an_error_quotes_nothing() {
        let error = event_from_slice::<Payment<'_>>(br#"{"amount": 7, "pin": "hunter2"}"#).err().unwrap();
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }

    #[cfg(feature = "garde")]
    #[test]
    fn garde_validates_and_its_words_end_here() {
        use std::collections::HashMap;

        #[derive(Deserialize, garde::Validate)]
        #[garde(transparent)]
        struct Word(#[garde(length(max = 4))] String);

        #[secure_event(crate = crate, validate = garde)]
        #[derive(garde::Validate)]
        enum Article<'inv> {
            #[serde(untagged)]
            Sold {
                #[public]
                #[garde(length(max = 4))]
                r#type: String,
                #[public]
                #[garde(dive)]
                stock: HashMap<String, Word>,
                #[nested]
                #[garde(skip)]
                payment: Option<Payment<'inv>>,
            },
            #[serde(untagged)]
            Bare(
                #[public]
                #[garde(length(max = 4))]
                String,
            ),
        }

        let sold = |kind: &str, key: &str, value: &str, payment: &str| {
            format!(r#"{{"type": "{kind}", "stock": {{"{key}": "{value}"}}, "payment": {payment}}}"#)
        };
        for (json, field) in [
            (sold("book", "hunter2", "1", "null"), None),
            (sold("hunter2", "a", "1", "null"), Some("type")),
            (sold("book", "hunter2", "hunter2", "null"), Some("stock")),
            (sold("book", "a", "1", r#"{"amount": 7, "pin": "hunter2"}"#), Some("pin")),
            ("\"word\"".to_owned(), None),
            ("\"hunter2\"".to_owned(), Some("")),
        ] {
            let expected = field.map(|field| (ParseError::VALIDATION, field.to_owned()));
            assert_eq!(error::<Article<'_>>(&json), expected, "{json}");
        }
    }
}
