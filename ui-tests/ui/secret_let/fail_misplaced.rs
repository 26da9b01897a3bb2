use secure_runtime::prelude::*;

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
    #[secret]
    let _ = String::from("key");
    #[secret]
    let ref key = String::from("key");
    #[secret]
    let late;
    late = 7;
    #[secret(now)]
    let now = String::from("key");
    #[secret]
    drop((key, late, now));
    Ok(event.payload)
}

fn main() {}
