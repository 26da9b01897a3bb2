//! The tool as it is used: its binary is run, on files, and on queues of moto.

#![allow(
    clippy::assigning_clones,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::format_collect,
    clippy::match_bool,
    clippy::redundant_closure_for_method_calls,
    clippy::similar_names,
    reason = "tests are read by their cases"
)]
#![cfg(unix)]

mod damaged;
mod fifo;
mod files;
mod forged;
mod keys;
mod killed;
mod objects;
mod queues;
mod support;
mod terminals;
mod thousand;
