//! The tool as it is used: its binary is run, on files, and on queues of moto.

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
