//! Finding secrets in a text without keeping them.
//!
//! What is kept of a secret is a fingerprint for each way to write it: a keyed hash of its first bytes, and how many they are. That
//! is made in microseconds for each invocation anew, of memory that can be wiped. An automaton, such as `aho-corasick`'s, takes a
//! hundred times as long to make and spells its patterns out in memory that can't be.
//!
//! The search looks at a text in steps, as Wu's and Manber's does (*A fast algorithm for multi-pattern searching*, TR-94-17,
//! University of Arizona, 1994): whatever begins with six bytes that are looked for has three of them at a multiple of four. A step
//! doesn't depend on the one before, so that a processor takes several at once.

use std::{
    cell::OnceCell,
    hash::{BuildHasher as _, RandomState},
    ops::Range,
};

use zeroize::{Zeroize as _, Zeroizing};

use super::encode::Encoding;
use crate::scrub::Buffer;

/// A secret with fewer bytes is looked for as a whole word only: it is in too many others by chance.
pub(super) const LEAST: usize = 6;

/// How many bytes a step looks at.
const BLOCK: usize = 3;

/// From one block to the next: one of the blocks of `LEAST` bytes is always met.
const STEP: usize = LEAST - BLOCK + 1;

/// How much of a secret, as it is encoded, its fingerprint is of.
const HEAD: usize = 32;

/// What is known of the secrets: enough to know them again.
pub(super) struct Patterns {
    /// For the hashes; each table has its own.
    key: [u64; 4],
    /// A bit for each hash of a block: whether it is among the first `LEAST` bytes of a secret.
    blocks: Bits,
    /// A bit for each hash of `LEAST` bytes: whether a secret begins with them.
    windows: Bits,
    /// By the hashes of their first windows.
    heads: Vec<Head>,
    words: Vec<Word>,
    /// Whether a word begins with that byte.
    first: [bool; 256],
    /// Whether a secret has a space, which forms write as `+`.
    pub(super) spaced: bool,
    /// Whether there are too many secrets to look for.
    all: bool,
}

/// The most secrets that are looked for. An event may bring any number; with more, no text is written at all.
const MOST: usize = 4096;

/// A set of small numbers.
struct Bits(Buffer);

impl Bits {
    /// Of numbers below 2 to the power of `bits`.
    fn of(bits: u32) -> Self {
        let mut set = Buffer::of(1 << (bits - 3));
        set.fill(1 << (bits - 3));
        Self(set)
    }

    fn add(&mut self, number: usize) {
        self.0.content_mut()[number / 8] |= 1 << (number % 8);
    }
}

/// Whether a number is in a set.
fn has(set: &[u8], number: usize) -> bool {
    set.get(number / 8).is_some_and(|byte| byte & 1 << (number % 8) != 0)
}

/// How many bits the hash of a block has, and that of a window.
const BLOCK_BITS: u32 = 17;
const WINDOW_BITS: u32 = 16;

/// The beginning of a secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    window: usize,
    hash: u64,
    length: usize,
    /// Of the secret that goes on behind it.
    cut: bool,
    /// By its place in [`Encoding::ALL`].
    encoding: usize,
}

/// How many secrets in a row may be found within one another.
const IN_VAIN: u32 = 64;

/// How far a text has been found to be secret.
#[derive(Default)]
struct Covered {
    end: usize,
    /// How many secrets in a row were found that end no farther.
    in_vain: u32,
}

impl Covered {
    fn add(&mut self, end: usize) {
        self.in_vain = if end > self.end { 0 } else { self.in_vain + 1 };
        self.end = self.end.max(end);
    }
}

/// A secret of few bytes.
struct Word {
    hash: u64,
    length: usize,
}

impl Patterns {
    /// `None`: there is nothing to look for.
    pub(super) fn of(secrets: &[&[u8]]) -> Option<Box<Self>> {
        let count = secrets.iter().filter(|secret| !secret.is_empty()).count();
        if count == 0 {
            return None;
        }
        let random = RandomState::new();
        let key = [0, 1, 2, 3].map(|index| random.hash_one(index) | 1);
        let (heads, words, first, spaced) = (Vec::with_capacity(14 * count.min(MOST)), Vec::new(), [false; 256], false);
        let (blocks, windows) = (Bits::of(BLOCK_BITS), Bits::of(WINDOW_BITS));
        let all = count > MOST;
        let mut patterns = Box::new(Self { key, blocks, windows, heads, words, first, spaced, all });
        if all {
            return Some(patterns);
        }
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
            let start = &secret[..secret.len().min(way.enough_for(HEAD))];
            if !way.write(start, scratch) || scratch.len() < LEAST {
                continue;
            }
            let cut = secret.len() > start.len() || scratch.len() > HEAD;
            let head = &scratch.content()[..scratch.len().min(HEAD)];
            for block in head[..LEAST].windows(BLOCK) {
                self.blocks.add(block_hash(block[0], block[1], block[2]));
            }
            let (window, hash) = (self.window(head), self.hash(head));
            self.windows.add(window);
            // A vector that grows leaves its old block to the allocator. There is nothing in it that a secret can be read from.
            self.heads.push(Head { window, hash, length: head.len(), cut, encoding });
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
        if self.all && !text.is_empty() {
            found(0..text.len());
        }
        if !self.heads.is_empty() {
            self.each_head(text, end, found);
        }
        if !self.words.is_empty() {
            self.each_word(text, found);
        }
    }

