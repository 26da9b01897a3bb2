//! Nothing is in scope, nothing may warn, nothing may be unsafe.
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, rust_2018_idioms, unreachable_pub, unused, nonstandard_style, future_incompatible)]
#![deny(elided_lifetimes_in_paths, explicit_outlives_requirements, single_use_lifetimes, trivial_casts)]
#![deny(unused_lifetimes, unused_qualifications, unused_results, let_underscore_drop)]

/// An event.
#[::secure_runtime::secure_event]
#[derive(::std::fmt::Debug)]
pub struct Order<'inv> {
    card_number: ::secure_runtime::Secret<'inv, ::std::string::String>,
}

/// A handler.
#[::secure_runtime::secure_handler(sqs, dead_letter = sink, concurrency = 2)]
pub async fn take(
    record: ::secure_runtime::sqs::Record<Order<'_>>,
    sink: &::secure_runtime::dead_letter::MemorySink,
    state: ::std::sync::Arc<str>,
) -> ::std::result::Result<(), ::secure_runtime::Error> {
    ::std::assert!(sink.letters().is_empty() && record.body.card_number.expose(|number| **number == *state));
    ::std::result::Result::Ok(())
}

#[::secure_runtime::main]
async fn main() {
    let payload = ::serde_json::from_str(r#"{"Records": [{"messageId": "1", "body": "{\"card_number\": \"7\"}"}]}"#);
    let event = ::secure_runtime::LambdaEvent::new(
        ::std::result::Result::unwrap(payload),
        ::std::default::Default::default(),
    );
    let sink: ::secure_runtime::dead_letter::MemorySink = ::std::default::Default::default();
    let answer = take(event, &sink, ::std::convert::From::from("7")).await;
    ::std::assert_eq!(::std::iter::Iterator::count(::std::result::Result::unwrap(answer).failed()), 0);
}
