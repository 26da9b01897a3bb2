//! The one error that a secured handler returns.

use std::fmt;

use lambda_runtime::Diagnostic;

use super::{Derived, Disposition, Opaque, OpaqueError};
use crate::scope;

/// What a caller gets of an error: a code, a fixed sentence and the request id.
///
/// A secured handler returns it in place of its own error. `Display`, `Debug` and `source` say nothing else, and in
/// lambda_runtime's [`Diagnostic`] the code is the `errorType`, so that Step Functions' `ErrorEquals` and alarms can tell
/// failures apart.
///
/// ```
/// use secure_runtime::prelude::*;
///
/// #[secure_handler]
/// async fn fails(_: LambdaEvent<()>) -> Result<(), Error> {
///     Err("admin@db.internal:5432 is down")?
/// }
///
/// # fn main() {
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let mut context = Context::default();
/// context.request_id = "8476a536".into();
/// let failure = fails(LambdaEvent::new(RawPayload::from(serde_json::json!(null)), context)).await.unwrap_err();
/// assert_eq!(failure.to_string(), "The request could not be processed. (request 8476a536)");
/// assert_eq!(failure.status(), 500);
/// # }) }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Failure {
    opaque: Opaque,
    request_id: String,
}

impl Failure {
    pub(crate) fn new(opaque: Opaque, request_id: &str) -> Self {
        let failure = Self { opaque, request_id: request_id.to_owned() };
        scope::answered_with(&failure);
        failure
    }

    /// The declared code in `snake_case`; `internal_error` where none was declared.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.opaque.code
    }

    /// The declared HTTP status, 400 to 599.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.opaque.status
    }

    /// The declared sentence, without the request id.
    #[must_use]
    pub fn message(&self) -> &'static str {
        self.opaque.message
    }

    /// The request that failed.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    pub(crate) fn is_callers_mistake(&self) -> bool {
        self.opaque.is_callers_mistake()
    }

    /// Whether the error was declared as `retry`.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.opaque.disposition == Disposition::Retry
    }

    /// Whether the error was declared as `poison`: the same event will never succeed.
    #[must_use]
    pub fn is_poison(&self) -> bool {
        self.opaque.disposition == Disposition::Poison
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (request {})", self.opaque.message, self.request_id)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("code", &self.opaque.code)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.code().to_owned(), error_message: failure.to_string() }
    }
}

impl Derived for Failure {}

/// A handler that calls another one passes its failure on as it is.
impl OpaqueError for Failure {
    fn __opaque(&self) -> Opaque {
        self.opaque
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn a_failure_says_code_message_and_request_in_every_form() {
        let failure = Failure::new(Opaque::INVALID_INPUT, "r-1");
        assert_eq!(failure.to_string(), "The input is not what this function takes. (request r-1)");
        assert_eq!(format!("{failure:?}"), r#"Failure { code: "invalid_input", request_id: "r-1", .. }"#);
        assert!(failure.source().is_none());
        assert!(failure.is_poison() && !failure.is_retryable());
        assert_eq!(
            Diagnostic::from(failure),
            Diagnostic {
                error_type: "invalid_input".into(),
                error_message: "The input is not what this function takes. (request r-1)".into(),
            }
        );
    }
}
