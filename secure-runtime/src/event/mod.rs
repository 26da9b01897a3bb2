//! Events: what a handler gets, and the bytes it is parsed from.

mod json_text;
mod parse;
mod path;
mod payload;
mod public_event;
mod secure_event;

#[cfg(feature = "sqs")]
pub(crate) use self::parse::event_from_slice;
#[cfg(feature = "http")]
pub(crate) use self::parse::from_form;
#[cfg(any(feature = "http", feature = "sqs"))]
pub(crate) use self::parse::from_slice;
#[cfg(feature = "http")]
pub(crate) use self::parse::validated;
pub(crate) use self::payload::{PayloadBytes, event};
pub use self::{
    json_text::JsonText,
    parse::ParseError,
    payload::RawPayload,
    public_event::PublicEvent,
    secure_event::{Event, SecureEvent},
};
