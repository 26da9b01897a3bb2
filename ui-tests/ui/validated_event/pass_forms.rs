#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, rust_2018_idioms, unreachable_pub, unused, nonstandard_style, future_incompatible)]
#![deny(unused_lifetimes, unused_qualifications, unused_results)]
//! Whatever a validated event is made of, and wherever it is nested.

use ::secure_runtime::{Error, Invalid, LambdaEvent, RawPayload, Secret, secure_event, secure_handler};
use ::std::{
    boxed::Box,
    option::Option::{self, None},
    result::Result::{self, Err, Ok},
    string::String,
    vec::Vec,
};

/// A trait of the program's own by the same name, with a method by the same name.
pub trait Validate {
    /// Is not what is meant.
    fn validate(&self) {
        ::std::panic!()
    }
}

impl<T> Validate for T {}

/// A payment.
#[secure_event(validate)]
#[derive(::std::fmt::Debug)]
pub struct Payment<'inv> {
    #[public]
    amount: u32,
    pin: Secret<'inv, String>,
}

impl ::secure_runtime::Validate for Payment<'_> {
    fn validate(&self) -> Result<(), Invalid> {
        if self.amount > 1000 {
            return Err(Invalid::field("amount"));
        }
        if self.pin.expose(|pin| pin.len() == 4) { Ok(()) } else { Err(Invalid::field("pin")) }
    }
}

/// What is nested in an enum, in fields of every kind.
#[secure_event(validate)]
#[serde(tag = "kind")]
#[derive(::std::fmt::Debug)]
pub enum Method<'inv> {
    /// With names.
    Card {
        /// One of them is old.
        #[deprecated]
        #[nested]
        first: Payment<'inv>,
        /// May be left out.
        #[nested]
        #[serde(default)]
        second: Option<Payment<'inv>>,
    },
    /// Without, and old as well.
    #[deprecated]
    Boxed(#[nested] Box<Payment<'inv>>),
    /// Not there.
    #[cfg(any())]
    Gone(#[nested] Gone),
    /// Nothing to validate.
    Cash,
}

impl ::secure_runtime::Validate for Method<'_> {
    fn validate(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

/// Nothing but nested events, one without a name.
#[secure_event]
#[derive(::std::fmt::Debug)]
pub struct Wrapper<'inv, T>(#[nested] Vec<Method<'inv>>, #[nested] T, #[cfg(any())] #[nested] Gone)
where
    T: ::std::fmt::Debug;

/// Never there.
#[secure_event(validate)]
#[derive(::std::fmt::Debug)]
pub enum Never {}

impl ::secure_runtime::Validate for Never {
    fn validate(&self) -> Result<(), Invalid> {
        Err(Invalid::value())
    }
}

/// Generic, and validated by what its parameter is.
#[secure_event(validate, crate = ::secure_runtime)]
#[derive(::std::fmt::Debug)]
pub struct Page<T> {
    #[nested]
    r#type: Vec<T>,
}

impl<T: ::std::fmt::Debug> ::secure_runtime::Validate for Page<T> {
    fn validate(&self) -> Result<(), Invalid> {
        if self.r#type.is_empty() { Err(Invalid::field("type")) } else { Ok(()) }
    }
}

#[secure_handler]
async fn handler(event: LambdaEvent<Page<Wrapper<'_, Option<Never>>>>) -> Result<usize, Error> {
    Ok(event.payload.r#type.len())
}

async fn asked(json: &str) -> Option<usize> {
    let payload: RawPayload = ::serde_json::from_str(json).ok()?;
    handler(LambdaEvent::new(payload, ::std::default::Default::default())).await.ok()
}

#[::secure_runtime::main]
async fn main() {
    const GOOD: &str = r#"{"amount": 7, "pin": "1234"}"#;
    const DEAR: &str = r#"{"amount": 7000, "pin": "1234"}"#;
    let page = |method: &str| ::std::format!(r#"{{"type": [[[{{"kind": "Cash"}}, {method}], null]]}}"#);
    let card = |payment: &str| page(&::std::format!(r#"{{"kind": "Card", "first": {GOOD}, "second": {payment}}}"#));
    let boxed = |amount: u32| page(&::std::format!(r#"{{"kind": "Boxed", "amount": {amount}, "pin": "1234"}}"#));
    ::std::assert_eq!(asked(&card(GOOD)).await, Option::Some(1));
    ::std::assert_eq!(asked(&boxed(7)).await, Option::Some(1));
    ::std::assert_eq!(asked(&card(DEAR)).await, None);
    ::std::assert_eq!(asked(&boxed(7000)).await, None);
    ::std::assert_eq!(asked(r#"{"type": []}"#).await, None);
}
