use secure_runtime::prelude::*;

#[secure_fn]
const fn double(number: u64) -> u64 {
    number * 2
}

#[secure_fn(wipe = no)]
fn unclear() {}

#[secure_handler(wipe = false)]
async fn handler(_: LambdaEvent<()>) -> Result<(), Error> {
    Ok(())
}

fn main() {
    const EIGHT: u64 = double(4);
    assert_eq!(EIGHT, 8);
}
