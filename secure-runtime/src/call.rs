//! Calls of `#[secure_fn]` functions, which leave nothing on the stack.
//!
//! The body runs in frames below the one that wipes. A call within another is wiped by the outermost, once.

use std::{
    cell::Cell,
    pin::Pin,
    task::{Context, Poll},
};

use crate::scrub::{Apart, wipe_thread_or_say};

thread_local! {
    /// How many calls of secured functions are on this thread's stack.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// A call that is on the stack. Dropped by a panic: the outermost wipes what is below it then, too.
struct Call;

impl Call {
    #[inline]
    fn begin() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Self
    }

    /// The call has returned: wipes the thread if it was the outermost.
    ///
    /// Inlined, as all that wipes is: what it can't reach is the frame that it is called from.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a frame of its own would keep what lies where it is")]
    fn end() {
        let depth = DEPTH.get() - 1;
        DEPTH.set(depth);
        if depth == 0 {
            wipe_thread_or_say();
        }
    }
}

impl Drop for Call {
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a frame of its own would keep what lies where it is")]
    fn drop(&mut self) {
        Self::end();
    }
}

/// Runs a function's body, and wipes what it has left on the stack and in vector registers, also when it panics.
#[inline(never)]
pub fn wiped<R>(body: impl FnOnce() -> R) -> R {
    let call = Call::begin();
    let result = below(body);
    std::mem::forget(call);
    Call::end();
    result
}

/// In a frame of its own, which lies in what is wiped.
#[inline(never)]
fn below<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// An asynchronous function's body: on the heap while it waits, wiped there when it ends or is dropped, and polled where what it
/// leaves is wiped.
pub fn wiped_async<F: Future>(body: F) -> impl Future<Output = F::Output> {
    Wiped(Some(Apart::new(body)))
}

/// `None`: it has ended.
struct Wiped<F>(Option<Apart<F>>);

impl<F: Future> Wiped<F> {
    #[inline(never)]
    fn poll_below(&mut self, context: &mut Context<'_>) -> Poll<F::Output> {
        let body = self.0.as_mut().expect("nobody polls a future again that has ended");
        let polled = Pin::new(body).poll(context);
        if polled.is_ready() {
            self.0 = None;
        }
        polled
    }
}

impl<F: Future> Future for Wiped<F> {
    type Output = F::Output;

    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let call = Call::begin();
        let polled = self.poll_below(context);
        std::mem::forget(call);
        Call::end();
        polled
    }
}

impl<F> Drop for Wiped<F> {
    /// Cancelled: what the destructors of its values leave is wiped as well.
    fn drop(&mut self) {
        if let Some(body) = self.0.take() {
            wiped(|| drop(body));
        }
    }
}

/// Gives a body its function's return type: a `return` of it comes first. Never called.
pub fn never<R>() -> R {
    unreachable!("the expansion has it under `if false`")
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

    fn is_left(address: usize, marker: u8) -> bool {
        crate::scrub::byte_on_the_stack(address) == marker
    }

    #[test]
    fn what_a_body_leaves_is_wiped() {
        assert!(is_left(leave(0xA1), 0xA1), "it stays when nothing wipes it");
        let address = wiped(|| leave(0xA2));
        assert!(!is_left(address, 0xA2));
    }

    #[test]
    fn what_a_panicking_body_leaves_is_wiped() {
        let mut address = 0;
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            wiped(|| {
                address = leave(0xA3);
                panic!("on purpose");
            })
        }));
        assert!(panicked.is_err());
        assert!(!is_left(address, 0xA3));
        assert_eq!(DEPTH.get(), 0);
    }

    #[test]
    fn the_outermost_call_wipes_and_none_within_it() {
        let address = wiped(|| {
            let inner = wiped(|| leave(0xA4));
            assert!(is_left(inner, 0xA4), "once is enough");
            inner
        });
        assert!(!is_left(address, 0xA4));
    }

    #[test]
    fn a_result_comes_back_as_it_was() {
        let numbers: [u64; 64] = std::array::from_fn(|at| at as u64);
        assert_eq!(wiped(|| black_box(numbers)), numbers);
        assert_eq!(wiped(|| black_box(1.5f64)).to_bits(), 1.5f64.to_bits());
        assert_eq!(wiped(|| String::from("text")), "text");
    }

    #[test]
    fn every_poll_is_wiped_and_the_result_comes_back() {
        let mut address = 0;
        let mut body = Box::pin(wiped_async(async {
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
        let mut body = Box::pin(wiped_async(async {
            let _leaves = Leaves(&address);
            std::future::pending::<()>().await;
        }));
        assert_eq!(body.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
        drop(body);
        assert_ne!(address.get(), 0);
        assert!(!is_left(address.get(), 0xA6));
    }
}
