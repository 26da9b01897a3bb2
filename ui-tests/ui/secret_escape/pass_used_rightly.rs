use secure_runtime::prelude::*;
use serde_json::json;

#[secure_event]
#[derive(Debug)]
struct Login<'inv> {
    password: Secret<'inv, String>,
    repeated: Secret<'inv, String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>, pepper: &str) -> Result<bool, Error> {
    assert!(!format!("{event:?}").contains("hunter2"));
    let Login { password, repeated } = event.payload;
    assert!(password.ct_eq(&repeated));
    // A task, a thread and a channel that end before the invocation does.
    let (sender, receiver) = std::sync::mpsc::channel();
    sender.send(repeated).unwrap();
    let repeated = receiver.recv()?;
    let long = std::thread::scope(|scope| scope.spawn(|| password.expose(|p| p.len() > 6)).join()).unwrap();
    let (known, slow) = tokio::join!(
        password.expose_async(async |p| *p == "hunter2"),
        repeated.expose_blocking(|p| p.ends_with('2')),
    );
    let peppered = password.map(|p| format!("{p}{pepper}"));
    let both = peppered.zip(repeated);
    let last = both.declassify("one digit is public here", |(p, _)| p.chars().last());
    Ok(long && known && slow && last == Some('!') && both.expose(|(p, r)| p.starts_with(r.as_str())))
}

#[tokio::main]
async fn main() {
    let payload = RawPayload::from(json!({"password": "hunter2", "repeated": "hunter2"}));
    assert!(handler(LambdaEvent::new(payload, Context::default()), "!").await.unwrap());
}
