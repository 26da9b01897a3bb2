//! How a client finds the server: as a configuration of the SDK, and as environment variables.

use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::{
    SdkConfig,
    region::Region,
    sdk_config::{RetryConfig, TimeoutConfig},
};

const REGION: &str = "eu-central-1";
/// As AWS's documentation writes a key that nobody has.
const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// When an attempt is given up. No test waits for it.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) fn sdk(url: &str) -> SdkConfig {
    let credentials = Credentials::from_keys(KEY_ID, KEY, None);
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(url)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(TokioSleep::new())
        .retry_config(RetryConfig::standard().with_max_attempts(2).with_initial_backoff(Duration::from_millis(50)))
        .timeout_config(TimeoutConfig::builder().connect_timeout(LIMIT).operation_attempt_timeout(LIMIT).build())
        .build()
}

pub(crate) fn variables(url: &str) -> Vec<(String, String)> {
    [
        ("AWS_ENDPOINT_URL", url),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION), // as Python and the AWS CLI call it
        ("AWS_ACCESS_KEY_ID", KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", KEY),
        // Nothing else is asked for a region or for credentials: no file of the user's, no server of Amazon EC2's.
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("NO_PROXY", "127.0.0.1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}
