//! Finding secrets in a text without keeping them.
//!
//! What is kept of a secret is a fingerprint for each way to write it: a keyed hash of its first bytes, and how many they are. The
//! search is Wu and Manber's, which is as fast as an automaton's where hardly anything matches, and whose table is made in
//! microseconds, for each invocation anew, of memory that can be wiped. An automaton spells its patterns out.
//!
//! Source: S. Wu, U. Manber, *A fast algorithm for multi-pattern searching*, TR-94-17, University of Arizona, 1994.

use std::{
    hash::{BuildHasher as _, Hasher as _, RandomState},
    ops::Range,
};

use zeroize::{Zeroize as _, Zeroizing};

use super::encode::Encoding;
use crate::scrub::Buffer;

/// A secret with fewer bytes is looked for as a whole word only: it is in too many others by chance.
pub(super) const LEAST: usize = 6;

/// How many bytes are looked up at once, the last ones of a window of `LEAST`.
const BLOCK: usize = 3;

/// How far the window moves when it ends on a block that no pattern has.
const FARTHEST: u8 = 4;

/// How much of a secret, as it is encoded, its fingerprint is of.
const HEAD: usize = 48;

/// What is known of the secrets: enough to know them again.
pub(super) struct Patterns {
    key: RandomState,
    /// An odd number of this table's own.
    factor: u64,
    /// How far the window can move, by the hash of the block that it ends on.
    shifts: Buffer,
    bits: u32,
    /// By the hash of the block that their first window ends on.
    heads: Vec<Head>,
    words: Vec<Word>,
    /// Whether a word begins with that byte.
    first: [bool; 256],
    /// Whether a secret has a space, which forms write as `+`.
    pub(super) spaced: bool,
}

/// The beginning of a secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    block: u32,
    /// A hash of the first window.
    window: u16,
    hash: u64,
    length: usize,
    /// Of the secret that goes on behind it.
    cut: bool,
    /// By its place in [`Encoding::ALL`].
    encoding: usize,
}

/// A secret of few bytes.
struct Word {
    hash: u64,
    length: usize,
}

impl Patterns {
    /// `None`: there is nothing to look for.
    pub(super) fn of(secrets: &[&[u8]]) -> Option<Self> {
        let count = secrets.iter().filter(|secret| !secret.is_empty()).count();
        if count == 0 {
            return None;
        }
        // Few blocks in a hundred are some pattern's, and the table stays in a core's own cache.
        let bits = (count * 1024).next_power_of_two().trailing_zeros().clamp(12, 17);
        let key = RandomState::new();
        let mut shifts = Buffer::of(1 << bits);
        shifts.room(1 << bits).fill(FARTHEST);
        shifts.fill(1 << bits);
        let factor = key.hash_one(0) | 1;
        let (heads, words, first, spaced) = (Vec::new(), Vec::new(), [false; 256], false);
        let mut patterns = Self { key, factor, shifts, bits, heads, words, first, spaced };
        let mut scratch = Buffer::of(1024);
        for secret in secrets {
            patterns.spaced |= secret.contains(&b' ');
            if secret.len() < LEAST {
                patterns.add_words(secret, &mut scratch);
            } else {
                patterns.add_heads(secret, &mut scratch);
            }
        }
        patterns.heads.sort_unstable();
        patterns.heads.dedup();
        Some(patterns)
    }

    fn add_heads(&mut self, secret: &[u8], scratch: &mut Buffer) {
        for (encoding, way) in Encoding::ALL.into_iter().enumerate() {
            scratch.wipe();
            let start = &secret[..secret.len().min(HEAD)];
            if !way.write(start, scratch) || scratch.len() < LEAST {
                continue;
            }
            let cut = secret.len() > start.len() || scratch.len() > HEAD;
            let head = &scratch.content()[..scratch.len().min(HEAD)];
            for (last, shift) in (BLOCK..=LEAST).zip((0..FARTHEST).rev()) {
                let block = self.block(&head[last - BLOCK..last]);
                let place = &mut self.shifts.content_mut()[block as usize];
                *place = shift.min(*place);
            }
            let block = self.block(&head[LEAST - BLOCK..LEAST]);
            let (window, hash) = (self.window(head), self.hash(head));
            // A vector that grows leaves its old block to the allocator. There is nothing in it that a secret can be read from.
            self.heads.push(Head { block, window, hash, length: head.len(), cut, encoding });
        }
    }

    fn add_words(&mut self, secret: &[u8], scratch: &mut Buffer) {
        for encoding in Encoding::WHOLE {
            scratch.wipe();
            if encoding == Encoding::Raw || secret.len() >= 3 {
                encoding.write_whole(secret, scratch);
            }
            let word = scratch.content();
            if let Some(&first) = word.first() {
                self.first[usize::from(first.to_ascii_lowercase())] = true;
                self.words.push(Word { hash: self.hash(word), length: word.len() });
            }
        }
    }

