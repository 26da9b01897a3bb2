//! What is known of AWS.

use std::{error::Error, fmt};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use tokio::sync::OnceCell;

use crate::fault::chain;

/// Region, credentials and endpoint, as every tool of AWS finds them.
pub(crate) async fn config() -> &'static SdkConfig {
    static CONFIG: OnceCell<SdkConfig> = OnceCell::const_new();
    CONFIG.get_or_init(|| aws_config::load_defaults(BehaviorVersion::latest())).await
}

/// What a service refuses with.
pub(crate) trait Refusal: Error + ProvideErrorMetadata + Send + Sync + 'static {}

impl<E: Error + ProvideErrorMetadata + Send + Sync + 'static> Refusal for E {}

/// Why a call failed, in one line.
pub(crate) fn told<E: Refusal, R: fmt::Debug + Send + Sync + 'static>(error: &SdkError<E, R>) -> String {
    match error {
        SdkError::ServiceError(refused) => {
            let refused = refused.err();
            let code = refused.code().map_or("refused", plain);
            match refused.message() {
                Some(message) => format!("{code}: {message}"),
                None => code.to_owned(),
            }
        }
        // A response may be quoted in it, with letters in it.
        SdkError::ResponseError(_) => "the answer can't be read".to_owned(),
        _ => chain(error),
    }
}

/// A code without what older protocols put before it.
pub(crate) fn plain(code: &str) -> &str {
    code.rsplit(['.', '#']).next().unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_in_all_protocols() {
        for code in
            ["QueueDoesNotExist", "AWS.SimpleQueueService.QueueDoesNotExist", "com.amazonaws.sqs#QueueDoesNotExist"]
        {
            assert_eq!(plain(code), "QueueDoesNotExist");
        }
    }
}
