//! The everyday names: `use secure_runtime::prelude::*;`.
//!
//! ```
//! use secure_runtime::prelude::*;
//!
//! #[secure_event]
//! struct Ping {
//!     #[public]
//!     count: u32,
//! }
//!
//! #[secure_handler]
//! async fn ping(event: LambdaEvent<Ping>) -> Result<u32, Error> {
//!     Ok(event.payload.count + 1)
//! }
//! ```

#[cfg(feature = "http")]
pub use crate::http::{HttpRequest, IntoResponse};
pub use crate::{
    Context, Error, LambdaEvent, OpaqueError, Public, PublicEvent, RawPayload, Secret, Validated, secure_event,
    secure_fn, secure_handler, service_fn,
};
#[cfg(feature = "sqs")]
pub use crate::{dead_letter::DeadLetterSink, sqs::Record};
