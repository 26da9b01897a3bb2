//! Nothing is in scope, nothing may warn, nothing may be unsafe.
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, rust_2018_idioms, unreachable_pub, unused, nonstandard_style, future_incompatible)]
#![deny(elided_lifetimes_in_paths, explicit_outlives_requirements, single_use_lifetimes, trivial_casts)]
#![deny(unused_lifetimes, unused_qualifications, unused_results, let_underscore_drop)]

/// An event.
#[::secure_runtime::secure_event]
pub struct Login<'inv> {
    /// Who.
    #[public]
    pub user: ::std::string::String,
    password: ::secure_runtime::Secret<'inv, ::std::string::String>,
}

/// A handler.
#[::secure_runtime::secure_handler(http)]
pub async fn login(
    request: ::secure_runtime::http::HttpRequest<Login<'_>>,
    state: &str,
) -> ::std::result::Result<::std::string::String, ::secure_runtime::Error> {
    let right = request.body.password.expose(|password| password == state);
    ::std::result::Result::Ok(if right { request.body.user } else { ::std::string::String::new() })
}

#[::secure_runtime::main]
async fn main() {
    let mut request = ::secure_runtime::http::Request::new(::std::convert::From::from(r#"{"user": "ada", "password": "abc"}"#));
    *request.method_mut() = ::secure_runtime::http::Method::POST;
    let response = ::std::result::Result::unwrap(login(request, "abc").await);
    ::std::assert_eq!(**response.body(), *b"ada");
}
