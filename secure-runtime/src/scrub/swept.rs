//! Futures that take nothing along.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use super::wipe_thread_or_say;

/// A future that is polled where the stack has just been wiped.
///
/// It may live long beside tasks that leave their bytes on the same thread: the parts of a value that nothing is written to
/// keep, when the value is moved into the future, what lay on the stack before.
pub(crate) struct Swept<F> {
    future: Pin<Box<F>>,
}

impl<F> Swept<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future: Box::pin(future) }
    }
}

impl<F: Future> Future for Swept<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        #[cfg(not(ablate = "swept"))]
        wipe_thread_or_say();
        poll_below(self.future.as_mut(), context)
    }
}

/// In a frame of its own, which lies in what has been wiped.
#[inline(never)]
fn poll_below<F: Future>(future: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
    future.poll(context)
}

#[cfg(test)]
mod tests {
    use std::{hint::black_box, task::Waker};

    use super::*;

    const MARKER: u64 = 0x1BAD_B002_FEE1_DEAD;

    /// Leaves the marker on the stack, as another task would, and says where.
    #[inline(never)]
    fn leave() -> usize {
        let words = black_box([MARKER; 1024]);
        black_box(&words).as_ptr().addr()
    }

    fn word_at(address: usize) -> u64 {
        // SAFETY: the address lies on this thread's stack, where `leave` has written; any bytes are a `u64`. It is read as
        // volatile, because nothing that the compiler knows of has written there.
        unsafe { std::ptr::with_exposed_provenance::<u64>(address).read_volatile() }
    }

    fn poll(mut future: impl Future<Output = u64> + Unpin) -> u64 {
        match Pin::new(&mut future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(word) => word,
            Poll::Pending => unreachable!("it is ready"),
        }
    }

    #[test]
    fn it_finds_nothing_of_what_others_left() {
        let address = leave();
        assert_eq!(poll(Box::pin(async { word_at(address) })), MARKER, "the words stay when nothing wipes them");
        assert_eq!(poll(Swept::new(async { word_at(address) })), 0);
    }
}
