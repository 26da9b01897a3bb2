//! Events: what a handler gets, and the bytes it is parsed from.

mod payload;
mod public_event;
mod secure_event;

pub use self::{
    payload::RawPayload,
    public_event::PublicEvent,
    secure_event::{Event, SecureEvent},
};
