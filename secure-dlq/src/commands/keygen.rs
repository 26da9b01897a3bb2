//! Keys.

use std::io::{self, Write as _};

use secure_runtime::dead_letter::PrivateKey;

use super::is_read;
use crate::{
    args::{Keygen, PublicKey},
    fault::{Ended, Fault},
    key_file,
    output::terminal::say,
};

pub(super) fn keygen(args: &Keygen) -> Result<Ended, Fault> {
    let key = PrivateKey::generate();
    key_file::write(&key, &args.out)?;
    let path = args.out.display();
    print(&key)
        .map_err(|fault| Fault::new(format!("{fault}; `secure-dlq public-key --key {path}` prints it again")))?;
    say(format_args!(
        "the private key is in {path}: keep it, and a copy of it, where the function can't read it; without it no letter can be \
         opened. The public key is on standard output: give it to the function"
    ));
    Ok(Ended::All)
}

pub(super) fn public_key(args: &PublicKey) -> Result<Ended, Fault> {
    print(&key_file::read(&args.key.file)?)?;
    Ok(Ended::All)
}

fn print(key: &PrivateKey) -> Result<(), Fault> {
    is_read(writeln!(io::stdout(), "{}", key.public_key())).map(drop)
}