    /// Where secrets are in a text. `end` says where one ends of which only the beginning is known here.
    pub(super) fn each(&self, text: &[u8], end: &End<'_>, found: &mut dyn FnMut(Range<usize>)) {
        if !self.heads.is_empty() {
            self.each_head(text, end, found);
        }
        if !self.words.is_empty() {
            self.each_word(text, found);
        }
    }

    fn each_head(&self, text: &[u8], end: &End<'_>, found: &mut dyn FnMut(Range<usize>)) {
        let shifts = self.shifts.content();
        let mut last = LEAST;
        while let Some(ending) = text.get(last - BLOCK..last) {
            let block = self.block(ending);
            let shift = usize::from(shifts[block as usize]);
            if shift == 0 {
                self.heads_at(text, last - LEAST, block, end, found);
            }
            last += shift.max(1);
        }
    }

    #[cold]
    fn heads_at(&self, text: &[u8], start: usize, block: u32, end: &End<'_>, found: &mut dyn FnMut(Range<usize>)) {
        let window = self.window(&text[start..]);
        let from = self.heads.partition_point(|head| (head.block, head.window) < (block, window));
        for head in self.heads[from..].iter().take_while(|head| (head.block, head.window) == (block, window)) {
            let Some(candidate) = text.get(start..start + head.length) else { continue };
            if self.hash(candidate) == head.hash {
                let length = if head.cut { end(Encoding::ALL[head.encoding], &text[start..]) } else { head.length };
                found(start..start + length);
            }
        }
    }

    fn each_word(&self, text: &[u8], found: &mut dyn FnMut(Range<usize>)) {
        for (start, byte) in text.iter().enumerate() {
            if !self.first[usize::from(byte.to_ascii_lowercase())] || !is_edge(text, start) {
                continue;
            }
            for word in &self.words {
                let end = start + word.length;
                let candidate = text.get(start..end).filter(|_| is_edge(text, end));
                if candidate.is_some_and(|candidate| self.hash(candidate) == word.hash) {
                    found(start..end);
                }
            }
        }
    }

    /// A place in the table, the case of letters lost.
    fn block(&self, bytes: &[u8]) -> u32 {
        let &[a, b, c] = bytes else { return 0 };
        (u32::from_le_bytes([a, b, c, 0]) & 0x00DF_DFDF).wrapping_mul(0x9E37_79B1) >> (32 - self.bits)
    }

    /// A hash that few others share, of the first [`LEAST`] bytes without the case of letters. Too small to be read back.
    fn window(&self, bytes: &[u8]) -> u16 {
        let mut window = [0; 8];
        for (lower, byte) in window.iter_mut().zip(&bytes[..LEAST]) {
            *lower = byte.to_ascii_lowercase();
        }
        let hash = u64::from_le_bytes(window).wrapping_mul(self.factor).to_be_bytes();
        u16::from_be_bytes([hash[0], hash[1]])
    }

    /// A hash that no others share, without the case of letters.
    fn hash(&self, bytes: &[u8]) -> u64 {
        let mut hasher = self.key.build_hasher();
        let mut lower = Zeroizing::new([0; HEAD]);
        for (lower, byte) in lower.iter_mut().zip(bytes) {
            *lower = byte.to_ascii_lowercase();
        }
        hasher.write(&lower[..bytes.len().min(HEAD)]);
        hasher.finish()
    }
}

/// Where a secret ends that is encoded so and begins where the text does.
pub(super) type End<'f> = dyn Fn(Encoding, &[u8]) -> usize + 'f;

/// [`End`] by the secrets themselves: as far as one of them goes, or the text's copy of it.
///
/// A secret that is gone by now can't be asked: all that follows is masked then.
pub(super) fn end_by(secrets: &[&[u8]], encoding: Encoding, text: &[u8]) -> usize {
    let lengths = secrets.iter().filter(|secret| secret.len() >= LEAST).filter_map(|secret| {
        let mut encoded = Buffer::of(5 * secret.len());
        encoding.write(secret, &mut encoded);
        let same = |(a, b): &(&u8, &u8)| a.eq_ignore_ascii_case(b);
        let length = encoded.content().iter().zip(text).take_while(same).count();
        (length >= HEAD).then_some(length)
    });
    lengths.max().unwrap_or(text.len())
}

/// Whether no word goes on across a place.
fn is_edge(text: &[u8], at: usize) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
    !(text[..at].last().is_some_and(word) && text.get(at).is_some_and(word))
}

impl Drop for Patterns {
    /// The table is wiped as a [`Buffer`] is; what is left is how few short secrets there may be.
    fn drop(&mut self) {
        self.heads.iter_mut().for_each(|head| head.hash.zeroize());
        self.words.iter_mut().for_each(|word| word.hash.zeroize());
    }
}
