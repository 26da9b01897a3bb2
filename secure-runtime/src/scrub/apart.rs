//! Futures that leave nothing behind.

use std::{
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll},
};

use super::wipe;

/// A future on the heap whose memory is wiped when it is dropped, completed or not, and which is polled in frames of its
/// own: none of its values comes to lie in the frame of whoever polls it.
pub(crate) struct Apart<F> {
    slot: Box<Slot<F>>,
}

impl<F> Apart<F> {
    /// Moves the future to the heap. Call it where little of the future's values exists yet: the frame that made it is
    /// the caller's.
    #[inline(never)]
    pub(crate) fn new(future: F) -> Self {
        Self { slot: Box::new(Slot(MaybeUninit::new(future))) }
    }
}

impl<F: Future> Future for Apart<F> {
    type Output = F::Output;

    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: it is initialised from `new` until the slot is dropped.
        let future = unsafe { self.slot.0.assume_init_mut() };
        // SAFETY: the box is never moved out of, and its content is dropped where it is: it stays at its address.
        unsafe { Pin::new_unchecked(future) }.poll(context)
    }
}

/// A value that is dropped where it is, and whose memory is wiped then, also when its own `Drop` panics.
struct Slot<T>(MaybeUninit<T>);

impl<T> Drop for Slot<T> {
    #[inline(never)]
    fn drop(&mut self) {
        struct Wipe<'t, T>(&'t mut MaybeUninit<T>);

        impl<T> Drop for Wipe<'_, T> {
            fn drop(&mut self) {
                // SAFETY: the place is valid for writes of its size, and what it held has been dropped.
                unsafe { wipe(self.0.as_mut_ptr().cast(), size_of::<T>()) };
            }
        }

        let place = Wipe(&mut self.0);
        // SAFETY: a slot is initialised when it is made; it is dropped once, and not used again.
        unsafe { place.0.assume_init_drop() };
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        panic::{AssertUnwindSafe, catch_unwind},
        rc::Rc,
    };

    use super::*;

    fn is_send<T: Send>(_: &T) {}

    #[tokio::test]
    async fn it_is_the_future_that_it_holds() {
        let text = String::from("borrowed");
        let future = Apart::new(async {
            tokio::task::yield_now().await;
            text.len()
        });
        is_send(&future);
        assert_eq!(future.await, 8);
    }

    struct Marked {
        bytes: [u8; 64],
        dropped: Rc<Cell<bool>>,
        panics: bool,
    }

    impl Drop for Marked {
        fn drop(&mut self) {
            self.dropped.set(true);
            assert!(!self.panics, "on purpose");
        }
    }

    #[test]
    fn a_slots_memory_is_wiped_after_its_drop_also_when_that_panics() {
        for panics in [false, true] {
            let dropped = Rc::new(Cell::new(false));
            let marked = Marked { bytes: [0xA5; 64], dropped: Rc::clone(&dropped), panics };
            let mut slot = std::mem::ManuallyDrop::new(Slot(MaybeUninit::new(marked)));
            // SAFETY: the slot is initialised; a field's address is taken, and nothing is read.
            let bytes = unsafe { &raw const (*slot.0.as_ptr()).bytes };
            // SAFETY: the slot is alive, and its bytes are initialised, by `Marked` or by the wipe.
            let seen = || unsafe { bytes.read() };
            assert_eq!(seen(), [0xA5; 64]);
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                // SAFETY: it is dropped here and nowhere else; its memory stays valid.
                unsafe { std::mem::ManuallyDrop::drop(&mut slot) };
            }));
            assert_eq!((outcome.is_err(), dropped.get()), (panics, true));
            assert_eq!(seen(), [0; 64]);
        }
    }
}
