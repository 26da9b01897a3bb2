//! What this module's tests have in common.

use std::{
    future::Future,
    io,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use tokio::io::{AsyncRead, ReadBuf};

/// What a future gives that has nothing to wait for.
pub(super) fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits for something"),
    }
}

/// A text that comes in pieces, and may fail where it should end.
pub(super) struct Trickle<'t> {
    text: &'t [u8],
    piece: usize,
    fails: bool,
}

impl<'t> Trickle<'t> {
    pub(super) fn new(text: &'t [u8], piece: usize) -> Self {
        Self { text, piece, fails: false }
    }

    pub(super) fn failing(mut self) -> Self {
        self.fails = true;
        self
    }
}

impl AsyncRead for Trickle<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.text.is_empty() && self.fails {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let (piece, rest) = self.text.split_at(self.text.len().min(self.piece).min(out.remaining()));
        out.put_slice(piece);
        self.text = rest;
        Poll::Ready(Ok(()))
    }
}
