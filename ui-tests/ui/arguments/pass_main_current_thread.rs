#[secure_runtime::main]
async fn main() -> Result<(), secure_runtime::Error> {
    assert_eq!(tokio::runtime::Handle::current().runtime_flavor(), tokio::runtime::RuntimeFlavor::CurrentThread);
    let number: u8 = "7".parse()?;
    assert_eq!(number, 7);
    Ok(())
}
