use secure_runtime::prelude::*;

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
    fn key() -> usize {
        #[secret]
        let key = String::from("key");
        key.len()
    }
    drop(key());
    Ok(event.payload)
}

fn main() {}
