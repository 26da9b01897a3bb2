use secure_runtime::prelude::*;

#[secure_handler]
async fn case_0(event: LambdaEvent<()>) -> Result<(), Error> {
    println!("{event:?}");
    Ok(event.payload)
}

#[secure_handler]
async fn case_1(event: LambdaEvent<()>) -> Result<(), Error> {
    eprintln!("a");
    eprint!("b");
    print!("c");
    Ok(event.payload)
}

#[secure_handler]
async fn case_2(event: LambdaEvent<()>) -> Result<(), Error> {
    let _ = dbg!(1 + 1);
    Ok(event.payload)
}

#[secure_handler]
async fn case_3(event: LambdaEvent<()>) -> Result<(), Error> {
    std::println!("a");
    ::std::eprintln!("b");
    Ok(event.payload)
}

#[secure_handler]
async fn case_4(event: LambdaEvent<()>) -> Result<(), Error> {
    let closure = |x: u8| println!("{x}");
    closure(1);
    Ok(event.payload)
}

#[secure_handler]
async fn case_5(event: LambdaEvent<()>) -> Result<(), Error> {
    tokio::join!(async { println!("a") }, async {});
    Ok(event.payload)
}

#[secure_handler]
async fn case_6(event: LambdaEvent<()>) -> Result<(), Error> {
    fn inner() {
        println!("a");
    }
    inner();
    Ok(event.payload)
}

#[secure_handler]
async fn case_7(event: LambdaEvent<()>) -> Result<(), Error> {
    use std::println as log;
    log!("a");
    Ok(event.payload)
}

fn main() {}
