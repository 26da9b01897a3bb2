//! What the compiler says to those who write as to any file. Where the trait itself is asked for, the words are its own.

use std::io::Write as _;

use secure_runtime::{prelude::*, tmp::SealedFile};

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
    let mut file = SealedFile::create()?;
    file.write_all(b"a,b")?;
    write!(file, "{},{}", 1, 2)?;
    std::io::copy(&mut &b"a,b"[..], &mut file)?;
    Ok(event.payload)
}

fn main() {}
