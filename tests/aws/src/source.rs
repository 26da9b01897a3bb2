//! Texts that are never whole in memory.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    sync::Notify,
};

/// A text, again and again.
pub struct Repeated<'t> {
    text: &'t [u8],
    position: usize,
    left: usize,
    end: End<'t>,
}

/// What comes when all has been read.
pub enum End<'t> {
    /// The end.
    Ends,
    /// An error.
    Fails,
    /// Nothing, for ever; but somebody is told.
    Stalls(&'t Notify),
}

impl<'t> Repeated<'t> {
    /// A text so many times, and then this end.
    #[must_use]
    pub fn new(text: &'t str, times: usize, end: End<'t>) -> Self {
        Self { text: text.as_bytes(), position: 0, left: times * text.len(), end }
    }
}

impl AsyncRead for Repeated<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.left == 0 {
            return match self.end {
                End::Ends => Poll::Ready(Ok(())),
                End::Fails => Poll::Ready(Err(io::Error::other("the source has failed"))),
                End::Stalls(told) => {
                    told.notify_one();
                    Poll::Pending
                }
            };
        }
        while self.left > 0 && out.remaining() > 0 {
            let rest = &self.text[self.position..];
            let len = rest.len().min(self.left).min(out.remaining());
            out.put_slice(&rest[..len]);
            self.left -= len;
            self.position = (self.position + len) % self.text.len();
        }
        Poll::Ready(Ok(()))
    }
}
