//! A sealed text that grows at its end and is read anywhere.
//!
//! What is on the disk is nobody's word: the text's length, the last chunk's nonce and the nonces of writes that failed are known
//! here, so that an older state of the file is as wrong as a forged one.

use std::{fs::File, io, ops::Range, os::unix::fs::FileExt, sync::Arc};

use super::{key::FileKey, sealed_file::SealedFileError};
use crate::seal::{CHUNK, OVERHEAD, Place};

/// How long a whole chunk is on the disk.
const RECORD: u64 = (CHUNK + OVERHEAD) as u64;

/// How much is written at a time, in bytes: fewer calls cost less, and more memory would gain little.
const BATCH: usize = 4 * (CHUNK + OVERHEAD);

/// Sealed chunks that lie side by side, ready to be written.
pub(super) struct Record {
    pub(super) offset: u64,
    bytes: Vec<u8>,
    filled: usize,
}

impl Record {
    pub(super) fn sealed(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    /// Room for so many bytes behind what there is.
    fn room(&mut self, len: usize) -> &mut [u8] {
        let start = self.filled;
        self.filled += len;
        if self.bytes.len() < self.filled {
            self.bytes.resize(self.filled, 0);
        }
        &mut self.bytes[start..self.filled]
    }
}

/// A sealed file: what is on the disk, and what is known of it. On drop the key is wiped, and then the file is emptied.
pub(super) struct Chunks {
    file: Arc<File>,
    overwrites: bool,
    key: Arc<FileKey>,
    /// How long the text is.
    len: u64,
    /// Under which the last chunk is sealed.
    tail_nonce: u64,
    next_nonce: u64,
    /// Under which chunks were sealed for writes that failed.
    burnt: Vec<Range<u64>>,
    /// The chunk that was read last.
    read: Option<u64>,
    /// The memory of a sealed chunk, to be used again.
    spare: Vec<u8>,
}

/// The state before a write, to go back to.
#[derive(Clone, Copy)]
pub(super) struct Before {
    len: u64,
    nonce: u64,
    tail_nonce: u64,
    /// Whether the tail as it was is kept, because the write makes more chunks of it.
    kept: bool,
}

impl Chunks {
    /// Of an empty file, which is overwritten in the end or not.
    pub(super) fn new(file: File, key: Arc<FileKey>, overwrites: bool) -> Self {
        let file = Arc::new(file);
        Self {
            file,
            overwrites,
            key,
            len: 0,
            tail_nonce: 0,
            next_nonce: 0,
            burnt: Vec::new(),
            read: None,
            spare: Vec::new(),
        }
    }

