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
