//! The function itself.

use std::time::SystemTime;

use secure_runtime::prelude::*;
use serde::Serialize;

use crate::{db::Db, error::LoginError, event::Login, password, ticket};

/// What a caller gets who has shown the right password.
#[derive(Debug, Serialize)]
pub struct Session {
    /// Shows other functions who is calling: see [`ticket`].
    pub ticket: String,
}

/// Checks a password and opens a session.
#[secure_handler]
pub async fn login(event: LambdaEvent<Login<'_>>, db: &Db) -> Result<Session, LoginError> {
    let Login { user, password } = event.payload;
    let Some(row) = db.find(&user).await? else { return Err(LoginError::Refused(user)) };
    if !password.expose(|password| password::verify(password, &row.hash))? {
        return Err(LoginError::Refused(user));
    }
    #[secret]
    let signing_key = db.signing_key().await?;
    let ticket = signing_key
        .declassify("the MAC is what the caller gets, not the key", |key| ticket::issue(key, &user, SystemTime::now()));
    Ok(Session { ticket })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::db::tests::{ADA, PASSWORD, db};

    fn event(user: &str, password: &str) -> LambdaEvent<RawPayload> {
        LambdaEvent::new(RawPayload::from(json!({"user": user, "password": password})), Context::default())
    }

    #[tokio::test]
    async fn the_right_password_opens_a_session() {
        let session = login(event(ADA, PASSWORD), &db()).await.unwrap();
        assert!(session.ticket.starts_with("ada@example.com."), "{session:?}");
    }

    #[tokio::test]
    async fn a_wrong_password_and_an_unknown_user_are_the_same_to_the_caller() {
        let wrong = login(event(ADA, "guess"), &db()).await.unwrap_err();
        let unknown = login(event("eve@example.com", PASSWORD), &db()).await.unwrap_err();
        assert_eq!((wrong.code(), wrong.status()), ("invalid_login", 401));
        assert_eq!(wrong, unknown);
    }
}
