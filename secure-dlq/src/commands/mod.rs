//! What the commands do, a file each.

mod keygen;
mod list;
mod open;
mod replay;
mod stats;

use std::io;

use crate::{
    args::Command,
    fault::{Ended, Fault},
};

pub(crate) async fn run(command: Command) -> Result<Ended, Fault> {
    match command {
        Command::Keygen(args) => keygen::keygen(&args),
        Command::PublicKey(args) => keygen::public_key(&args),
        Command::List(args) => list::run(&args).await,
        Command::Stats(args) => stats::run(&args).await,
        Command::Open(args) => open::run(&args).await,
        Command::Replay(args) => replay::run(&args).await,
    }
}

/// Whether standard output still takes something. That nobody reads on is no error: `secure-dlq list .. | head`.
fn is_read(written: io::Result<()>) -> Result<bool, Fault> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Fault::new(format!("can't write to standard output: {error}"))),
    }
}
