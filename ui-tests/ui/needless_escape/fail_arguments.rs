use secure_runtime::prelude::*;

#[secure_handler(allow)]
async fn no_list(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

#[secure_handler(allow())]
async fn empty_list(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

#[secure_handler(allow(SH015, reason = REASON), allow(SH014, why = "a reason that is long enough"))]
async fn no_text(event: LambdaEvent<()>) -> Result<(), Error> {
    println!("x");
    unsafe {}
    Ok(event.payload)
}

#[secure_handler(allow("SH015", reason = "a reason that is long enough"), allows(SH015))]
async fn wrong_names(event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(event.payload)
}

fn main() {}
