use secure_runtime::prelude::*;

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<(), Error> {
    static COUNT: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(0);
    static mut LAST: u8 = 0;
    static GREETING: &str = "read-only, and yet";
    if GREETING.is_empty() {
        thread_local! {
            static DEPTH: u8 = 0;
        }
    }
    fn nested() -> &'static str {
        static NAME: &str = "nested";
        NAME
    }
    let closure = || {
        std::thread_local!(static INNER: u8 = 0);
    };
    closure();
    let (first, ()) = tokio::join!(
        async {
            static JOINED: u8 = 1;
            JOINED
        },
        async {}
    );
    let _ = (first, nested());
    Ok(event.payload)
}

fn main() {}
