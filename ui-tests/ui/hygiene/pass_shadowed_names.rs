//! The user's names are the names of everything that an expansion might mean.
#![allow(dead_code, unused_imports)]

mod names {
    pub struct Result;
    pub struct Option;
    pub struct String;
    pub struct Box;
    pub struct Ok;
    pub struct Err;
    pub struct Some;
    pub trait Future {}
    pub trait Send {}
    pub trait From {}
    pub trait Deserialize {}
    pub mod core {}
    pub mod std {}
    pub mod serde {}
    pub mod tokio {}
    pub mod secure_runtime {}
    pub struct LambdaEvent;
    pub struct RawPayload;
    pub struct Failure;
    pub struct Opaque;
    pub struct CodeList;
    pub mod tracing {}
    pub fn codes() {}
    pub fn inner() {}
}

use names::*;

#[::secure_runtime::secure_event]
struct Login<'inv> {
    #[public]
    user: ::std::string::String,
    password: ::secure_runtime::Secret<'inv, ::std::string::String>,
}

#[derive(Debug, ::secure_runtime::OpaqueError)]
#[opaque(code = "refused")]
struct Refused;

#[derive(Debug, ::secure_runtime::OpaqueError)]
enum Failed {
    #[opaque(delegate)]
    Refused(Refused),
    #[opaque(code = "other")]
    Other,
}

#[derive(::secure_runtime::Public)]
struct Verdict(bool);

#[::secure_runtime::secure_handler]
async fn login<'state_0, T, E: ::std::fmt::Debug, State0>(
    raw: &'state_0 str,
    context: &T,
    event: ::secure_runtime::LambdaEvent<Login<'_>>,
    invocation: E,
    (answer, body): (usize, usize),
    state_0: State0,
    _: &str,
) -> ::std::result::Result<impl ::serde::Serialize, Refused> {
    let _ = (context, format!("{invocation:?}"), state_0);
    #[secret]
    let brand = ::std::string::String::from("b");
    ::secure_runtime::audit!("login_begun", context = "c");
    let Verdict(right) = event.payload.password.expose(|password| Verdict(password == raw));
    let right = right && brand.expose(|b| b == "b");
    if right { ::std::result::Result::Ok(answer + body) } else { ::std::result::Result::Err(Refused) }
}

macro_rules! handler {
    ($name:ident, $event:ty, $output:ty, $argument:ident => $body:block) => {
        #[::secure_runtime::secure_handler]
        async fn $name($argument: $event) -> $output $body
    };
}

handler!(by_macro, ::secure_runtime::LambdaEvent<Login<'_>>, ::std::result::Result<usize, Refused>, event => {
    ::std::result::Result::Ok(event.payload.user.len())
});

fn event() -> ::secure_runtime::LambdaEvent<::secure_runtime::RawPayload> {
    let payload = ::secure_runtime::RawPayload::from(::serde_json::json!({"user": "ada", "password": "abc"}));
    ::secure_runtime::LambdaEvent::new(payload, ::secure_runtime::Context::default())
}

#[::secure_runtime::main]
async fn main() {
    let three = login("abc", &(), event(), 'e', (1, 2), "s", "").await.unwrap();
    assert_eq!(::serde_json::to_string(&three).unwrap(), "3");
    assert_eq!(by_macro(event()).await.unwrap(), 3);
}
