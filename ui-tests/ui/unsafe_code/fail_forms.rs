use secure_runtime::prelude::*;

#[secure_handler]
async fn case_0(event: LambdaEvent<()>) -> Result<(), Error> {
    let byte = unsafe { *"a".as_ptr() };
    let _ = byte;
    Ok(event.payload)
}

#[secure_handler]
async fn case_1(event: LambdaEvent<()>) -> Result<(), Error> {
    unsafe fn inner() {}
    let _ = inner as unsafe fn();
    Ok(event.payload)
}

#[secure_handler]
async fn case_2(event: LambdaEvent<()>) -> Result<(), Error> {
    struct Forged;
    unsafe impl Send for Forged {}
    let _ = Forged;
    Ok(event.payload)
}

#[secure_handler]
async fn case_3(event: LambdaEvent<()>) -> Result<(), Error> {
    let closure = || unsafe { std::hint::unreachable_unchecked() };
    if false { closure() }
    Ok(event.payload)
}

#[secure_handler]
async fn case_4(event: LambdaEvent<()>) -> Result<(), Error> {
    let text = format!("{}", unsafe { *"a".as_ptr() });
    let _ = text;
    Ok(event.payload)
}

#[secure_handler]
async fn case_5(event: LambdaEvent<()>) -> Result<(), Error> {
    let both = tokio::join!(async { unsafe { 1 } }, async { 2 });
    let _ = both;
    Ok(event.payload)
}

#[secure_handler]
async fn attribute(event: LambdaEvent<()>) -> Result<(), Error> {
    #[unsafe(no_mangle)]
    fn exported() {}
    exported();
    Ok(event.payload)
}

#[secure_fn]
unsafe fn helper() {}

fn main() {}