    pub(super) fn file(&self) -> &Arc<File> {
        &self.file
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Begins a write of `adds` bytes.
    pub(super) fn begin(&mut self, adds: usize) -> Result<Before, SealedFileError> {
        let kept = self.key.with(|known| {
            let there = known.tail.len();
            known.tail.reserve(CHUNK.min(there + adds) - there);
            known.before.wipe();
            let kept = there + adds > CHUNK;
            if kept {
                known.before.push(known.tail.content());
            }
            kept
        })?;
        Ok(Before { len: self.len, nonce: self.next_nonce, tail_nonce: self.tail_nonce, kept })
    }

    /// Takes from `text` what the next record has room for, and seals it. `None`: nothing is left.
    pub(super) fn append(&mut self, text: &mut &[u8]) -> Result<Option<Record>, SealedFileError> {
        if text.is_empty() {
            return Ok(None);
        }
        // The last chunk is sealed again, unless the text begins another.
        let begins = self.is_full() && self.tail_nonce == SEALED_FOR_GOOD;
        let first = tail_start(self.len) / CHUNK as u64 + u64::from(begins);
        let mut record = self.record(first);
        while !text.is_empty() && record.filled < BATCH {
            self.append_chunk(text, &mut record)?;
        }
        Ok(Some(record))
    }

    fn append_chunk(&mut self, text: &mut &[u8], record: &mut Record) -> Result<(), SealedFileError> {
        let is_full = self.is_full();
        if is_full && self.tail_nonce != SEALED_FOR_GOOD {
            // It was the last, and is no more.
            return self.seal(None, false, record);
        }
        if self.len.is_multiple_of(CHUNK as u64)
            && let Some((whole, rest)) = text.split_at_checked(CHUNK)
            && !rest.is_empty()
        {
            // It will never grow, so nothing has to be kept of it.
            self.len += CHUNK as u64;
            *text = rest;
            return self.seal(Some(whole), false, record);
        }
        let fitting = self.key.with(|known| {
            if is_full {
                known.tail.wipe();
            }
            let fitting = text.len().min(CHUNK - known.tail.len());
            known.tail.push(&text[..fitting]);
            fitting
        })?;
        self.len += fitting as u64;
        *text = &text[fitting..];
        self.seal(None, text.is_empty(), record)
    }

    /// Whether the last chunk has no room.
    fn is_full(&self) -> bool {
        self.len > 0 && self.len.is_multiple_of(CHUNK as u64)
    }

    /// An empty record for what begins with this chunk.
    fn record(&mut self, index: u64) -> Record {
        Record { offset: index * RECORD, bytes: std::mem::take(&mut self.spare), filled: 0 }
    }

    /// Takes a failed write back. What of it is on the disk can't be read any more. The record of the last chunk has to be
    /// written again.
    pub(super) fn take_back(&mut self, before: Before) -> Result<Option<Record>, SealedFileError> {
        let Before { len, nonce, tail_nonce, kept } = before;
        self.burnt.push(nonce..self.next_nonce);
        self.read = None;
        self.key.with(|known| {
            if kept {
                known.tail.wipe();
                known.tail.push(known.before.content());
            } else {
                known.tail.truncate(small(len - tail_start(len)));
            }
        })?;
        (self.len, self.tail_nonce) = (len, tail_nonce);
        if self.len == 0 {
            return Ok(None);
        }
        let mut record = self.record(tail_start(self.len) / CHUNK as u64);
        self.seal(None, true, &mut record)?;
        Ok(Some(record))
    }

    /// Takes the memory of what has been written.
    pub(super) fn recycle(&mut self, record: Record) {
        self.spare = record.bytes;
    }

    /// How long the file is.
    pub(super) fn file_len(&self) -> u64 {
        match self.len {
            0 => 0,
            len => tail_start(len) / CHUNK as u64 * RECORD + (len - tail_start(len)) + OVERHEAD as u64,
        }
    }

    /// Copies what is at `position` to `out`, from one chunk. 0: it is at or behind the end.
    pub(super) fn read(&mut self, position: u64, out: &mut [u8]) -> io::Result<usize> {
        if let Some(index) = self.to_open(position) {
            let sealed = read_sealed(&self.file, self.place_on_disk(index), std::mem::take(&mut self.spare))?;
            let opened = self.open(index, &sealed);
            self.spare = sealed;
            opened?;
        }
        Ok(self.copy_out(position, out)?)
    }

    /// Copies what is at `position` to `out`, from the chunk that was opened last.
    pub(super) fn copy_out(&self, position: u64, out: &mut [u8]) -> Result<usize, SealedFileError> {
        if position >= self.len {
            return Ok(0);
        }
        self.key.with(|known| {
            let text = known.text.content().get(small(position % CHUNK as u64)..).unwrap_or_default();
            let len = text.len().min(out.len());
            out[..len].copy_from_slice(&text[..len]);
            len
        })
    }

    /// Which chunk a position is in, where that isn't the one that was opened last.
    pub(super) fn to_open(&self, position: u64) -> Option<u64> {
        let index = position / CHUNK as u64;
        (position < self.len && self.read != Some(index)).then_some(index)
    }

    /// Where a chunk lies in the file.
    pub(super) fn place_on_disk(&self, index: u64) -> Range<u64> {
        let start = index * RECORD;
        start..(start + RECORD).min(self.file_len())
    }

    /// Opens a chunk, to be copied from.
    pub(super) fn open(&mut self, index: u64, sealed: &[u8]) -> Result<(), SealedFileError> {
        let start = index * CHUNK as u64;
        let last = start == tail_start(self.len);
        let len = small((self.len - start).min(CHUNK as u64));
        self.read = None;
        let is_ours =
            |nonce: u64| !(last && nonce != self.tail_nonce || self.burnt.iter().any(|burnt| burnt.contains(&nonce)));
        self.key.with(|known| {
            known.text.wipe();
            let cipher = known.sealer();
            let opened = cipher.open(sealed, Place { index, last }, &mut known.text.room(len)[..len]);
            known.text.fill(len);
            match opened {
                Ok(nonce) if is_ours(nonce) => Ok(()),
                _ => {
                    known.text.wipe();
                    Err(SealedFileError::Forged)
                }
            }
        })??;
        self.read = Some(index);
        Ok(())
    }

    /// Destroys the key, and wipes what is known of the text.
    pub(super) fn destroy(&self) {
        self.key.destroy();
    }

    /// Seals what is the last chunk at the moment: a text that is given, or else the tail.
    fn seal(&mut self, text: Option<&[u8]>, last: bool, record: &mut Record) -> Result<(), SealedFileError> {
        let index = tail_start(self.len) / CHUNK as u64;
        let nonce = self.next_nonce;
        // Counted before anything can fail: a nonce may be lost, and never used twice.
        self.next_nonce += 1;
        self.key.with(|known| {
            let text = text.unwrap_or(known.tail.content());
            known.sealer().seal(text, nonce, Place { index, last }, record.room(text.len() + OVERHEAD));
        })?;
        self.tail_nonce = if last { nonce } else { SEALED_FOR_GOOD };
        if self.read == Some(index) {
            self.read = None;
        }
        Ok(())
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        let len = self.file_len();
        self.destroy();
        if self.overwrites {
            overwrite(&self.file, len);
        }
        // It is gone when it is closed, in any case.
        let _ = self.file.set_len(0);
    }
}

impl Before {
    pub(super) fn len(&self) -> u64 {
        self.len
    }
}

/// Where the last chunk of so long a text begins.
fn tail_start(len: u64) -> u64 {
    len.saturating_sub(1) / CHUNK as u64 * CHUNK as u64
}

/// A number that is no larger than a chunk.
fn small(number: u64) -> usize {
    usize::try_from(number).expect("a chunk is small")
}

/// Writes zeroes over so many bytes.
pub(super) fn overwrite(file: &File, len: u64) {
    let zeroes = [0; 4096];
    for start in (0..len).step_by(zeroes.len()) {
        let piece = &zeroes[..small((len - start).min(zeroes.len() as u64))];
        if let Err(error) = file.write_all_at(piece, start) {
            tracing::warn!(%error, "a file can't be overwritten");
            return;
        }
    }
    if let Err(error) = file.sync_data() {
        tracing::warn!(%error, "an overwritten file can't be written through");
    }
}

/// No nonce: the tail is a whole chunk and not the last.
const SEALED_FOR_GOOD: u64 = u64::MAX;

/// Reads a chunk as it lies in the file. A file that ends too soon was cut.
pub(super) fn read_sealed(file: &File, place: Range<u64>, mut sealed: Vec<u8>) -> io::Result<Vec<u8>> {
    sealed.resize(small(place.end - place.start), 0);
    match file.read_exact_at(&mut sealed, place.start) {
        Ok(()) => Ok(sealed),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(SealedFileError::Forged.into()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tmp::{directory_for_test, place};

    const WHOLE: usize = CHUNK;

    type Forge<'f> = &'f dyn Fn(&mut Vec<u8>);

    fn empty() -> Chunks {
        let file = place::open(&directory_for_test()).unwrap();
        Chunks::new(file, FileKey::draw().unwrap(), false)
    }

    fn append(chunks: &mut Chunks, mut text: &[u8]) {
        chunks.begin(text.len()).unwrap();
        while let Some(record) = chunks.append(&mut text).unwrap() {
            chunks.file.write_all_at(record.sealed(), record.offset).unwrap();
        }
    }

    fn text(len: usize) -> Vec<u8> {
        (0..=250).flat_map(|byte| [byte; 7]).cycle().take(len).collect()
    }

    fn of(lens: &[usize]) -> (Chunks, Vec<u8>) {
        let mut chunks = empty();
        let whole = text(lens.iter().sum());
        let mut start = 0;
        for len in lens {
            append(&mut chunks, &whole[start..start + len]);
            start += len;
        }
        (chunks, whole)
    }

    fn read_from(chunks: &mut Chunks, mut position: u64) -> io::Result<Vec<u8>> {
        let (mut all, mut piece) = (Vec::new(), [0; 10_000]);
        loop {
            match chunks.read(position, &mut piece)? {
                0 => return Ok(all),
                read => {
                    all.extend_from_slice(&piece[..read]);
                    position += read as u64;
                }
            }
        }
    }

    fn on_disk(chunks: &Chunks) -> Vec<u8> {
        read_sealed(&chunks.file, 0..chunks.file.metadata().unwrap().len(), Vec::new()).unwrap_or_default()
    }

    fn is_forged(error: &io::Error) -> bool {
        error.get_ref().and_then(|inner| inner.downcast_ref()) == Some(&SealedFileError::Forged)
    }

    #[test]
    fn what_was_appended_is_read_from_anywhere() {
        for lens in [
            &[0][..],
            &[1],
            &[WHOLE],
            &[WHOLE, 1],
            &[WHOLE - 1, 1, 1],
            &[WHOLE + 1, WHOLE - 1, 0, 5],
            &[3 * WHOLE, WHOLE],
            &[10, 200_000, 30, 70_000],
        ] {
            let (mut chunks, whole) = of(lens);
            assert_eq!(chunks.len(), whole.len() as u64);
            assert_eq!(chunks.file.metadata().unwrap().len(), chunks.file_len(), "{lens:?}");
            for start in [0, 1, WHOLE - 1, WHOLE, WHOLE + 1, 2 * WHOLE, whole.len(), whole.len() + 9] {
                let expected = whole.get(start..).unwrap_or_default();
                assert_eq!(read_from(&mut chunks, start as u64).unwrap(), expected, "{lens:?} from {start}");
            }
        }
    }

    #[test]
    fn a_whole_chunk_is_sealed_once_and_no_nonce_twice() {
        let mut chunks = empty();
        let mut nonces = Vec::new();
        for len in [100, WHOLE, 1, WHOLE - 101, 2 * WHOLE] {
            let whole = text(len);
            let mut rest = &whole[..];
            chunks.begin(len).unwrap();
            while let Some(record) = chunks.append(&mut rest).unwrap() {
                for (at, chunk) in record.sealed().chunks(CHUNK + OVERHEAD).enumerate() {
                    nonces.push((chunk[..8].to_vec(), record.offset + at as u64 * RECORD));
                }
            }
        }
        let distinct: std::collections::HashSet<_> = nonces.iter().map(|(nonce, _)| nonce).collect();
        assert_eq!(distinct.len(), nonces.len());
        let of_first = nonces.iter().filter(|(_, offset)| *offset == 0).count();
        assert_eq!(of_first, 2, "with 100 bytes, and when it is full");
    }

    #[test]
    fn nothing_on_the_disk_is_in_clear() {
        let mut chunks = empty();
        append(&mut chunks, &b"a canary of 24 characters ".repeat(10_000));
        let disk = on_disk(&chunks);
        assert_eq!(disk.len() as u64, chunks.file_len());
        assert!(!disk.windows(8).any(|window| window == b"a canary"));
    }

    #[test]
    fn cutting_lengthening_moving_and_splicing_are_noticed() {
        let record = usize::try_from(RECORD).unwrap();
        let other = on_disk(&of(&[4 * WHOLE]).0);
        let forgeries: [(&str, Forge<'_>); 6] = [
            ("cut in a chunk", &|disk| disk.truncate(record + 100)),
            ("cut between chunks", &|disk| disk.truncate(2 * record)),
            ("empty", &|disk| disk.clear()),
            ("two chunks exchanged", &|disk| disk[..2 * record].rotate_left(record)),
            ("a chunk of another file", &|disk| disk[..record].copy_from_slice(&other[..record])),
            ("the last chunk in the middle", &|disk| disk.copy_within(3 * record.., record)),
        ];
        for (name, forge) in forgeries {
            let (mut chunks, _) = of(&[4 * WHOLE]);
            let mut disk = on_disk(&chunks);
            forge(&mut disk);
            chunks.file.set_len(0).unwrap();
            chunks.file.write_all_at(&disk, 0).unwrap();
            assert!(is_forged(&read_from(&mut chunks, 0).unwrap_err()), "{name}");
        }
        let (mut chunks, whole) = of(&[100]);
        chunks.file.write_all_at(b"behind the end", chunks.file_len()).unwrap();
        assert_eq!(read_from(&mut chunks, 0).unwrap(), whole, "what is behind the end is nobody's");
    }

    #[test]
    fn an_older_state_is_noticed() {
        let (mut chunks, _) = of(&[100]);
        let old = on_disk(&chunks);
        append(&mut chunks, b"");
        assert!(read_from(&mut chunks, 0).is_ok());
        append(&mut chunks, &text(1));
        chunks.file.write_all_at(&old, 0).unwrap();
        assert!(is_forged(&read_from(&mut chunks, 0).unwrap_err()), "shorter");

        // A write that failed leaves chunks that were sealed for good; another write puts others in their place.
        let (mut chunks, whole) = of(&[100]);
        let before = chunks.begin(2 * WHOLE).unwrap();
        let failed = vec![9; 2 * WHOLE];
        let aborted = chunks.append(&mut &failed[..]).unwrap().unwrap();
        let restored = chunks.take_back(before).unwrap().unwrap();
        chunks.file.write_all_at(restored.sealed(), restored.offset).unwrap();
        assert_eq!(read_from(&mut chunks, 0).unwrap(), whole);
        append(&mut chunks, &vec![8; 2 * WHOLE]);
        chunks.file.write_all_at(aborted.sealed(), aborted.offset).unwrap();
        assert!(is_forged(&read_from(&mut chunks, 0).unwrap_err()), "of a write that failed");
    }

    #[test]
    fn a_write_that_fails_leaves_what_was_there() {
        for (there, adds) in
            [(0, 10), (100, 5), (100, WHOLE), (WHOLE, 1), (WHOLE + 5, 3 * WHOLE), (2 * WHOLE, 2 * WHOLE)]
        {
            for fails_after in 0..4 {
                let (mut chunks, whole) = of(&[there]);
                let before = chunks.begin(adds).unwrap();
                let added = vec![9; adds];
                let mut rest = &added[..];
                for _ in 0..fails_after {
                    let Some(record) = chunks.append(&mut rest).unwrap() else { break };
                    chunks.file.write_all_at(record.sealed(), record.offset).unwrap();
                }
                let restored = chunks.take_back(before).unwrap();
                chunks.file.set_len(chunks.file_len()).unwrap();
                if let Some(record) = restored {
                    chunks.file.write_all_at(record.sealed(), record.offset).unwrap();
                }
                assert_eq!(read_from(&mut chunks, 0).unwrap(), whole, "{there} and {adds}, after {fails_after}");
                append(&mut chunks, b"and on");
                assert_eq!(read_from(&mut chunks, 0).unwrap(), [&whole[..], b"and on"].concat());
            }
        }
    }

    #[test]
    fn ten_thousand_corruptions_are_noticed() {
        for (len, times) in [(1000, 9_500), (2 * WHOLE + 1000, 500)] {
            corrupt(len, times);
        }
    }

    fn corrupt(len: usize, times: u32) {
        let (mut chunks, _) = of(&[len]);
        let disk = on_disk(&chunks);
        let mut random = [0; 8];
        for _ in 0..times {
            getrandom::fill(&mut random).unwrap();
            let random = u64::from_le_bytes(random);
            let at = usize::try_from(random % disk.len() as u64).unwrap();
            let flipped = disk[at] ^ 1 << (random >> 61);
            chunks.file.write_all_at(&[flipped], at as u64).unwrap();
            chunks.read = None;
            let index = at as u64 / RECORD;
            assert!(is_forged(&chunks.read(index * CHUNK as u64, &mut [0]).unwrap_err()), "byte {at}");
            chunks.file.write_all_at(&disk[at..=at], at as u64).unwrap();
        }
        assert!(read_from(&mut chunks, 0).is_ok());
    }

    #[test]
    fn without_its_key_nothing_is_read_or_written() {
        let (mut chunks, _) = of(&[WHOLE + 1]);
        chunks.key.destroy();
        let ended = |error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied;
        assert!(ended(&chunks.read(0, &mut [0; 8]).unwrap_err()));
        assert_eq!(chunks.begin(1).err(), Some(SealedFileError::InvocationEnded));
        assert_eq!(chunks.append(&mut &b"x"[..]).err(), Some(SealedFileError::InvocationEnded));
    }
}
