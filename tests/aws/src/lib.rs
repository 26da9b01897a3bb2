//! What the tests of this folder share.

use aws_config::{BehaviorVersion, SdkConfig};

mod source;

pub use source::{End, Repeated};

/// What the AWS SDK finds in the environment, with an HTTP client that has no TLS: the servers are on this machine.
pub async fn config() -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new().build_http();
    aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await
}

/// A client for S3 whose buckets are paths, and not names of hosts: nobody resolves them here.
#[must_use]
pub fn s3(config: &SdkConfig) -> aws_sdk_s3::Client {
    aws_sdk_s3::Client::from_conf(aws_sdk_s3::config::Builder::from(config).force_path_style(true).build())
}
