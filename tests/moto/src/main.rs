//! Starts a server, says how a shell's commands find it, and ends it at the end of standard input.

use std::io::{self, Read, Write};

use secure_moto::Moto;

fn main() -> io::Result<()> {
    let moto = Moto::start();
    let mut out = io::stdout().lock();
    for (name, value) in moto.environment() {
        writeln!(out, "export {name}={value}")?;
    }
    writeln!(out, "# process {}, in {}", moto.pid(), moto.directory().display())?;
    out.flush()?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
