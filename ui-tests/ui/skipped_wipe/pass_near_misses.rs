use secure_runtime::prelude::*;

struct Users;

impl Users {
    async fn forget(&self, _: u64) {}
    fn leak_rate(&self) -> f64 {
        0.0
    }
}

async fn forget(_: u64) {}

fn leak(_: &str) {}

#[secure_handler]
async fn handler(event: LambdaEvent<()>, users: &Users) -> Result<(), Error> {
    users.forget(7).await;
    forget(7).await;
    leak("the tap");
    let mut text = String::from("a");
    let taken = std::mem::take(&mut text);
    let old = std::mem::replace(&mut text, taken);
    drop(old);
    let _ = (users.leak_rate(), std::mem::size_of::<u8>());
    Ok(event.payload)
}

fn main() {}
