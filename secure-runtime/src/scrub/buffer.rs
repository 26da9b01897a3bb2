//! A buffer that knows how far it was ever filled, and wipes exactly that.

use std::io;

use super::wipe_slice;

/// The least that a buffer allocates.
const LEAST: usize = 16 * 1024;

/// Blocks are a multiple of this long. Of an exact length, the block behind it, into which a value of the event is copied, may lie just
/// a few bytes past a multiple of 4096 from where the value is, and some processors' `rep movsb` takes fifteen times as long then.
const PAGE: usize = 4096;

/// How often in a row a buffer may be far too large before it gives its memory back.
const PATIENCE: u8 = 8;

/// Bytes that are wiped before their memory goes anywhere else: when they move to a larger block, and on drop.
///
/// The block is initialised from end to end, so that it can be read into without `unsafe`: zeroes, and what was written
/// since the last [`wipe`](Self::wipe) below the high-water mark.
#[derive(Default)]
pub(crate) struct Buffer {
    block: Vec<u8>,
    /// The content is `block[..end]`.
    end: usize,
    /// Nothing was written at or above it since the last wipe.
    high: usize,
    /// How often in a row it was far too large when it was wiped.
    oversized: u8,
}

impl Buffer {
    /// An empty buffer with a block of `len` bytes.
    pub(crate) fn of(len: usize) -> Self {
        Self { block: vec![0; len], ..Self::default() }
    }

    /// What was written, from the start.
    pub(crate) fn content(&self) -> &[u8] {
        &self.block[..self.end]
    }

    /// The same, to be changed in place.
    pub(crate) fn content_mut(&mut self) -> &mut [u8] {
        &mut self.block[..self.end]
    }

    pub(crate) fn len(&self) -> usize {
        self.end
    }

    /// Room for `at_least` more bytes behind the content, and whatever else is free there. Whoever writes to it says how
    /// much by [`fill`](Self::fill).
    pub(crate) fn room(&mut self, at_least: usize) -> &mut [u8] {
        self.reserve(at_least);
        &mut self.block[self.end..]
    }

    /// Declares the first `len` bytes of the [`room`](Self::room) to be content.
    pub(crate) fn fill(&mut self, len: usize) {
        self.end += len;
        assert!(self.end <= self.block.len(), "no more than there was room for");
        self.high = self.high.max(self.end);
    }

    /// Appends.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.block[self.end..self.end + bytes.len()].copy_from_slice(bytes);
        self.fill(bytes.len());
    }

    /// Shortens the content; what is behind it stays in the block until it is wiped.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.end = self.end.min(len);
    }

    /// Makes room for `additional` bytes, hardly more where that is more than doubling.
    pub(crate) fn reserve(&mut self, additional: usize) {
        let needed = self.end + additional;
        if needed <= self.block.len() {
            return;
        }
        let mut larger = vec![0; needed.max(2 * self.block.len()).max(LEAST).next_multiple_of(PAGE)];
        larger[..self.end].copy_from_slice(&self.block[..self.end]);
        self.overwrite();
        self.block = larger;
        self.high = self.end;
    }

    /// Overwrites all that was ever written, leaves the buffer empty, and gives its memory back when little of it has been
    /// used for a while.
    pub(crate) fn wipe(&mut self) {
        let used = self.high;
        self.overwrite();
        (self.end, self.high) = (0, 0);
        let oversized = self.block.len() > LEAST && used < self.block.len() / 4;
        self.oversized = if oversized { self.oversized + 1 } else { 0 };
        if self.oversized >= PATIENCE {
            *self = Self::default();
        }
    }

    fn overwrite(&mut self) {
        #[cfg(not(ablate = "buffers"))]
        wipe_slice(&mut self.block[..self.high]);
    }

    #[cfg(test)]
    pub(crate) fn block(&self) -> &[u8] {
        &self.block
    }
}

impl From<Vec<u8>> for Buffer {
    /// Takes the block over. Spare capacity is not looked at: bytes that were written there before are not wiped.
    fn from(block: Vec<u8>) -> Self {
        let end = block.len();
        Self { block, end, high: end, oversized: 0 }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.overwrite();
    }
}

/// Never fails.
impl io::Write for Buffer {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.push(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(len: usize) -> Buffer {
        let mut buffer = Buffer::default();
        buffer.push(&vec![7; len]);
        buffer
    }

    #[test]
    fn what_was_written_is_wiped_also_behind_the_content() {
        let mut buffer = filled(100);
        buffer.truncate(10);
        assert_eq!(buffer.content(), [7; 10]);
        assert_eq!(buffer.block()[10..100], [7; 90], "what is behind the content is still there");
        buffer.wipe();
        assert!(buffer.content().is_empty());
        assert!(buffer.block().iter().all(|&byte| byte == 0));
    }

    #[test]
    fn room_is_zeroed_and_becomes_content_as_far_as_it_was_filled() {
        let mut buffer = filled(3);
        let room = buffer.room(2);
        assert!(room.len() >= 2 && room.iter().all(|&byte| byte == 0));
        room[..2].copy_from_slice(b"ab");
        buffer.fill(2);
        assert_eq!(buffer.content(), [7, 7, 7, b'a', b'b']);
    }

    #[test]
    fn it_grows_with_its_content() {
        let mut buffer = filled(LEAST);
        buffer.push(b"more");
        assert_eq!(buffer.content()[LEAST..], *b"more");
        assert_eq!(buffer.content()[..LEAST], [7; LEAST]);
        assert!(buffer.block().len() >= 2 * LEAST, "doubled, so that many small pushes stay cheap");
    }

    #[test]
    fn a_large_block_is_given_back_when_little_of_it_is_used_for_a_while() {
        let mut buffer = filled(64 * LEAST);
        buffer.wipe();
        for _ in 0..PATIENCE {
            assert_eq!(buffer.block().len(), 64 * LEAST, "the next large event should find it");
            buffer.push(b"small");
            buffer.wipe();
        }
        assert_eq!(buffer.block().len(), 0);
    }

    #[test]
    fn a_block_that_is_used_is_kept() {
        let mut buffer = filled(64 * LEAST);
        for _ in 0..3 * PATIENCE {
            buffer.wipe();
            buffer.push(&vec![1; 40 * LEAST]);
        }
        assert_eq!(buffer.block().len(), 64 * LEAST);
    }
}
