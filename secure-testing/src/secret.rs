//! Secrets for unit tests of helpers.

use secure_runtime::Secret;
use zeroize::Zeroize;

/// Makes a [`Secret`], for unit tests of helpers that take one.
///
/// In a function a secret comes with an event or is made by `#[secret] let`, because it belongs to an invocation. In a test
/// there is none, so its life is as long as the test asks for.
///
/// ```
/// use secure_runtime::Secret;
///
/// fn is_long_enough(password: &Secret<'_, String>) -> bool {
///     password.expose(|password| password.chars().count() >= 12)
/// }
///
/// assert!(is_long_enough(&secure_testing::secret("correct horse".to_owned())));
/// assert!(!is_long_enough(&secure_testing::secret("hunter2".to_owned())));
/// ```
#[must_use]
pub fn secret<T: Zeroize>(value: T) -> Secret<'static, T> {
    secure_runtime::__v1::brand(value)
}
