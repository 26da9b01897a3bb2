use secure_runtime::prelude::*;

use std::sync::Mutex;

static LAST: Mutex<String> = Mutex::new(String::new());
static mut COUNT: u64 = 0;

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
    LAST.lock().unwrap().push('x');
    let number: u8 = "not a number";
    let _ = (number, &raw const COUNT);
    println!("both are shown");
    Ok(event.payload)
}

fn main() {}
