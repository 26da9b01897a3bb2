//! Calls that leave nothing on the stack or in registers: `#[secure_fn]`.
//!
//! ```text
//! the function's own frame    what it was given, what it returns, and the wipe, inlined
//! margin                      room for the frames between that one and the wipe, in which the call has left nothing
//! run                         the body, and all that it calls
//! ```

use std::{
    cell::Cell,
    hint::black_box,
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
};

use super::{Apart, wipe, wipe_thread_or_say};

/// How much lies between the function's frame and what its body leaves. A guard's drop is a call where it isn't inlined
/// (without optimisation, or when a panic unwinds), and the gaps in its frame keep what was there.
const MARGIN: usize = 512;

thread_local! {
    /// How many such calls are running on this thread, one in the other.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Wipes this thread when the outermost of the calls ends, by returning or unwinding.
struct Wiped(());

impl Wiped {
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a frame of its own would keep what lies where it is")]
    fn at_the_end() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Self(())
    }
}

impl Drop for Wiped {
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a frame of its own would keep what lies where it is")]
    fn drop(&mut self) {
        let depth = DEPTH.get() - 1;
        DEPTH.set(depth);
        if depth == 0 && cfg!(not(ablate = "calls")) {
            wipe_thread_or_say();
        }
    }
}

/// The body, with what it was given, in the function's own frame: wiped there once it has run.
struct Given<F>(MaybeUninit<F>);

impl<F> Drop for Given<F> {
    fn drop(&mut self) {
        // SAFETY: the place is valid for writes of its size, and what it held has been moved out of it by `run`.
        unsafe { wipe(self.0.as_mut_ptr().cast(), size_of::<F>()) };
    }
}

/// Runs the body of a function under `#[secure_fn]` in frames of its own, and wipes them, unless a call around it will.
///
/// It is inlined into the function, so that no frame lies between that one's and what is wiped. The result is written to where
/// the function's caller wants it.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a frame of its own would keep what lies where it is")]
pub fn call<R>(body: impl FnOnce() -> R) -> R {
    let mut given = Given(MaybeUninit::new(body));
    let _wiped = Wiped::at_the_end();
    margin(&mut given)
}

/// A frame in which nothing of the body's lies.
#[inline(never)]
fn margin<F: FnOnce() -> R, R>(given: &mut Given<F>) -> R {
    let room = [0u8; MARGIN];
    black_box(&room);
    let result = run(given);
    // It has to be there still, or the call above would be made in the caller's frame.
    black_box(&room);
    result
}

#[inline(never)]
fn run<F: FnOnce() -> R, R>(given: &mut Given<F>) -> R {
    // SAFETY: `call` has initialised it, and this is called once for each `call`: nobody else reads it.
    let body = unsafe { given.0.assume_init_read() };
    body()
}

/// The body of an `async fn` under `#[secure_fn]`: each of its polls is such a call, and so is dropping it. What it keeps
/// meanwhile lies on the heap, and is wiped.
pub struct Called<F> {
    /// `None`: it has ended.
    future: Option<Apart<F>>,
}

/// Makes the body of an `async fn` leave nothing.
pub fn call_async<F: Future>(body: F) -> Called<F> {
    Called { future: Some(Apart::new(body)) }
}

impl<F: Future> Future for Called<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        call(|| {
            let future = self.future.as_mut().expect("it is not polled again when it has ended");
            let result = ready!(Pin::new(future).poll(context));
            self.future = None;
            Poll::Ready(result)
        })
    }
}

impl<F> Drop for Called<F> {
    fn drop(&mut self) {
        if self.future.is_some() {
            call(|| self.future = None);
        }
    }
}

/// Nothing, as what a function is declared to return: by `return`ing it, an `async` block learns its type.
#[must_use]
pub fn declared<R>() -> Option<R> {
    None
}

#[cfg(test)]
mod tests {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        task::Waker,
    };

    use super::*;

    const MARKER: u64 = 0x1BAD_B002_FEE1_DEAD;

    #[inline(never)]
    fn leave() -> usize {
        let words = black_box([MARKER; 64]);
        black_box(&words).as_ptr().addr() + 128
    }

    fn word_at(address: usize) -> u64 {
        // SAFETY: the address lies on this thread's stack, where `leave` has written; any bytes are a `u64`. It is read as
        // volatile, because nothing that the compiler knows of has written there.
        unsafe { std::ptr::with_exposed_provenance::<u64>(address).read_volatile() }
    }

    #[test]
    fn what_a_call_left_is_gone_when_it_returns_or_unwinds_and_its_result_is_not() {
        let left = leave();
        assert_eq!(word_at(left), MARKER, "the words stay when nothing wipes them");
        let (left, result) = call(|| (leave(), [MARKER; 40]));
        assert_eq!((word_at(left), result), (0, [MARKER; 40]));
        let mut left = 0;
        catch_unwind(AssertUnwindSafe(|| {
            call(|| {
                left = leave();
                std::panic::resume_unwind(Box::new(()));
            });
        }))
        .unwrap_err();
        assert_eq!((word_at(left), DEPTH.get()), (0, 0));
    }

    #[test]
    fn the_outermost_call_wipes_and_no_other() {
        let (left, between) = call(|| {
            let left = call(leave);
            (left, word_at(left))
        });
        assert_eq!((between, word_at(left)), (MARKER, 0));
    }

    #[test]
    fn each_poll_is_a_call_and_so_is_dropping() {
        struct Leaves<'l>(&'l Cell<usize>);
        impl Drop for Leaves<'_> {
            fn drop(&mut self) {
                self.0.set(leave());
            }
        }
        let left = Cell::new(0);
        let mut future = call_async(async {
            let _at_the_end = Leaves(&left);
            left.set(leave());
            std::future::pending::<()>().await;
        });
        assert!(Pin::new(&mut future).poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!(word_at(left.replace(0)), 0);
        drop(future);
        assert_eq!(word_at(left.get()), 0);
    }

    /// As deep as its stack has not been before, which the kernel makes longer.
    #[test]
    fn a_call_from_far_down_leaves_what_is_above_it() {
        #[inline(never)]
        fn down(levels: u64) -> u64 {
            let frame = black_box([levels; 1024]);
            let below = if levels == 0 { call(|| word_at(leave())) } else { down(levels - 1) };
            assert!(frame.iter().all(|&word| word == levels), "a frame that is in use is as it was");
            below
        }
        call(leave);
        assert_eq!(down(80), MARKER);
    }
}
