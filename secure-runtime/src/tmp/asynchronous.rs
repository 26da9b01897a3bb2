//! The sealed file for `async` code.

use std::{
    fmt,
    future::poll_fn,
    io::{self, SeekFrom},
    os::unix::fs::FileExt as _,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};

use super::{
    SealedFile,
    chunks::{Before, Chunks, Record, read_sealed},
    plaintext::{self, PlaintextFd},
    quota::Share,
    sealed_file::{Options, sought},
};
use crate::{
    task::{JoinHandle, spawn_blocking},
    validated::IsValidated,
};

/// [`SealedFile`] whose disk is waited for on the blocking pool. Encryption stays where the handler runs: no other thread ever sees
/// the text.
///
/// It is a tokio [`AsyncRead`] and [`AsyncSeek`]. A write that is dropped half-way is taken back before the next one begins.
///
/// ```
/// use secure_runtime::prelude::*;
/// use secure_runtime::tmp::AsyncSealedFile;
///
/// # async fn example() -> Result<(), Error> {
/// let mut file = AsyncSealedFile::create().await?;
/// file.write_validated(&Validated::check(vec![7; 200_000], |bytes| bytes.len() < 1 << 20)?).await?;
/// assert_eq!(file.len(), 200_000);
/// # Ok(()) }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(example()).unwrap();
/// ```
pub struct AsyncSealedFile {
    chunks: Chunks,
    position: u64,
    share: Share,
    /// A write that has begun and not ended, and how much it adds.
    unfinished: Option<(Before, u64)>,
    /// What the blocking pool writes.
    writing: Option<Writing>,
    /// What it reads, and which chunk that is.
    reading: Option<(u64, JoinHandle<io::Result<Vec<u8>>>)>,
}

/// Why something is written.
enum Writing {
    /// It was given to be written.
    Wanted(JoinHandle<io::Result<()>>),
    /// It was there before a write that failed or was dropped.
    Restored(JoinHandle<io::Result<()>>),
}

impl AsyncSealedFile {
    /// [`SealedFile::create`].
    ///
    /// # Errors
    /// As there.
    ///
    /// # Panics
    /// Outside of a tokio runtime. So does everything else here that waits.
    pub async fn create() -> io::Result<Self> {
        Self::create_with(SealedFile::options()).await
    }

    /// [`Options::create`].
    ///
    /// # Errors
    /// As there.
    pub async fn create_with(options: Options) -> io::Result<Self> {
        let file = spawn_blocking(move || options.create()).await.map_err(io::Error::other)??;
        Ok(file.into())
    }

    /// [`SealedFile::write_validated`].
    ///
    /// # Errors
    /// As there.
    // In a box: the compiler says three times of an `async fn` what is wrong with its type parameter.
    pub fn write_validated<'f, V: IsValidated + ?Sized>(
        &'f mut self,
        data: &'f V,
    ) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'f>> {
        Box::pin(self.write_bytes(data.__bytes()))
    }

    /// There is no `AsyncWrite`: whoever looks for it learns what to write instead.
    #[doc(hidden)]
    pub fn write_all<'f, V: IsValidated + ?Sized>(
        &'f mut self,
        data: &'f V,
    ) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'f>> {
        self.write_validated(data)
    }

    async fn write_bytes(&mut self, mut text: &[u8]) -> io::Result<()> {
        self.settle().await?;
        let adds = text.len() as u64;
        let before = self.chunks.begin(text.len())?;
        self.share.grow(adds)?;
        self.unfinished = Some((before, adds));
        let written = self.append(&mut text).await;
        if written.is_ok() {
            self.unfinished = None;
        } else {
            // What was wrong with the write says more than what may be wrong with taking it back: then nothing can be read.
            let _ = self.settle().await;
        }
        written
    }

    async fn append(&mut self, text: &mut &[u8]) -> io::Result<()> {
        while let Some(record) = self.chunks.append(text)? {
            self.writing = Some(Writing::Wanted(self.put(record)));
            poll_fn(|context| self.poll_written(context)).await?;
        }
        Ok(())
    }

    fn put(&self, record: Record) -> JoinHandle<io::Result<()>> {
        let file = Arc::clone(self.chunks.file());
        spawn_blocking(move || file.write_all_at(record.sealed(), record.offset))
    }

    /// Waits for what the blocking pool writes.
    fn poll_written(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(Writing::Wanted(writing) | Writing::Restored(writing)) = &mut self.writing else {
            return Poll::Ready(Ok(()));
        };
        let written = ready!(Pin::new(writing).poll(context)).unwrap_or_else(|panic| Err(io::Error::other(panic)));
        let restored = matches!(self.writing.take(), Some(Writing::Restored(_)));
        if restored && written.is_err() {
            // Unreadable is better than in doubt.
            self.chunks.destroy();
        }
        Poll::Ready(written)
    }

    /// Takes back what a write has left that was dropped or that failed.
    async fn settle(&mut self) -> io::Result<()> {
        poll_fn(|context| self.poll_settled(context)).await
    }

    fn poll_settled(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.unfinished.is_some() {
            // What it says is nothing new to whoever has dropped it.
            let _ = ready!(self.poll_written(context));
        }
        if let Some((before, adds)) = self.unfinished.take() {
            self.share.shrink(adds);
            match self.chunks.take_back(before) {
                Ok(record) => self.writing = Some(Writing::Restored(self.restore(record))),
                Err(error) => {
                    self.chunks.destroy();
                    return Poll::Ready(Err(error.into()));
                }
            }
        }
        self.poll_written(context)
    }

    fn restore(&self, record: Option<Record>) -> JoinHandle<io::Result<()>> {
        let (file, len) = (Arc::clone(self.chunks.file()), self.chunks.file_len());
        spawn_blocking(move || {
            file.set_len(len)?;
            record.map_or(Ok(()), |record| file.write_all_at(record.sealed(), record.offset))
        })
    }

    /// [`SealedFile::len`], without a write that was dropped half-way.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.unfinished.as_ref().map_or(self.chunks.len(), |(before, _)| before.len())
    }

    /// Whether nothing has been written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// [`SealedFile::as_plaintext_fd`]. The text is copied in memory, where this runs.
    ///
    /// # Errors
    /// As there.
    pub async fn as_plaintext_fd(&mut self) -> io::Result<PlaintextFd> {
        self.settle().await?;
        plaintext::copy(self.chunks.len(), |position, out| self.chunks.read(position, out))
    }

    /// Opens the chunk at `position`, if there is one and it isn't open.
    fn poll_open(&mut self, position: u64, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(index) = self.chunks.to_open(position) {
            if self.reading.as_ref().is_none_or(|(reading, _)| *reading != index) {
                let (file, place) = (Arc::clone(self.chunks.file()), self.chunks.place_on_disk(index));
                self.reading = Some((index, spawn_blocking(move || read_sealed(&file, place, Vec::new()))));
            }
            let Some((_, reading)) = &mut self.reading else { continue };
            let sealed = ready!(Pin::new(reading).poll(context));
            self.reading = None;
            self.chunks.open(index, &sealed.map_err(io::Error::other)??)?;
        }
        Poll::Ready(Ok(()))
    }
}

