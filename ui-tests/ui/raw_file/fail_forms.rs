use secure_runtime::prelude::*;

use std::fs::{self, File, OpenOptions};

mod tempfile {
    pub struct NamedTempFile;
    impl NamedTempFile {
        pub fn new() -> Self {
            Self
        }
    }
}

use tempfile::NamedTempFile;

mod tokio {
    pub use ::tokio::join;
    pub mod fs {
        pub async fn write(_: &str, _: &str) -> std::io::Result<()> {
            Ok(())
        }
        pub struct File;
        impl File {
            pub async fn create(_: &str) -> std::io::Result<()> {
                Ok(())
            }
        }
    }
}

#[secure_handler]
async fn case_0(event: LambdaEvent<()>) -> Result<(), Error> {
    std::fs::write("a", "b")?;
    fs::write("a", "b")?;
    use std::fs::write as w;
    w("a", "b")?;
    Ok(event.payload)
}

#[secure_handler]
async fn case_1(event: LambdaEvent<()>) -> Result<(), Error> {
    let file = File::create("a")?;
    let new = std::fs::File::create_new("a")?;
    let _ = (file, new);
    Ok(event.payload)
}

#[secure_handler]
async fn case_2(event: LambdaEvent<()>) -> Result<(), Error> {
    let file = OpenOptions::new().append(true).open("a")?;
    let options = File::options();
    let _ = (file, options);
    Ok(event.payload)
}

#[secure_handler]
async fn case_3(event: LambdaEvent<()>) -> Result<(), Error> {
    tokio::fs::write("a", "b").await?;
    use tokio::fs as async_fs;
    async_fs::File::create("a").await?;
    Ok(event.payload)
}

#[secure_handler]
async fn case_4(event: LambdaEvent<()>) -> Result<(), Error> {
    fs::copy("a", "b")?;
    fs::rename("a", "b")?;
    fs::hard_link("a", "b")?;
    Ok(event.payload)
}

#[secure_handler]
async fn case_5(event: LambdaEvent<()>) -> Result<(), Error> {
    let named = tempfile::NamedTempFile::new();
    let made = NamedTempFile::new();
    let _ = (named, made);
    Ok(event.payload)
}

#[secure_handler]
async fn case_6(event: LambdaEvent<()>) -> Result<(), Error> {
    use std::fs::*;
    write("a", "b")?;
    Ok(event.payload)
}

#[secure_handler]
async fn case_7(event: LambdaEvent<()>) -> Result<(), Error> {
    let written = Some("a").map(|name| std::fs::write(name, "b"));
    let joined = tokio::join!(async { fs::write("a", "b") });
    let _ = (written, joined);
    Ok(event.payload)
}

mod builders {
    pub struct Builder;
    impl Builder {
        pub fn tempfile(&self) {}
    }
}
use builders::Builder;

#[secure_handler]
async fn built(event: LambdaEvent<()>) -> Result<(), Error> {
    Builder.tempfile();
    Ok(event.payload)
}

fn main() {}
