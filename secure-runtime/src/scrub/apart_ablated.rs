//! [`Apart`] without what it is for, to show what that is: see `docs/residue.md`. No build has it but those of
//! `tests/ablations.sh`, whose functions never move a future that they have polled.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// A future where it is: in the frame of whoever polls it.
pub(crate) struct Apart<F> {
    future: F,
}

impl<F> Apart<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future }
    }
}

impl<F> Unpin for Apart<F> {}

impl<F: Future> Future for Apart<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: the experiment's functions leave it where it was first polled, until it is dropped.
        unsafe { Pin::new_unchecked(&mut self.future) }.poll(context)
    }
}