impl From<SealedFile> for AsyncSealedFile {
    fn from(file: SealedFile) -> Self {
        let SealedFile { chunks, position, share } = file;
        Self { chunks, position, share, unfinished: None, writing: None, reading: None }
    }
}

impl AsyncRead for AsyncSealedFile {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_settled(context))?;
        let position = self.position;
        ready!(self.poll_open(position, context))?;
        let read = self.chunks.copy_out(position, out.initialize_unfilled())?;
        out.advance(read);
        self.position += read as u64;
        Poll::Ready(Ok(()))
    }
}

impl AsyncSeek for AsyncSealedFile {
    fn start_seek(mut self: Pin<&mut Self>, to: SeekFrom) -> io::Result<()> {
        self.position = sought(self.position, self.len(), to)?;
        Ok(())
    }

    fn poll_complete(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Poll::Ready(Ok(self.position))
    }
}

impl fmt::Debug for AsyncSealedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AsyncSealedFile([sealed])")
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncSeekExt as _},
        task::yield_now,
    };

    use super::*;
    use crate::{Validated, tmp::directory_for_test};

    async fn file() -> AsyncSealedFile {
        let directory = directory_for_test();
        AsyncSealedFile::create_with(SealedFile::options().directory(&*directory)).await.unwrap()
    }

    fn validated(len: usize) -> Validated<Vec<u8>> {
        Validated::check((0..=250).cycle().take(len).collect(), |_| true).unwrap()
    }

    #[tokio::test]
    async fn what_was_written_is_read_from_anywhere() {
        let mut file = file().await;
        let text = validated(200_000);
        file.write_validated(&text).await.unwrap();
        for start in [0, 65_536, 199_999, 200_000] {
            file.seek(SeekFrom::Start(start)).await.unwrap();
            let mut read = Vec::new();
            file.read_to_end(&mut read).await.unwrap();
            assert_eq!(read, text.get()[usize::try_from(start).unwrap()..]);
        }
        let mut plain = Vec::new();
        let fd = file.as_plaintext_fd().await.unwrap();
        std::io::Read::read_to_end(&mut std::fs::File::from(std::os::fd::OwnedFd::from(fd)), &mut plain).unwrap();
        assert_eq!(plain, *text.get());
    }

    #[tokio::test]
    async fn a_write_that_is_dropped_half_way_is_taken_back() {
        let text = validated(500_000);
        for polls in 0..12 {
            let mut file = file().await;
            file.write_validated(&validated(70_000)).await.unwrap();
            {
                let mut write = std::pin::pin!(file.write_validated(&text));
                for _ in 0..polls {
                    if poll_fn(|context| Poll::Ready(write.as_mut().poll(context))).await.is_ready() {
                        break;
                    }
                    yield_now().await;
                }
            }
            let len = usize::try_from(file.len()).unwrap();
            assert!([70_000, 570_000].contains(&len));
            let mut read = Vec::new();
            file.read_to_end(&mut read).await.unwrap();
            assert_eq!(read.len(), len, "after {polls} polls");
            assert_eq!(read[..70_000], *validated(70_000).get());
            file.write_validated(&validated(10)).await.unwrap();
            assert_eq!(file.len(), len as u64 + 10);
        }
    }

    #[tokio::test]
    async fn one_file_becomes_the_other_where_it_is() {
        let mut plain = SealedFile::options().directory(&*directory_for_test()).create().unwrap();
        plain.write_validated(&validated(10)).unwrap();
        let mut file = AsyncSealedFile::from(plain);
        let mut read = Vec::new();
        file.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, *validated(10).get());
        assert_eq!(format!("{file:?}"), "AsyncSealedFile([sealed])");
    }
}
