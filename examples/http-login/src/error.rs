//! How a request fails: what the log gets, and what the caller gets.

use secure_runtime::prelude::*;

use crate::{password::BrokenHash, session::NoRandomness, users::UsersError};

/// Why there is no session. `#[error]` is for those who mend it, `#[opaque]` for the caller.
#[derive(Debug, thiserror::Error, OpaqueError)]
pub enum LoginError {
    /// The caller must not learn which of the two was wrong.
    #[error("no user {0} with this password")]
    #[opaque(code = "invalid_login", status = 401, message = "User or password is wrong.")]
    Refused(String),
    /// Nor whether there is such a user: unknown ones are locked likewise.
    #[error("{0} is locked after too many attempts")]
    #[opaque(code = "too_many_attempts", status = 429, message = "Too many attempts. Try again later.", retry)]
    Locked(String),
    /// `POST /login` without one of the two.
    #[error("no user or no password")]
    #[opaque(code = "incomplete_login", status = 400, message = "A user and a password are needed.")]
    Incomplete,
    /// Any other path.
    #[error("no such path")]
    #[opaque(code = "not_found", status = 404, message = "There is nothing at this path.")]
    NoSuchPath,
    /// A path that is known, with another method.
    #[error("no such method of this path")]
    #[opaque(code = "method_not_allowed", status = 405, message = "This path does not take this method.")]
    NoSuchMethod,
    /// The caller sees `internal_error`, nothing more.
    #[error(transparent)]
    Users(#[from] UsersError),
    /// The caller sees `internal_error`, nothing more.
    #[error(transparent)]
    Hash(#[from] BrokenHash),
    /// The caller sees `internal_error`, nothing more.
    #[error(transparent)]
    Session(#[from] NoRandomness),
}
