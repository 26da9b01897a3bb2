//! The one connection to the Runtime API.

use std::{
    fmt,
    future::poll_fn,
    io,
    pin::Pin,
    sync::Arc,
    task::{Poll, ready},
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    net::TcpStream,
};

use super::{
    endpoint::Endpoint,
    protocol::{Message, Progress, ProtocolError, Reader},
};
use crate::scrub::Buffer;

/// Why a request has no answer.
#[derive(Debug)]
pub(super) enum ExchangeError {
    Io(io::Error),
    Protocol(ProtocolError),
}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the connection to the Runtime API failed: {error}"),
            Self::Protocol(error) => write!(f, "an answer of the Runtime API can't be read: {error}"),
        }
    }
}

impl std::error::Error for ExchangeError {}

impl From<io::Error> for ExchangeError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<ProtocolError> for ExchangeError {
    fn from(error: ProtocolError) -> Self {
        Self::Protocol(error)
    }
}

/// A connection that is kept between requests, and made again when it is gone.
#[derive(Debug)]
pub(super) struct Connection {
    endpoint: Arc<Endpoint>,
    stream: Option<TcpStream>,
}

impl Connection {
    pub(super) fn new(endpoint: Arc<Endpoint>) -> Self {
        Self { endpoint, stream: None }
    }

    /// Forgets the connection: the next request opens another one.
    pub(super) fn close(&mut self) {
        self.stream = None;
    }

    /// Sends a request that may be sent twice, and reads the answer into the empty `inbox`.
    ///
    /// A peer may close a connection that is idle. When that is what happened (it was used before, and not a byte of an
    /// answer came), it is opened once more.
    pub(super) async fn get(&mut self, request: &[u8], inbox: &mut Buffer) -> Result<Message, ExchangeError> {
        self.drop_if_closed();
        let reused = self.stream.is_some();
        let mut reader = Reader::new(0);
        match self.try_get(request, inbox, &mut reader).await {
            Err(_) if reused && reader.is_untouched(inbox) => {
                reader = Reader::new(0);
                self.try_get(request, inbox, &mut reader).await
            }
            outcome => outcome,
        }
    }

    async fn try_get(
        &mut self,
        request: &[u8],
        inbox: &mut Buffer,
        reader: &mut Reader,
    ) -> Result<Message, ExchangeError> {
        let mut stream = self.take_open().await?;
        write(&stream, request).await?;
        let message = read(&mut stream, inbox, reader).await?;
        self.keep(stream, &message);
        Ok(message)
    }

    /// Sends a request that must not be sent twice: the whole content of `outbox`. The answer is read behind it.
    pub(super) async fn post(&mut self, outbox: &mut Buffer) -> Result<Message, ExchangeError> {
        self.drop_if_closed();
        let stream = self.take_open().await?;
        let sent = write(&stream, outbox.content()).await;
        self.read_answer(stream, sent, outbox).await
    }

    /// Sends the beginning of a request; [`end`](Self::end) sends the rest.
    pub(super) async fn begin(&mut self, outbox: &Buffer) -> Result<Sending, ExchangeError> {
        self.drop_if_closed();
        let stream = self.take_open().await?;
        let sent = write(&stream, outbox.content()).await;
        Ok(Sending { stream, sent })
    }

    /// Sends the end of a request, and reads the answer behind it.
    pub(super) async fn end(&mut self, mut sending: Sending, outbox: &mut Buffer) -> Result<Message, ExchangeError> {
        sending.send(outbox).await;
        self.read_answer(sending.stream, sending.sent, outbox).await
    }

    /// A peer that refuses a request half-way says why before it closes, so the answer is read in any case.
    async fn read_answer(
        &mut self,
        mut stream: TcpStream,
        sent: io::Result<()>,
        outbox: &mut Buffer,
    ) -> Result<Message, ExchangeError> {
        let mut reader = Reader::new(outbox.len());
        let answer = read(&mut stream, outbox, &mut reader).await;
        match (sent, answer) {
            (Ok(()), Ok(message)) => {
                self.keep(stream, &message);
                Ok(message)
            }
            (Err(_), Ok(message)) => Ok(message),
            (Err(error), Err(_)) => Err(error.into()),
            (Ok(()), Err(error)) => Err(error),
        }
    }

    /// The connection, until [`keep`](Self::keep) gives it back: whatever fails meanwhile, it is not used again.
    async fn take_open(&mut self) -> io::Result<TcpStream> {
        if let Some(stream) = self.stream.take() {
            return Ok(stream);
        }
        let stream = TcpStream::connect(self.endpoint.address()).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    fn keep(&mut self, stream: TcpStream, message: &Message) {
        self.stream = message.keep_alive.then_some(stream);
    }

    /// Nothing is to be read between two exchanges: a peer that closes, or says something, can't be used again.
    fn drop_if_closed(&mut self) {
        let is_quiet = |stream: &TcpStream| matches!(stream.try_read(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock);
        if !self.stream.as_ref().is_some_and(is_quiet) {
            self.close();
        }
    }
}

/// A request that is sent piece by piece. After a failure nothing more is sent.
#[derive(Debug)]
pub(super) struct Sending {
    stream: TcpStream,
    sent: io::Result<()>,
}

impl Sending {
    pub(super) async fn send(&mut self, outbox: &Buffer) {
        if self.sent.is_ok() {
            self.sent = write(&self.stream, outbox.content()).await;
        }
    }

    /// Whether the peer still takes anything.
    pub(super) fn is_open(&self) -> bool {
        self.sent.is_ok()
    }
}

/// Sends everything, unless the peer says something before it has it all: who would answer then has stopped listening.
async fn write(stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => writable(stream).await?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Waits until more can be written; an error when something can be read first.
async fn writable(stream: &TcpStream) -> io::Result<()> {
    poll_fn(|task| {
        if stream.poll_write_ready(task)?.is_ready() {
            return Poll::Ready(Ok(()));
        }
        let mut byte = [0];
        stream.poll_peek(task, &mut ReadBuf::new(&mut byte)).map(|come| match come {
            Ok(_) => Err(io::Error::other("the peer answered before it had the whole request")),
            Err(error) => Err(error),
        })
    })
    .await
}

async fn read(stream: &mut TcpStream, buffer: &mut Buffer, reader: &mut Reader) -> Result<Message, ExchangeError> {
    let mut missing = 1;
    loop {
        if read_some(stream, buffer, missing).await? == 0 {
            return Ok(reader.closed(buffer)?);
        }
        match reader.advance(buffer)? {
            Progress::Whole(message) => return Ok(message),
            Progress::More(more) => missing = more,
        }
    }
}

/// Reads what there is, as much as there is room for. By `poll_read`, which knows that a short read leaves nothing to be
/// read, and saves asking again.
async fn read_some(stream: &mut TcpStream, buffer: &mut Buffer, missing: usize) -> io::Result<usize> {
    let come = poll_fn(|task| {
        // A byte more than is missing, so that a read that ends a message is a short one.
        let mut room = ReadBuf::new(buffer.room(missing + 1));
        ready!(Pin::new(&mut *stream).poll_read(task, &mut room))?;
        Poll::Ready(io::Result::Ok(room.filled().len()))
    });
    let come = come.await?;
    buffer.fill(come);
    Ok(come)
}
