use secure_runtime::{
    prelude::*,
    tmp::{AsyncSealedFile, SealedFile},
};

#[secure_event]
struct Upload {
    #[public]
    name: String,
    #[public]
    image: Vec<u8>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Upload>) -> Result<(), Error> {
    let Upload { name, image } = event.payload;
    let mut file = SealedFile::create()?;
    file.write_validated(b"a,b")?;
    file.write_validated("a,b")?;
    file.write_validated(&name)?;
    file.write_validated(&image)?;
    file.write_validated(&image[1..])?;
    // Validated, and no bytes.
    file.write_validated(&Validated::check(7_u32, |number| *number < 8)?)?;
    let mut file = AsyncSealedFile::create().await?;
    file.write_validated(&image).await?;
    Ok(())
}

fn main() {}
