use secure_runtime::prelude::*;
use serde_json::json;
use std::cmp::Ordering;

#[secure_event]
struct Login<'inv> {
    password: Secret<'inv, String>,
}

#[derive(Debug, PartialEq, Public)]
enum Strength {
    Weak,
    Strong { digits: bool },
}

#[derive(Debug, PartialEq, Public)]
struct Checked<T, E>(Result<T, E>, Option<bool>);

#[derive(Debug, PartialEq, Public)]
struct Of<T>(bool, std::marker::PhantomData<T>);

#[derive(Debug, PartialEq, Public)]
struct Unit;

#[secure_handler]
async fn handler(event: LambdaEvent<Login<'_>>) -> Result<(), Error> {
    let password = event.payload.password;
    password.expose(|_| ());
    assert_eq!(password.expose(|p| p.as_str().cmp("a")), Ordering::Greater);
    assert_eq!(password.expose(|p| p.strip_prefix("h").map(|rest| rest.is_empty())), Some(false));
    assert_eq!(password.expose(|p| (p.is_empty(), Unit, p.is_ascii())), (false, Unit, true));
    let strength = password.expose(|p| match p.len() {
        0..4 => Strength::Weak,
        _ => Strength::Strong { digits: p.ends_with('2') },
    });
    assert_eq!(strength, Strength::Strong { digits: true });
    let checked: Checked<(), Unit> = password.expose(|p| Checked(if p.is_empty() { Ok(()) } else { Err(Unit) }, None));
    assert_eq!(checked, Checked(Err(Unit), None));
    assert!(password.expose(|p| Of::<Unit>(p.is_ascii(), std::marker::PhantomData)).0);
    Ok(())
}

#[tokio::main]
async fn main() {
    let payload = RawPayload::from(json!({"password": "hunter2"}));
    handler(LambdaEvent::new(payload, Context::default())).await.unwrap();
}
