//! What the function is sent.

use secure_runtime::prelude::*;

/// The body of `POST /login`, as JSON (`{"user": "ada@example.com", "password": ".."}`) or as a form
/// (`user=ada%40example.com&password=..`). `GET /health` has neither field.
#[secure_event]
#[derive(Debug)]
pub struct Login<'inv> {
    /// Who logs in. Logs and errors may name him.
    #[public]
    pub user: Option<String>,
    /// What he knows.
    pub password: Option<Secret<'inv, String>>,
}
