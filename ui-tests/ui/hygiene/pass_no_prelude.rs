//! Nothing is in scope, nothing may warn, nothing may be unsafe.
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, rust_2018_idioms, unreachable_pub, unused, nonstandard_style, future_incompatible)]
#![deny(elided_lifetimes_in_paths, explicit_outlives_requirements, single_use_lifetimes, trivial_casts)]
#![deny(unused_lifetimes, unused_qualifications, unused_results, let_underscore_drop)]

/// An event.
#[::secure_runtime::secure_event]
#[derive(::std::fmt::Debug)]
pub struct Login<'inv> {
    /// Who.
    #[public]
    pub user: ::std::string::String,
    password: ::secure_runtime::Secret<'inv, ::std::string::String>,
}

/// A verdict.
#[derive(::std::fmt::Debug, ::secure_runtime::Public)]
pub enum Verdict {
    /// Right.
    Right,
    /// Wrong.
    Wrong,
}

/// An error.
#[derive(::std::fmt::Debug, ::secure_runtime::OpaqueError)]
pub enum LoginError {
    /// Declared.
    #[opaque(code = "refused", status = 401, message = "No.")]
    Refused,
    /// Internal.
    Internal(::std::io::Error),
    /// Passed on.
    #[opaque(delegate)]
    Inner(Inner<::std::io::Error>),
    /// Not to be used any more.
    #[deprecated]
    #[opaque(code = "old")]
    Old,
}

/// An inner error.
#[derive(::std::fmt::Debug, ::secure_runtime::OpaqueError)]
#[opaque(delegate)]
pub struct Inner<E> {
    /// What it is about.
    pub source: E,
}

/// A limit.
pub const LIMIT: usize = 8;
/// Read, and never written.
pub static TABLE: &[&str] = &["a", "b"];
/// Counted.
pub static SERVED: ::std::sync::atomic::AtomicU64 = ::std::sync::atomic::AtomicU64::new(0);

mod tools {
    pub(crate) fn fits(length: usize) -> bool {
        length < crate::LIMIT
    }
}

use tools::fits as fits_in;

/// A helper.
#[::secure_runtime::secure_fn(allow_static(SERVED, reason = "a number of calls and nothing of them"))]
pub fn helper(length: usize) -> bool {
    let _ = SERVED.fetch_add(1, ::std::sync::atomic::Ordering::Relaxed);
    ::std::option::Option::Some(length).is_some_and(fits_in)
}

/// A handler.
#[::secure_runtime::secure_handler(allow_static(SERVED, reason = "a number of calls and nothing of them"))]
pub async fn login(
    event: ::secure_runtime::LambdaEvent<Login<'_>>,
    state: &str,
) -> ::std::result::Result<usize, LoginError> {
    #[secret]
    let key = ::std::string::ToString::to_string("key");
    let right = event.payload.password.expose(|password| {
        if password == state { Verdict::Right } else { Verdict::Wrong }
    });
    let _ = SERVED.load(::std::sync::atomic::Ordering::Relaxed);
    let known = TABLE.len() < LIMIT && helper(LIMIT) && ::std::matches!(right, Verdict::Right);
    ::std::assert!(!known, "{LIMIT}");
    match right {
        Verdict::Right => ::std::result::Result::Ok(key.declassify("lengths are public", ::std::string::String::len)),
        Verdict::Wrong => {
            ::secure_runtime::audit!("login_failed", user = %event.payload.user, limit = LIMIT);
            ::std::result::Result::Err(LoginError::Refused)
        }
    }
}

#[::secure_runtime::main]
async fn main() {
    let payload = ::serde_json::from_str(r#"{"user": "ada", "password": "abc"}"#);
    let event = ::secure_runtime::LambdaEvent::new(
        ::std::result::Result::unwrap(payload),
        ::std::default::Default::default(),
    );
    ::std::assert_eq!(login(event, "abc").await, ::std::result::Result::Ok(3));
    ::secure_runtime::audit!("key_rotated");
    ::std::assert!(!::secure_runtime::Codes::of::<LoginError>().to_markdown().is_empty());
}