    fn each_head(&self, text: &[u8], end: &End<'_>, found: &mut dyn FnMut(Range<usize>)) {
        let blocks = self.blocks.0.content();
        let mut covered = Covered::default();
        let (steps, rest) = text.as_chunks::<STEP>();
        let last = (rest.len() == BLOCK).then(|| (text.len() - BLOCK, [rest[0], rest[1], rest[2]]));
        let starts = steps.iter().enumerate().map(|(index, &[a, b, c, _])| (index * STEP, [a, b, c]));
        for (block, [a, b, c]) in starts.chain(last) {
            if has(blocks, block_hash(a, b, c)) {
                self.heads_around(text, block, end, &mut covered, found);
                if covered.in_vain > IN_VAIN {
                    // A secret of one piece repeated begins anew at each of them. Whatever follows is masked, in little time.
                    found(block..text.len());
                    return;
                }
            }
        }
    }

    /// Looks for heads whose first bytes have a block at this place.
    #[cold]
    fn heads_around(
        &self,
        text: &[u8],
        block: usize,
        end: &End<'_>,
        covered: &mut Covered,
        found: &mut dyn FnMut(Range<usize>),
    ) {
        let last = block.min(text.len().saturating_sub(LEAST));
        for start in (block + 1).saturating_sub(STEP)..=last {
            let Some(window) = text.get(start..start + LEAST).map(|window| self.window(window)) else { continue };
            if !has(self.windows.0.content(), window) {
                continue;
            }
            let from = self.heads.partition_point(|head| head.window < window);
            for head in self.heads[from..].iter().take_while(|head| head.window == window) {
                let Some(candidate) = text.get(start..start + head.length) else { continue };
                if self.hash(candidate) == head.hash {
                    let length = if head.cut { end(Encoding::ALL[head.encoding], &text[start..]) } else { head.length };
                    covered.add(start + length);
                    found(start..start + length);
                }
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

    /// A hash that few others share, of the first [`LEAST`] bytes without the case of letters. Too small to be read back.
    fn window(&self, bytes: &[u8]) -> usize {
        let mut window = [0; 8];
        window[..LEAST].copy_from_slice(&bytes[..LEAST]);
        window.make_ascii_lowercase();
        (u64::from_le_bytes(window).wrapping_mul(self.key[0]) >> (u64::BITS - WINDOW_BITS)) as usize
    }

    /// A hash that no others share, without the case of letters: of up to [`HEAD`] bytes, and of how many they are.
    #[allow(clippy::cast_possible_truncation, reason = "a product's halves")]
    fn hash(&self, bytes: &[u8]) -> u64 {
        let length = bytes.len().min(HEAD);
        let mut lower = Zeroizing::new([0; HEAD]);
        lower[..length].copy_from_slice(&bytes[..length]);
        lower.make_ascii_lowercase();
        let (parts, _) = lower.as_chunks::<8>();
        parts.iter().zip(self.key).fold(length as u64, |hash, (&part, key)| {
            let product = u128::from(hash ^ u64::from_le_bytes(part)) * u128::from(key);
            (product as u64 ^ (product >> 64) as u64) ^ key.rotate_left(32)
        })
    }
}

/// A place in the set of blocks, the case of letters lost.
fn block_hash(a: u8, b: u8, c: u8) -> usize {
    ((u32::from_le_bytes([a, b, c, 0]) & 0x00DF_DFDF).wrapping_mul(0x9E37_79B1) >> (u32::BITS - BLOCK_BITS)) as usize
}

/// Where a secret ends that is encoded so and begins where the text does.
pub(super) type End<'f> = dyn Fn(Encoding, &[u8]) -> usize + 'f;

/// Where secrets end, by the secrets themselves: asked for once for a line, when the first one of more than a head is found in it, and
/// copied until the line is done.
pub(super) struct Ends {
    secrets: Vec<Zeroizing<Vec<u8>>>,
    /// The secrets in each encoding that has been asked for, by its place in [`Encoding::ALL`].
    encoded: [OnceCell<Vec<Buffer>>; Encoding::ALL.len()],
}

impl Ends {
    pub(super) fn of(secrets: &[&[u8]]) -> Self {
        let long = secrets.iter().filter(|secret| secret.len() >= LEAST);
        Self { secrets: long.map(|secret| Zeroizing::new(secret.to_vec())).collect(), encoded: Default::default() }
    }

    /// As far as one of them goes, or the text's copy of it. A secret that is gone by now can't be asked: all that follows is masked
    /// then.
    pub(super) fn end(&self, encoding: Encoding, text: &[u8]) -> usize {
        let place = Encoding::ALL.iter().position(|one| *one == encoding).unwrap_or_default();
        let encoded = self.encoded[place].get_or_init(|| {
            let encode = |secret: &Zeroizing<Vec<u8>>| {
                let mut encoded = Buffer::of(5 * secret.len());
                encoding.write(secret, &mut encoded);
                encoded
            };
            self.secrets.iter().map(encode).collect()
        });
        let same = |(a, b): &(&u8, &u8)| a.eq_ignore_ascii_case(b);
        let lengths = encoded.iter().map(|secret| secret.content().iter().zip(text).take_while(same).count());
        lengths.filter(|&length| length >= HEAD).max().unwrap_or(text.len())
    }
}

/// Whether no word goes on across a place.
fn is_edge(text: &[u8], at: usize) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
    !(text[..at].last().is_some_and(word) && text.get(at).is_some_and(word))
}

impl Drop for Patterns {
    /// The sets are wiped as [`Buffer`]s are.
    fn drop(&mut self) {
        self.heads.iter_mut().for_each(|head| head.hash.zeroize());
        self.words.iter_mut().for_each(|word| word.hash.zeroize());
    }
}
