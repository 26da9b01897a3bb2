//! Panics: caught where an invocation is polled, and logged with their message masked.

use std::{
    any::Any,
    backtrace::{Backtrace, BacktraceStatus},
    cell::Cell,
    panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind},
    sync::{
        Once,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{log::masked, scope};

/// Which panics our hook answers for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cover {
    /// Those of an invocation; all others go to the hook that was there before. For a process that is not ours alone: a
    /// test, or a function under `#[tokio::main]`.
    Invocations,
    /// All of them. For a function under `#[secure_runtime::main]`.
    Process,
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// Whether this hook of ours is the one that panics come to first.
static COVERS_PROCESS: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Whether our hook is at work on this thread, so that nothing is told twice.
    static TELLING: Cell<bool> = const { Cell::new(false) };
}

/// Installs the panic hook, once a process.
///
/// A panic's message can hold whatever the code had at hand, and the standard hook writes it to the log. Ours writes it masked,
/// with the place and the request id, and then calls the hook that the program had set, if it had.
pub(crate) fn install_hook(cover: Cover) {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        COVERS_PROCESS.store(cover == Cover::Process, Ordering::Relaxed);
        let previous: Hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| hook(info, &previous)));
    });
}

fn hook(info: &PanicHookInfo<'_>, previous: &Hook) {
    let Some(telling) = Telling::begin() else { return };
    match scope::current() {
        Some(invocation) => report(info, &invocation.request_id),
        None if COVERS_PROCESS.load(Ordering::Relaxed) => report(info, ""),
        None => return previous(info),
    }
    if is_the_programs_own(previous) {
        previous(info);
    }
    drop(telling);
}

/// The standard hook would write the message as it is. It captures nothing; a hook that a program has set mostly does. One that
/// doesn't is taken for the standard one.
fn is_the_programs_own(hook: &Hook) -> bool {
    size_of_val(&**hook) > 0
}

/// A panic within a hook, and a hook that calls ours in its turn, tell nothing more.
struct Telling;

impl Telling {
    fn begin() -> Option<Self> {
        // A thread that is shutting down tells it all the same.
        (!TELLING.try_with(|telling| telling.replace(true)).unwrap_or(false)).then_some(Self)
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        let _ = TELLING.try_with(|telling| telling.set(false));
    }
}

fn report(info: &PanicHookInfo<'_>, request_id: &str) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or_default();
    let message = masked(info.payload_as_str().unwrap_or("(no text)"));
    // Captured when `RUST_BACKTRACE` or `RUST_LIB_BACKTRACE` asks for it.
    let backtrace = Backtrace::capture();
    let backtrace = match backtrace.status() {
        BacktraceStatus::Captured => masked(&backtrace.to_string()),
        _ => String::new(),
    };
    if !tracing::dispatcher::has_been_set() {
        eprintln!("panicked at {place} on thread `{thread}`, request `{request_id}`: {message}\n{backtrace}");
    } else if backtrace.is_empty() {
        tracing::error!(request_id, place, thread, panic = message, "panicked");
    } else {
        tracing::error!(request_id, place, thread, panic = message, backtrace, "panicked");
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
