use secure_runtime::prelude::*;

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
    const GREETING: &'static str = "hello";
    let text: &'static str = GREETING;
    fn longest<T: 'static>(value: T) -> T {
        value
    }
    // static COMMENTED: u8 = 0;
    let statics = format!("static {text}");
    let _ = longest(statics);
    Ok(event.payload)
}

fn main() {}
