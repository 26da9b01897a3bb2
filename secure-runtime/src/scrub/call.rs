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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{
        hint::black_box,
        panic::{AssertUnwindSafe, catch_unwind},
        task::Waker,
    };

    use super::*;

    /// Fills a frame with a marker, and says where.
    #[inline(never)]
    fn leave(marker: u8) -> usize {
        let bytes = black_box([marker; 4096]);
        black_box(&bytes).as_ptr().addr() + 1024
    }

    /// Deeper than what a panic does.
    #[inline(never)]
    #[allow(clippy::large_stack_arrays, reason = "that is the point")]
    fn leave_deep(marker: u8) -> usize {
        let gap = [0u8; 128 << 10];
        black_box(&gap);
        leave(marker)
    }

    fn is_left(address: usize, marker: u8) -> bool {
        super::super::byte_on_the_stack(address) == marker
    }

    #[test]
    fn what_a_body_leaves_is_wiped() {
        assert!(is_left(leave(0xA1), 0xA1), "it stays when nothing wipes it");
        let address = call(|| leave(0xA2));
        assert!(!is_left(address, 0xA2));
    }

    #[test]
    fn what_a_panicking_body_leaves_is_wiped() {
        let mut address = 0;
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            call(|| {
                address = leave_deep(0xA3);
                panic!("on purpose");
            })
        }));
        assert!(panicked.is_err());
        assert!(!is_left(address, 0xA3));
        assert_eq!(DEPTH.get(), 0);
    }

    #[test]
    fn the_outermost_call_wipes_and_none_within_it() {
        let address = call(|| {
            let inner = call(|| leave(0xA4));
            assert!(is_left(inner, 0xA4), "once is enough");
            inner
        });
        assert!(!is_left(address, 0xA4));
    }

    #[test]
    fn a_result_comes_back_as_it_was() {
        let numbers: [u64; 64] = std::array::from_fn(|at| at as u64);
        assert_eq!(call(|| black_box(numbers)), numbers);
        assert_eq!(call(|| black_box(1.5f64)).to_bits(), 1.5f64.to_bits());
        assert_eq!(call(|| String::from("text")), "text");
    }

    #[test]
    fn every_poll_is_wiped_and_the_result_comes_back() {
        let mut address = 0;
        let mut body = Box::pin(call_async(async {
            address = leave(0xA5);
            tokio::task::yield_now().await;
            7
        }));
        let mut poll = || body.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        // Outside of a runtime it is woken at once.
        assert_eq!(poll(), Poll::Pending);
        assert_eq!(poll(), Poll::Ready(7));
        drop(body);
        assert!(!is_left(address, 0xA5));
    }

    #[test]
    fn what_a_cancelled_body_leaves_is_wiped() {
        struct Leaves<'a>(&'a Cell<usize>);
        impl Drop for Leaves<'_> {
            fn drop(&mut self) {
                self.0.set(leave(0xA6));
            }
        }
        let address = Cell::new(0);
        let mut body = Box::pin(call_async(async {
            let _leaves = Leaves(&address);
            std::future::pending::<()>().await;
        }));
        assert_eq!(body.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
        drop(body);
        assert_ne!(address.get(), 0);
        assert!(!is_left(address.get(), 0xA6));
    }
}
