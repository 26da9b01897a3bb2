//! S3, SQS and KMS on 127.0.0.1, for tests.
