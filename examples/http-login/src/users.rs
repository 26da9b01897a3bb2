//! The users' database. This one is in memory: a real one keeps the same interface.

/// What can go wrong with a database. Its text names the host, as such texts do.
#[derive(Debug, thiserror::Error)]
#[error("can't reach {host}: connection refused")]
pub struct UsersError {
    host: String,
}

/// The connection.
pub struct Users {
    host: String,
    hashes: Vec<(&'static str, &'static str)>,
}

const HASHES: &[(&str, &str)] = &[(
    "ada@example.com",
    "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$9hR+g0Nuit2oToj05Cpf0HgQjTydbGCt7+SP/SaPUwE",
)];

impl Users {
    /// Connects with the credentials that are stored in AWS Secrets Manager under the name `secret`.
    ///
    /// A real one reads them here, once for each execution environment, with `GetSecretValue` of the `aws-sdk-secretsmanager`
    /// crate. They are in no environment variable, file or template.
    #[must_use]
    pub fn connect(secret: &str) -> Self {
        Self { host: format!("the database of {secret}"), hashes: HASHES.to_vec() }
    }

    /// The hash of a user's password. Users of `example.org` live on a replica that is down.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn hash(&self, user: &str) -> Result<Option<String>, UsersError> {
        tokio::task::yield_now().await;
        if user.ends_with("@example.org") {
            return Err(UsersError { host: self.host.clone() });
        }
        let known = self.hashes.iter().find(|(name, _)| *name == user);
        Ok(known.map(|(_, hash)| (*hash).to_owned()))
    }

    /// Whether somebody has tried this name too often lately. Here that is `mallory@example.com`.
    ///
    /// A real one counts in the database, whether there is such a user or not. An execution environment can't count: it sees
    /// a part of the attempts, and must not remember one caller's for the next.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn is_locked(&self, user: &str) -> Result<bool, UsersError> {
        tokio::task::yield_now().await;
        Ok(user == "mallory@example.com")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const ADA: &str = "ada@example.com";
    pub(crate) const PASSWORD: &str = "correct-horse-battery-staple";
    pub(crate) const HASH: &str = HASHES[0].1;

    pub(crate) fn users() -> Users {
        Users::connect("tests/database")
    }

    #[tokio::test]
    async fn users_are_found_by_name() {
        assert_eq!(users().hash(ADA).await.unwrap().unwrap(), HASH);
        assert!(users().hash("eve@example.com").await.unwrap().is_none());
        assert!(users().hash("bob@example.org").await.unwrap_err().to_string().contains("tests/database"));
    }
}
