use secure_runtime::prelude::*;

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{Cursor, Read as _, Write as _},
};

mod own {
    pub mod fs {
        pub fn write(_: &str) {}
    }
    pub struct File;
    impl File {
        pub fn open(&self) {}
    }
}

struct Bucket;

impl Bucket {
    fn write(&self, _: &str) {}
    fn create(&self, _: &str) {}
}

#[secure_handler]
async fn handler(event: LambdaEvent<()>, bucket: &Bucket) -> Result<(), Error> {
    let mut text = fs::read_to_string("Cargo.toml").unwrap_or_default();
    if let Ok(mut file) = File::open("Cargo.toml") {
        file.read_to_string(&mut text)?;
    }
    fs::OpenOptions::new().read(true).open("Cargo.toml")?.read_to_string(&mut text)?;
    writeln!(text, "more")?;
    let mut cursor = Cursor::new(Vec::new());
    cursor.write_all(text.as_bytes())?;
    bucket.write("a");
    bucket.create("b");
    own::fs::write("a");
    own::File.open();
    let _ = fs::metadata("Cargo.toml").is_ok();
    Ok(event.payload)
}

fn main() {}
