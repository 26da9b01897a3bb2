//! Handlers as people write them, each twice: plain, and secured. Both must compile, and give the same answers to the same
//! events.
//!
//! Where an escape is needed, a rule is truly broken:
//!
//! | handler | escape | why it is one |
//! | --- | --- | --- |
//! | `statics::cold_start` | `allow_static(COLD_START)` | an `AtomicBool` that invocations write |
//! | `statics::shared_client` | `allow_static(CLIENT)` | a `OnceLock` that the first invocation fills |
//! | `statics::lazy_pattern` | `allow_static(PATTERN)` | a `LazyLock` that the first invocation fills |
//! | `statics::allocator` | `allow_static(ALLOCATED)` | an `AtomicUsize` that every allocation writes |
#![allow(
    clippy::needless_pass_by_value,
    clippy::needless_return,
    clippy::unused_async,
    clippy::trivially_copy_pass_by_ref,
    clippy::too_many_arguments,
    clippy::needless_lifetimes,
    clippy::extra_unused_lifetimes,
    clippy::unnecessary_wraps,
    clippy::ref_option,
    dead_code,
    reason = "handlers are written as people write them"
)]

mod bodies;
mod near_misses;
mod secrets;
mod shapes;
mod statics;

/// A handler and its events. The handler is compiled as it stands, and under `#[secure_handler]`.
///
/// Both get every event; where one answers, the other must answer the same, and where one fails, so must the other.
macro_rules! twins {
    (
        $(#[doc = $doc:literal])*
        $name:ident $(($($args:tt)*))?;
        event $event_type:ident { $($(#[$($field_attr:tt)*])* $field:ident: $ty:ty,)* }
        { $($handler:tt)* }
        $event:ident => $call:expr;
        $($json:tt)*
    ) => {
        mod $name {
            mod plain {
                #[allow(unused_imports)]
                use super::super::*;

                #[derive(Debug, Clone, serde::Deserialize)]
                struct $event_type { $($(#[$($field_attr)*])* $field: $ty,)* }

                $($handler)*

                pub(super) async fn answer(event: serde_json::Value) -> Option<serde_json::Value> {
                    let payload = serde_json::from_value::<$event_type>(event).ok()?;
                    let $event = lambda_runtime::LambdaEvent::new(payload, $crate::context());
                    let answer = $call;
                    answer.ok().map(|answer| serde_json::to_value(answer).unwrap())
                }
            }

            mod secured {
                #[allow(unused_imports)]
                use super::super::*;

                #[secure_runtime::secure_event]
                #[derive(Debug, Clone)]
                struct $event_type { $(#[public] $(#[$($field_attr)*])* $field: $ty,)* }

                #[secure_runtime::secure_handler($($($args)*)?)]
                $($handler)*

                pub(super) async fn answer(event: serde_json::Value) -> Option<serde_json::Value> {
                    let payload = secure_runtime::RawPayload::from(event);
                    let $event = lambda_runtime::LambdaEvent::new(payload, $crate::context());
                    let answer = $call;
                    answer.ok().map(|answer| serde_json::to_value(answer).unwrap())
                }
            }

            #[tokio::test]
            async fn twins_answer_alike() {
                let events = serde_json::json!([$($json)*]);
                let events = events.as_array().unwrap();
                assert!(!events.is_empty());
                let mut answers = 0;
                for event in events {
                    let plain = plain::answer(event.clone()).await;
                    assert_eq!(plain, secured::answer(event.clone()).await, "{event}");
                    answers += usize::from(plain.is_some());
                }
                assert!(answers > 0, "no event was answered");
            }
        }
    };
}

use twins;

/// The same for both twins.
fn context() -> lambda_runtime::Context {
    let mut context = lambda_runtime::Context::default();
    context.request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd".into();
    context.deadline = 4_102_444_800_000;
    context
}
