//! A text, sealed, in the pieces that are sent.

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::{
    SealedObjectError,
    format::{Chunks, RECORD},
};
use crate::{
    scrub::Buffer,
    seal::{CHUNK, OVERHEAD},
};

/// The most that is sent at once, in bytes. All parts of a multipart upload but the last must have 5 MiB or more.
pub(super) const PART: usize = 8 << 20;

/// What is sent at once.
pub(super) struct Part {
    pub(super) sealed: Vec<u8>,
    /// Whether the object ends with it.
    pub(super) last: bool,
}

/// Reads a text and seals it, part by part.
pub(super) struct Parts<R> {
    source: R,
    /// Whether the source has ended.
    ended: bool,
    chunks: Chunks,
    /// What was read and not sealed yet.
    text: Buffer,
    /// The beginning of the next part.
    begun: Vec<u8>,
    /// How much of the text has been sealed, in bytes.
    sealed_text: u64,
}

impl<R: AsyncRead + Unpin> Parts<R> {
    pub(super) fn new(source: R, header: Vec<u8>, chunks: Chunks) -> Self {
        Self { source, ended: false, chunks, text: Buffer::of(2 * CHUNK), begun: header, sealed_text: 0 }
    }

    /// How much of the text is in the parts so far, in bytes.
    pub(super) fn text(&self) -> u64 {
        self.sealed_text
    }

    /// The next part. Once there was a last one, there is nothing more to be asked for.
    pub(super) async fn next(&mut self) -> Result<Part, SealedObjectError> {
        let mut sealed = std::mem::take(&mut self.begun);
        loop {
            self.read_chunk().await?;
            // A chunk is the last when the source has ended, and nothing is left behind it.
            let last = self.text.len() <= CHUNK;
            let len = self.text.len().min(CHUNK);
            if sealed.len() + len + OVERHEAD > PART {
                // The one that follows is likely to be whole, too.
                self.begun = Vec::with_capacity(PART);
                return Ok(Part { sealed, last: false });
            }
            self.chunks.seal(&self.text.content()[..len], last, &mut sealed);
            self.sealed_text += len as u64;
            if last {
                self.text.wipe();
                return Ok(Part { sealed, last });
            }
            let read = self.text.len();
            self.text.content_mut().copy_within(len.., 0);
            self.text.truncate(read - len);
        }
    }

    /// Reads until there is more than a chunk, or the end.
    async fn read_chunk(&mut self) -> Result<(), SealedObjectError> {
        while !self.ended && self.text.len() <= CHUNK {
            let read = self.source.read(self.text.room(1)).await.map_err(SealedObjectError::Source)?;
            self.text.fill(read);
            self.ended = read == 0;
        }
        Ok(())
    }
}

const _: () = assert!(PART > 5 << 20 && PART < u32::MAX as usize && RECORD < PART);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::{
        DataKey,
        format::{PREFIX, header, wrapped_len},
        testing::{Trickle, ready},
    };

    static TEXT: [u8; 200_000] = [5; 200_000];

    fn parts(text: &[u8], piece: usize) -> Vec<Part> {
        let chunks = Chunks::of("name", &DataKey::new(&[7; 32]));
        let mut parts = Parts::new(Trickle::new(text, piece), header(&[1; 32]).unwrap(), chunks);
        let mut all = Vec::new();
        while all.last().is_none_or(|part: &Part| !part.last) {
            all.push(ready(parts.next()).unwrap());
        }
        assert_eq!(parts.text(), text.len() as u64);
        all
    }

    #[test]
    fn chunks_are_whole_and_the_last_may_be_anything() {
        for (len, chunks) in [(0, 1), (1, 1), (65_535, 1), (65_536, 1), (65_537, 2), (131_072, 2), (131_073, 3)] {
            for piece in [len.max(1), 10_000] {
                let all = parts(&vec![5; len], piece);
                assert_eq!(all.len(), 1);
                assert_eq!(all[0].sealed.len(), 42 + len + chunks * OVERHEAD, "{len}");
            }
        }
    }

    #[test]
    fn parts_are_as_long_as_may_be() {
        // 127 whole chunks fit behind the header; with what is left the part is full to the byte.
        let fits = PART - 42 - 128 * OVERHEAD;
        assert_eq!(parts(&vec![5; fits], 1 << 20).iter().map(|part| part.sealed.len()).collect::<Vec<_>>(), [PART]);
        let all = parts(&vec![5; fits + 1], 1 << 20);
        let lens: Vec<_> = all.iter().map(|part| part.sealed.len()).collect();
        assert_eq!(lens, [42 + 127 * RECORD, fits + 1 - 127 * CHUNK + OVERHEAD]);
        assert_eq!(wrapped_len(&all[0].sealed[..PREFIX]).unwrap(), 32, "the header comes first");
    }

    #[test]
    fn what_was_sealed_is_not_kept_in_clear() {
        let chunks = Chunks::of("name", &DataKey::new(&[7; 32]));
        let mut parts = Parts::new(Trickle::new(&TEXT, 70_000), Vec::new(), chunks);
        ready(parts.next()).unwrap();
        assert!(parts.text.block().iter().all(|&byte| byte == 0));
    }

    #[test]
    fn a_source_that_fails_is_an_error() {
        let chunks = Chunks::of("name", &DataKey::new(&[7; 32]));
        let mut parts = Parts::new(Trickle::new(&TEXT, 70_000).failing(), Vec::new(), chunks);
        assert!(matches!(ready(parts.next()), Err(SealedObjectError::Source(_))));
    }
}
