use std::sync::Mutex;

use secure_runtime::prelude::*;

static LAST: Mutex<String> = Mutex::new(String::new());

struct Helper;

impl Helper {
    #[secure_fn]
    fn method(&self, password: &str) -> bool {
        LAST.lock().unwrap().push_str(password);
        println!("{password}");
        password.is_empty()
    }
}

#[secure_fn]
async fn later(password: String) {
    #[secret]
    let key = password;
    std::mem::forget(key);
}

#[secure_fn(allow(SH014, reason = "a reason that is long enough"), verbose)]
fn generic<T: AsRef<str>, const N: usize>(text: T) -> String {
    match text.as_ref().parse::<u8>() {
        Ok(number) => (usize::from(number) + N).to_string(),
        Err(e) => e.to_string(),
    }
}

#[secure_fn]
struct NotAFunction;

trait Declared {
    #[secure_fn]
    fn without_body();
}

fn main() {}
