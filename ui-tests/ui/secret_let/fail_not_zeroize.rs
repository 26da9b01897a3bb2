use secure_runtime::prelude::*;

struct Key(Vec<u8>);

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
    #[secret]
    let key = Key(vec![1]);
    drop(key);
    Ok(event.payload)
}

fn main() {}
