use secure_runtime::prelude::*;

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
    tokio::select! {
        () = async {} => {
            #[secret]
            let key = String::from("key");
            drop(key);
        }
    }
    let (length, ()) = tokio::join!(
        async {
            #[secret]
            let key = String::from("key");
            key.len()
        },
        async {},
    );
    drop(length);
    Ok(event.payload)
}

fn main() {}
