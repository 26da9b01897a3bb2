//! S3, SQS and KMS on 127.0.0.1, for tests: [moto](https://docs.getmoto.org), installed and started.
//!
//! [`Moto::start`] starts a server of the test's own. Dropping it ends the server; so does the end of the test's process.
//! Buckets, queues and keys are those that a test makes, and no other server has them.
//!
//! ```no_run
//! use secure_moto::Moto;
//!
//! let moto = Moto::start();
//! let config = moto.config(); // aws_sdk_s3::Client::new(&config), and the like
//! assert_eq!(config.endpoint_url(), Some(moto.url()));
//! ```
//!
//! moto is installed by pip, once, into the target folder; after that nothing here needs the network. Its version and what
//! comes with it stand in `requirements.txt`. By hand, `cargo run -p secure-moto` starts a server and says how to use it.
//!
//! # What it doesn't show
//! moto checks no signature, no policy of IAM and no TLS, and delays nothing. What AWS refuses, it may accept.

#![forbid(unsafe_code)]

mod config;
mod folder;
mod install;
mod server;

pub use server::Moto;
