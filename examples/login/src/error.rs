//! How a login fails: what the log gets, and what the caller gets.

use secure_runtime::prelude::*;

use crate::{db::DbError, password::BrokenHash};

/// Why there is no session. `#[error]` is for those who mend it, `#[opaque]` for the caller.
#[derive(Debug, thiserror::Error, OpaqueError)]
pub enum LoginError {
    /// The caller must not learn which of the two was wrong.
    #[error("no user {0} with this password")]
    #[opaque(code = "invalid_login", status = 401, message = "User or password is wrong.")]
    Refused(String),
    /// The caller sees `internal_error`, nothing more.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The caller sees `internal_error`, nothing more.
    #[error(transparent)]
    Hash(#[from] BrokenHash),
}
