//! Security events, for alarms.

use crate::scope;

/// Writes a security event (a login that failed, a token that was refused) as one structured log line, for alarms to count.
///
/// The first argument is the event's name, a literal in `snake_case`; what follows are fields as the macros of `tracing` take
/// them. The line is a `tracing` event of level `WARN` and target `audit`, with the fields `event` (the name), `request_id`
/// (that of the invocation that is running, where one is) and the given ones, which should have other names. In JSON:
///
/// ```json
/// {"level":"WARN","target":"audit","event":"login_failed","request_id":"8476a536","user":"ada","reason":"wrong_password"}
/// ```
///
/// ```
/// use secure_runtime::prelude::*;
///
/// #[secure_event]
/// struct Login<'inv> {
///     #[public]
///     user: String,
///     password: Secret<'inv, String>,
/// }
///
/// #[derive(Debug, OpaqueError)]
/// #[opaque(code = "invalid_login", status = 401, message = "User or password is wrong.")]
/// struct InvalidLogin;
///
/// #[secure_handler]
/// async fn login(event: LambdaEvent<Login<'_>>) -> Result<(), InvalidLogin> {
///     let Login { user, password } = event.payload;
///     if !password.expose(|password| password == "correct horse") {
///         secure_runtime::audit!("login_failed", user = %user, reason = "wrong_password");
///         return Err(InvalidLogin);
///     }
///     Ok(())
/// }
/// ```
///
/// A filter for CloudWatch that counts them: `{ $.target = "audit" && $.event = "login_failed" }`.
///
/// The level is `WARN` because a function that logs from `WARN` on, which is usual in production, must not lose them; one that
/// logs from `ERROR` on does. A program without a subscriber gets the name and the request id on standard error. The macro
/// needs no dependency on `tracing`.
///
/// What is given is logged: fields are for names of users and tokens' ids, not for passwords and tokens. A
/// [`Secret`](crate::Secret) given as `?secret` prints a constant.
///
/// A name that is no `snake_case` does not compile:
///
/// ```compile_fail
/// secure_runtime::audit!("Login failed");
/// ```
///
/// Source: [OWASP, logging vocabulary](https://cheatsheetseries.owasp.org/cheatsheets/Logging_Vocabulary_Cheat_Sheet.html).
#[macro_export]
macro_rules! audit {
    ($event:literal $(, $($fields:tt)*)?) => {{
        const _: () = $crate::__v1::security_event($event);
        if $crate::__v1::has_subscriber() {
            $crate::__v1::tracing::event!(
                target: "audit",
                $crate::__v1::tracing::Level::WARN,
                { event = $event, request_id = $crate::__v1::request_id(), $($($fields)*)? }
            );
        } else {
            $crate::__v1::unheard($event);
        }
    }};
    ($($other:tt)*) => {
        $crate::__v1::core::compile_error!(
            "`audit!` takes the name of a security event, a literal, and fields\n\
             help: write `audit!(\"login_failed\", user = %user)`"
        )
    };
}

/// Checks an event's name, when it is compiled.
///
/// # Panics
/// When it isn't in `snake_case`.
#[track_caller]
pub const fn security_event(name: &str) {
    let name = name.as_bytes();
    let mut at = 0;
    let mut after_letter = false;
    while at < name.len() {
        let fine = match name[at] {
            b'a'..=b'z' => true,
            b'0'..=b'9' => at > 0,
            b'_' => after_letter,
            _ => false,
        };
        assert!(fine, "the name of a security event is in `snake_case`; help: write it like \"login_failed\"");
        after_letter = name[at] != b'_';
        at += 1;
    }
    assert!(after_letter, "the name of a security event is in `snake_case`; help: write it like \"login_failed\"");
}

/// Whether anybody listens to `tracing`.
#[must_use]
pub fn has_subscriber() -> bool {
    tracing::dispatcher::has_been_set()
}

/// The request that this thread is working on.
#[must_use]
pub fn request_id() -> Option<String> {
    scope::current().map(|invocation| invocation.request_id.clone())
}

/// Without a subscriber: silence would help nobody.
pub fn unheard(event: &'static str) {
    match request_id() {
        Some(request) => eprintln!("audit: {event} (request {request})"),
        None => eprintln!("audit: {event}"),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged while `log` runs, as JSON and without the time.
    fn logged(log: impl FnOnce()) -> serde_json::Value {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .without_time()
            .with_max_level(tracing::Level::WARN)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, log);
        let lines = lines.0.lock().unwrap();
        serde_json::from_slice(&lines).unwrap()
    }

    #[test]
    fn an_event_is_one_line_with_its_request() {
        let (user, shown) = ("ada", Some(7));
        let line = logged(|| {
            let _inside = scope::enter(scope::Invocation::new("r-1"));
            audit!("login_failed", user = %user, reason = "unknown_user", attempts = 3, ?shown);
        });
        let expected = serde_json::json!({
            "level": "WARN", "target": "audit", "event": "login_failed", "request_id": "r-1",
            "user": "ada", "reason": "unknown_user", "attempts": 3, "shown": "Some(7)",
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn outside_of_an_invocation_there_is_no_request() {
        let line = logged(|| audit!("key_rotated"));
        assert_eq!(line, serde_json::json!({ "level": "WARN", "target": "audit", "event": "key_rotated" }));
    }

    #[test]
    fn it_is_an_expression_with_or_without_a_comma() {
        let line = logged(|| match 7 {
            7 => audit!("token_refused",),
            _ => audit!("token_refused", id = 7,),
        });
        assert_eq!(line["event"], "token_refused");
    }

    #[test]
    fn names_are_in_snake_case() {
        for name in ["a", "login_failed", "mfa2_failed"] {
            security_event(name);
        }
        for name in ["", "_", "a_", "_a", "a__b", "2a", "Login", "login failed", "ü"] {
            assert!(std::panic::catch_unwind(|| security_event(name)).is_err(), "{name}");
        }
    }
}
