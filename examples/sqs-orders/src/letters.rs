//! Where orders go that can never be taken: sealed, into a queue of their own.

use std::env;

use aws_config::BehaviorVersion;
use secure_runtime::{Error, dead_letter::SqsSink};

/// The sink that the environment names: `DEAD_LETTERS_URL` is a queue's, and `DEAD_LETTER_KEY` the public key that `secure-dlq keygen` printed.
/// Neither is a secret.
///
/// # Errors
/// When one of them is missing, or the key is none: the function doesn't start, rather than lose an order later.
pub async fn sink() -> Result<SqsSink, Error> {
    let key = variable("DEAD_LETTER_KEY")?.parse().map_err(|error| format!("DEAD_LETTER_KEY: {error}"))?;
    let queue_url = variable("DEAD_LETTERS_URL")?;
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    Ok(SqsSink::new(aws_sdk_sqs::Client::new(&config), queue_url, key))
}

fn variable(name: &str) -> Result<String, Error> {
    env::var(name).map_err(|error| format!("{name}: {error}").into())
}
