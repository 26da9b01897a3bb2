//! What looks unsafe, and is not.

use std::{
    fs::{self, File},
    io::{Cursor, Read as _, Write as _},
};

use lambda_runtime::{Error, LambdaEvent};

use crate::twins;

/// A bucket's client.
struct Bucket;

impl Bucket {
    async fn put_object(&self, key: &str, body: Vec<u8>) -> Result<usize, std::io::Error> {
        Ok(key.len() + body.len())
    }
}

/// The user's own, and nothing to do with `mem::forget`.
async fn forget(id: u64) -> bool {
    id > 1
}

mod own {
    pub(crate) mod fs {
        pub(crate) fn write(text: &str) -> usize {
            text.len()
        }
    }
}

twins! {
    files_that_are_read;
    event Name { name: String, }
    {
        async fn handler(event: LambdaEvent<Name>) -> Result<usize, Error> {
            let mut text = String::new();
            File::open(&event.payload.name)?.read_to_string(&mut text)?;
            Ok(fs::read_to_string(&event.payload.name)?.len() - text.len())
        }
    }
    event => handler(event).await;
    {"name": "Cargo.toml"}, {"name": "no such file"}
}

twins! {
    uploaded;
    event Name { name: String, }
    {
        async fn handler(event: LambdaEvent<Name>, bucket: &Bucket) -> Result<usize, Error> {
            let mut cursor = Cursor::new(Vec::new());
            cursor.write_all(event.payload.name.as_bytes())?;
            let written = own::fs::write("text");
            Ok(bucket.put_object("reports/tmp/today.csv", cursor.into_inner()).await? + written)
        }
    }
    event => handler(event, &Bucket).await;
    {"name": "x"}
}

twins! {
    forgotten_users;
    event User { id: u64, }
    {
        async fn handler(event: LambdaEvent<User>) -> Result<(bool, String), Error> {
            let mut name = String::from("old");
            let taken = std::mem::take(&mut name);
            let replaced = std::mem::replace(&mut name, taken);
            std::mem::drop(replaced);
            Ok((forget(event.payload.id).await, name))
        }
    }
    event => handler(event).await;
    {"id": 1}, {"id": 2}
}

twins! {
    names_of_secrets;
    event Page {
        #[serde(default)]
        next_token: Option<String>,
        #[serde(default)]
        token_count: u64,
        #[serde(default)]
        secret_name: String,
        #[serde(default)]
        password_reset_url: String,
    }
    {
        async fn handler(event: LambdaEvent<Page>) -> Result<(bool, u64, String), Error> {
            let table = std::env::var("TABLE_NAME").unwrap_or_else(|_| "users".to_owned());
            let secret_name = std::env::var("SECRET_NAME").unwrap_or(event.payload.secret_name);
            let text = format!("{table} {secret_name} {}", event.payload.password_reset_url);
            Ok((event.payload.next_token.is_some(), event.payload.token_count, text))
        }
    }
    event => handler(event).await;
    {"next_token": "abc", "token_count": 2, "secret_name": "prod/db", "password_reset_url": "https://example.com/reset"}, {}
}

twins! {
    public_material;
    event Text { text: String, }
    {
        async fn handler(event: LambdaEvent<Text>) -> Result<bool, Error> {
            const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----";
            let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
            let id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
            let config = "data_dir = '/tmp/data'\nmode = 644";
            Ok([PUBLIC_KEY, digest, id, config].iter().any(|known| known.contains(&event.payload.text)))
        }
    }
    event => handler(event).await;
    {"text": "PUBLIC"}, {"text": "nothing"}
}

twins! {
    texts_of_errors_where_they_belong;
    event Text { text: String, }
    {
        async fn handler(event: LambdaEvent<Text>) -> Result<u8, Error> {
            let parsed = event.payload.text.parse::<u8>();
            if let Err(error) = &parsed {
                tracing::warn!("can't parse: {error}");
                if error.to_string().contains("empty") {
                    return Err(format!("nothing there: {error}").into());
                }
            }
            let number = match parsed {
                Ok(number) => number,
                Err(e) => {
                    let message = format!("no number: {e}");
                    return Err(message.into());
                }
            };
            let doubled = number.checked_mul(2).ok_or_else(|| format!("{number} is too large"))?;
            u8::try_from(u16::from(doubled) + 1).map_err(|e| e.to_string().into())
        }
    }
    event => handler(event).await;
    {"text": "7"}, {"text": ""}, {"text": "x"}, {"text": "200"}
}
