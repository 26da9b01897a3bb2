//! Panics: caught where an invocation is polled, and logged with their message masked.

use std::{
    any::Any,
    backtrace::{Backtrace, BacktraceStatus},
    cell::Cell,
    panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind},
    ptr,
    sync::{
        Arc, Mutex, Once, PoisonError, Weak,
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

/// Whether our hook answers for all panics.
static COVERS_PROCESS: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Whether our hook is at work on this thread, so that nothing is told twice.
    static TELLING: Cell<bool> = const { Cell::new(false) };
}

/// Installs the panic hook, once for the process and once for its invocations, unless it is there still.
///
/// A panic's message can hold whatever the code had at hand, and the standard hook writes it to the log. Ours writes it masked,
/// with the place and the request id, and then calls the hook that the program had set, if it had. What that writes is its
/// own.
///
/// A program may set its hook at any time before its first invocation: ours is put before it then. Whether that one calls
/// ours in its turn can't be seen, and doesn't matter: nothing is told twice.
pub(crate) fn install_hook(cover: Cover) {
    static AT_START: Once = Once::new();
    static AT_FIRST_INVOCATION: Once = Once::new();
    let once = match cover {
        Cover::Process => {
            COVERS_PROCESS.store(true, Ordering::Relaxed);
            &AT_START
        }
        Cover::Invocations => &AT_FIRST_INVOCATION,
    };
    once.call_once(ensure_hook);
}

/// Puts our hook before the one that is there, unless that one is ours.
fn ensure_hook() {
    /// Where our last hook lies, and whether it still does: while it exists, no other one can lie there.
    static OURS: Mutex<(usize, Weak<()>)> = Mutex::new((0, Weak::new()));
    let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    let found = take_hook();
    if address(&found) == ours.0 && ours.1.strong_count() > 0 {
        return panic::set_hook(found);
    }
    // Nothing is set now, so this is the standard one.
    let standard = take_hook();
    let own = is_the_programs_own(&found, &standard);
    let exists = Arc::new(());
    let watch = Arc::downgrade(&exists);
    let hook: Hook = Box::new(move |info| {
        let _ = &exists;
        hook(info, &found, own);
    });
    *ours = (address(&hook), watch);
    panic::set_hook(hook);
}

fn hook(info: &PanicHookInfo<'_>, previous: &Hook, own: bool) {
    let Some(telling) = Telling::begin() else { return };
    match scope::current() {
        Some(invocation) => report(info, &invocation.request_id, invocation.message_id.as_deref()),
        None if COVERS_PROCESS.load(Ordering::Relaxed) => report(info, "", None),
        None => return previous(info),
    }
    if own {
        previous(info);
    }
    drop(telling);
}

/// In one place, so that the standard hook is made in one place.
#[inline(never)]
fn take_hook() -> Hook {
    panic::take_hook()
}

fn address(hook: &Hook) -> usize {
    ptr::from_ref(&**hook).addr()
}

/// The standard hook would write the message as it is, so it must not be called. It is a function, and captures nothing; so
/// does a hook of the program's, maybe, which then differs in what it calls.
#[allow(ambiguous_wide_pointer_comparisons, reason = "where the comparison can't be relied on, it isn't")]
fn is_the_programs_own(hook: &Hook, standard: &Hook) -> bool {
    let captures = |hook: &Hook| size_of_val(&**hook) > 0;
    let is_known_again = ptr::eq(&raw const **standard, &raw const *take_hook());
    captures(hook) || (is_known_again && !ptr::eq(&raw const **hook, &raw const **standard))
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

fn report(info: &PanicHookInfo<'_>, request_id: &str, message_id: Option<&str>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or_default();
    let message = masked(text(info.payload()).unwrap_or("(no text)"));
    // Captured when `RUST_BACKTRACE` or `RUST_LIB_BACKTRACE` asks for it.
    let backtrace = Backtrace::capture();
    let backtrace = match backtrace.status() {
        BacktraceStatus::Captured => masked(&backtrace.to_string()),
        _ => String::new(),
    };
    if !tracing::dispatcher::has_been_set() {
        eprintln!("panicked at {place} on thread `{thread}`, request `{request_id}`: {message}\n{backtrace}");
    } else if backtrace.is_empty() {
        tracing::error!(request_id, message_id, place, thread, panic = message, "panicked");
    } else {
        tracing::error!(request_id, message_id, place, thread, panic = message, backtrace, "panicked");
    }
}

/// What `panic!` was given, if it was a text.
fn text(payload: &dyn Any) -> Option<&str> {
    payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str))
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
