//! The users' database. This one is in memory: a real one keeps the same interface.

use std::env;

/// A user's row.
#[derive(Debug, Clone)]
pub struct Row {
    /// The password's hash, in the PHC string format.
    pub hash: String,
}

/// What can go wrong with a database. Its text quotes the connection string, as such texts do.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// An environment variable is missing.
    #[error("{0} is not set")]
    NotConfigured(&'static str),
    /// Nobody answers.
    #[error("can't reach {url}: connection refused")]
    Unreachable {
        /// The whole connection string.
        url: String,
    },
}

/// The connection.
pub struct Db {
    url: String,
    signing_key: String,
    users: Vec<(&'static str, &'static str)>,
}

const USERS: &[(&str, &str)] = &[
    (
        "ada@example.com",
        "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$9hR+g0Nuit2oToj05Cpf0HgQjTydbGCt7+SP/SaPUwE",
    ),
    ("legacy@example.com", "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E"),
];

impl Db {
    /// Connects to `DATABASE_URL`; tickets are signed with `SIGNING_KEY`.
    ///
    /// # Errors
    /// When one of these environment variables is not set.
    pub fn connect() -> Result<Self, DbError> {
        let variable = |name| env::var(name).map_err(|_| DbError::NotConfigured(name));
        Ok(Self { url: variable("DATABASE_URL")?, signing_key: variable("SIGNING_KEY")?, users: USERS.to_vec() })
    }

    /// Finds a user. Those of `example.org` live on a replica that is down.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn find(&self, user: &str) -> Result<Option<Row>, DbError> {
        tokio::task::yield_now().await;
        if user.ends_with("@example.org") {
            return Err(DbError::Unreachable { url: self.url.clone() });
        }
        let row = self.users.iter().find(|(name, _)| *name == user);
        Ok(row.map(|(_, hash)| Row { hash: (*hash).to_owned() }))
    }

    /// The key that tickets are signed with.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn signing_key(&self) -> Result<String, DbError> {
        tokio::task::yield_now().await;
        Ok(self.signing_key.clone())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const ADA: &str = "ada@example.com";
    pub(crate) const PASSWORD: &str = "correct-horse-battery-staple";
    pub(crate) const HASH: &str = USERS[0].1;

    pub(crate) fn db() -> Db {
        Db {
            url: "postgres://login:hunter2@db.internal/users".into(),
            signing_key: "a key of the tests".into(),
            users: USERS.to_vec(),
        }
    }

    #[tokio::test]
    async fn users_are_found_by_name() {
        assert_eq!(db().find(ADA).await.unwrap().unwrap().hash, HASH);
        assert!(db().find("eve@example.com").await.unwrap().is_none());
        assert!(db().find("bob@example.org").await.unwrap_err().to_string().contains("hunter2"));
    }
}
