use std::{
    borrow::Cow,
    io::{Read as _, Seek as _},
    sync::Arc,
};

use secure_runtime::{
    Invalid, Validate, Validated,
    prelude::*,
    tmp::{AsyncSealedFile, SealedFile},
};

struct Row(Vec<u8>);

impl AsRef<[u8]> for Row {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Validate for Row {
    fn validate(&self) -> Result<(), Invalid> {
        if self.0.is_ascii() { Ok(()) } else { Err(Invalid::value()) }
    }
}

/// A helper takes what has been validated, whatever it is.
fn append<T: AsRef<[u8]>>(file: &mut SealedFile, data: &Validated<T>) -> std::io::Result<()> {
    file.write_validated(data)
}

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<u64, Error> {
    let mut file = SealedFile::create()?;
    file.write_validated(&Validated::check("a", |text| text.len() < 8)?)?;
    file.write_validated(&Validated::check(b"b", |_| true)?)?;
    file.write_validated(&Validated::check(String::from("c"), |text| text.is_ascii())?)?;
    file.write_validated(&Validated::check(vec![b'd'], |bytes| bytes.len() < 8)?)?;
    file.write_validated(&Validated::check(&[b'e'][..], |bytes| bytes.len() < 8)?)?;
    file.write_validated(&Validated::new(Row(vec![b'f']))?)?;
    append(&mut file, &Validated::check(Cow::Borrowed(&b"g"[..]), |_| true)?)?;
    append(&mut file, &Validated::check(Arc::<[u8]>::from(&b"h"[..]), |_| true)?)?;
    // Other files' own `write_validated`, and `Write` for what is no sealed file.
    struct Other;
    impl Other {
        fn write_validated(&self, _: &str) {}
    }
    Other.write_validated("a");
    let mut text = Vec::new();
    std::io::Write::write_all(&mut text, b"a")?;
    file.rewind()?;
    let mut all = String::new();
    file.read_to_string(&mut all)?;
    assert_eq!(all, "abcdefgh");
    let mut file = AsyncSealedFile::create().await?;
    file.write_validated(&Validated::check(text, |text| text.len() == 1)?).await?;
    let () = event.payload;
    Ok(file.len())
}

#[secure_runtime::main]
async fn main() {
    let event = LambdaEvent::new(RawPayload::from(serde_json::Value::Null), Context::default());
    assert_eq!(handler(event).await.unwrap(), 1);
}
