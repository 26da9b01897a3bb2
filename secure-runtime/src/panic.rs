//! Panics: caught where an invocation is polled, and logged without their message.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind},
    sync::Once,
};

use crate::scope;

/// Which panics our hook answers for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cover {
    /// Those of an invocation; all others go to the hook that was there before. For a process that is not ours alone: a
    /// test, or a function under `#[tokio::main]`.
    Invocations,
    /// All of them. For a function under `#[secure_runtime::main]`.
    Process,
}

/// Installs the panic hook, once a process.
///
/// A panic's message can hold whatever the code had at hand, and the standard hook writes it to the log. Ours writes the
/// place and the request id.
pub(crate) fn install_hook(cover: Cover) {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| match scope::current() {
            Some(invocation) => report(info, &invocation.request_id),
            None if cover == Cover::Process => report(info, ""),
            None => previous(info),
        }));
    });
}

fn report(info: &PanicHookInfo<'_>, request_id: &str) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or_default();
    tracing::error!(request_id, place, thread, "panicked (message withheld)");
    if !tracing::dispatcher::has_been_set() {
        eprintln!("panicked at {place} on thread `{thread}`, request `{request_id}` (message withheld)");
    }
}

/// Runs `f`; `None` says that it panicked. The payload is dropped here, and a payload that panics when it is dropped is
/// left alone.
pub(crate) fn caught<R>(f: impl FnOnce() -> R) -> Option<R> {
    let payload: Box<dyn Any + Send> = match catch_unwind(AssertUnwindSafe(f)) {
        Ok(result) => return Some(result),
        Err(payload) => payload,
    };
    if let Err(second) = catch_unwind(AssertUnwindSafe(move || drop(payload))) {
        std::mem::forget(second);
    }
    None
}

/// With `panic = "abort"` no panic can be answered, so no function is started.
pub(crate) fn ensure_unwinding(unwinds: bool) -> Result<(), crate::Error> {
    if unwinds {
        return Ok(());
    }
    Err("this function is built with `panic = \"abort\"`, so a panic would end the process instead of being answered; \
         help: write `panic = \"unwind\"` under `[profile.release]` in the manifest of the workspace's root; where it says nothing, \
         `cargo lambda build --release` sets `panic = \"abort\"`"
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_caught_whatever_it_carries() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                assert!(std::thread::panicking(), "and its payload too");
            }
        }
        assert_eq!(caught(|| 7), Some(7));
        assert_eq!(caught(|| -> u8 { panic!("text") }), None);
        assert_eq!(caught(|| -> u8 { std::panic::panic_any(vec![1u8]) }), None);
        assert_eq!(caught(|| -> u8 { std::panic::panic_any(Bomb) }), None);
    }

    #[test]
    fn a_function_that_aborts_is_not_started() {
        assert!(ensure_unwinding(true).is_ok());
        let refusal = ensure_unwinding(false).unwrap_err().to_string();
        let (wrong, help) = refusal.split_once("help: ").unwrap();
        assert!(wrong.contains("panic = \"abort\""), "{wrong}");
        // Who has written nothing of the kind has to learn where it comes from.
        for part in ["panic = \"unwind\"", "[profile.release]", "cargo lambda build --release"] {
            assert!(help.contains(part), "{help}");
        }
    }
}
