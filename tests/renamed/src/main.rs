//! Every macro where `secure-runtime` has another name and no other crate is at hand.

use armour::{
    secure_event, secure_handler, service_fn, Invalid, LambdaEvent, OpaqueError, Public, PublicEvent, Secret, Validate,
};

#[secure_event(crate = armour)]
#[derive(Debug)]
struct Login<'inv> {
    #[public]
    user: String,
    #[nested]
    second: Option<Factor<'inv>>,
    password: Secret<'inv, String>,
    #[public]
    source: PublicEvent<Vec<u8>>,
}

#[secure_event(validate, crate = armour)]
#[derive(Debug)]
#[serde(rename_all = "snake_case")]
enum Factor<'inv> {
    Totp(Secret<'inv, u32>),
}

impl Validate for Factor<'_> {
    fn validate(&self) -> Result<(), Invalid> {
        let Self::Totp(code) = self;
        if code.expose(|code| *code < 1_000_000) {
            Ok(())
        } else {
            Err(Invalid::field("code"))
        }
    }
}

#[derive(Debug, OpaqueError)]
#[opaque(crate = armour)]
enum LoginError {
    #[opaque(code = "refused", status = 401, message = "No.")]
    Refused,
    NoUser,
    #[opaque(delegate)]
    Inner(Inner<std::io::Error>),
}

#[derive(Debug, OpaqueError)]
#[opaque(crate = armour, delegate)]
struct Inner<E> {
    source: E,
}

#[derive(Public)]
#[public(crate = armour)]
enum Verdict {
    Right,
    Wrong,
}

#[secure_handler(crate = armour)]
async fn login(event: LambdaEvent<Login<'_>>, greeting: &str) -> Result<String, LoginError> {
    let Login { user, second, password, source } = event.payload;
    if user.is_empty() {
        return Err(LoginError::NoUser);
    }
    if source.is_empty() {
        armour::audit!("source_missing", user);
        return Err(LoginError::Inner(Inner { source: std::io::Error::other("no source") }));
    }
    #[secret]
    let expected = String::from("walrus");
    let factor = second.is_none_or(|Factor::Totp(code)| code.expose(|code| *code == 123_456));
    let judge = |right| if right && factor { Verdict::Right } else { Verdict::Wrong };
    let judged = password.zip(expected).expose(|(given, expected)| judge(given == expected));
    match judged {
        Verdict::Right => Ok(format!("{greeting}, {user}")),
        Verdict::Wrong => Err(LoginError::Refused),
    }
}

#[armour::main(crate = armour)]
async fn main() -> Result<(), armour::Error> {
    armour::log::init();
    armour::run(service_fn(|event| login(event, "welcome"))).await
}

#[cfg(test)]
mod tests {
    use armour::RawPayload;

    use super::*;

    /// Before edition 2024 an `impl Trait` doesn't borrow what it doesn't name.
    #[secure_handler(crate = armour)]
    async fn opaque(
        name: &str,
        suffix: impl AsRef<str>,
        event: LambdaEvent<Login<'_>>,
    ) -> Result<impl AsRef<str>, LoginError> {
        Ok(format!("{} {name}{}", event.payload.user, suffix.as_ref()))
    }

    #[secure_handler(crate = armour)]
    async fn borrowing(name: &str, _: LambdaEvent<()>) -> Result<impl AsRef<str> + '_, LoginError> {
        Ok(name)
    }

    async fn owns_the_answer(event: LambdaEvent<RawPayload>) -> Result<impl AsRef<str>, armour::Failure> {
        let name = String::from("local");
        opaque(&name, "!", event).await
    }

    #[test]
    fn an_answer_outlives_what_it_does_not_name() {
        fn spawnable<T: Send + 'static>(value: T) -> T {
            value
        }
        let null = || LambdaEvent::new(RawPayload::from(serde_json::json!(null)), armour::Context::default());
        drop(spawnable(owns_the_answer(null())));
        drop(borrowing("", null()));
    }
}
