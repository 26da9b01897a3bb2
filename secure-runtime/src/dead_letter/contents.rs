//! What a letter holds: what is known of a record, and what the record brought.
//!
//! ```text
//! letter:    length of the facts, 4 bytes, little-endian | facts, JSON | contents, or the key of the object that they are in, 32 bytes
//! contents:  length of the attributes, 4 bytes, little-endian | attributes, JSON | body, as it came
//! ```

use std::{
    collections::BTreeMap,
    fmt,
    io::Write as _,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::DeadLetter;
use crate::{Secret, scrub::Buffer};

/// How much of a reason is kept, in bytes. The log has all of it.
const REASON: usize = 8 * 1024;

const LENGTH: usize = 4;
const KEY: usize = 32;

/// A letter that has been opened: what is known of a record that could not be processed, and its body, or where that lies.
///
/// Its memory is wiped on drop. `Debug` shows id and code alone.
///
/// ```
/// use secure_runtime::dead_letter::{Held, OpenedLetter};
///
/// fn told(letter: &OpenedLetter) -> String {
///     let size = match letter.held() {
///         Held::Here(contents) => contents.body().len(),
///         _ => 0,
///     };
///     format!("{}: {} after {} tries, {size} bytes", letter.message_id(), letter.code(), letter.receive_count())
/// }
/// ```
pub struct OpenedLetter {
    facts: Facts,
    held: Held,
}

/// Where a letter's contents are.
#[derive(Debug)]
#[non_exhaustive]
pub enum Held {
    /// In the letter.
    Here(Contents),
    /// In an object, because there was too much of it for the queue.
    InObject(LetterObject),
}

/// What a record brought: its body and the sender's attributes. Wiped on drop.
pub struct Contents {
    attributes: BTreeMap<String, String>,
    body: Zeroizing<Vec<u8>>,
}

/// Where the contents of a large letter lie. The key is in the letter, so that the object can be opened by nobody else.
///
/// Whoever has the public key can have written the letter: the bucket that it names may be anybody's.
pub struct LetterObject {
    bucket: String,
    name: String,
    key: Secret<'static, [u8; KEY]>,
}

/// A letter holds something else than this version writes, though it was sealed to this key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Strange;

#[derive(Serialize, Deserialize)]
struct Facts {
    request_id: String,
    function: String,
    handler: String,
    message_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group_id: Option<String>,
    code: String,
    reason: String,
    receive_count: u32,
    /// Milliseconds since 1970.
    at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<Place>,
}

#[derive(Serialize, Deserialize)]
struct Place {
    bucket: String,
    name: String,
}

/// What is sealed of a letter.
pub(super) fn letter(letter: &DeadLetter<'_>) -> Buffer {
    let mut plain = with_facts(letter, None);
    write_contents(letter, &mut plain);
    plain
}

/// What is sealed of a letter whose contents are in an object.
#[cfg(all(feature = "s3", feature = "sqs-sink"))]
pub(super) fn letter_with_object(
    letter: &DeadLetter<'_>,
    bucket: &str,
    name: &str,
    key: &Secret<'_, [u8; KEY]>,
) -> Buffer {
    let place = Place { bucket: bucket.to_owned(), name: name.to_owned() };
    let mut plain = with_facts(letter, Some(place));
    plain.push(key.peek());
    plain
}

/// What is sealed in an object.
#[cfg(all(feature = "s3", feature = "sqs-sink"))]
pub(super) fn contents(letter: &DeadLetter<'_>) -> Buffer {
    let mut plain = Buffer::default();
    write_contents(letter, &mut plain);
    plain
}

fn with_facts(letter: &DeadLetter<'_>, object: Option<Place>) -> Buffer {
    let super::Facts { request_id, function, handler, message_id, code, reason, receive_count, at } = letter.facts;
    let at = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let facts = Facts {
        request_id: request_id.to_owned(),
        function: function.to_owned(),
        handler: handler.to_owned(),
        message_id: message_id.to_owned(),
        group_id: letter.brought.group_id.map(str::to_owned),
        code: code.to_owned(),
        reason: cut(reason, REASON).to_owned(),
        receive_count,
        at: u64::try_from(at).unwrap_or_default(),
        object,
    };
    let mut plain = Buffer::default();
    write_json(&facts, &mut plain);
    plain
}

fn write_contents(letter: &DeadLetter<'_>, plain: &mut Buffer) {
    plain.reserve(letter.body.0.len());
    write_json(letter.brought.attributes, plain);
    plain.push(letter.body.0);
}

/// Writes a value behind its length.
fn write_json(value: &impl Serialize, plain: &mut Buffer) {
    let start = plain.len();
    plain.push(&[0; LENGTH]);
    serde_json::to_writer(&mut *plain, value).expect("texts and numbers are JSON, and a buffer takes all");
    plain.flush().expect("a buffer has nothing to flush");
    let len = u32::try_from(plain.len() - start - LENGTH).expect("a record is far shorter than 4 GiB");
    plain.content_mut()[start..start + LENGTH].copy_from_slice(&len.to_le_bytes());
}

/// The value, and what is behind it.
fn read_json<'a, T: Deserialize<'a>>(plain: &'a [u8]) -> Result<(T, &'a [u8]), Strange> {
    let (len, rest) = plain.split_first_chunk::<LENGTH>().ok_or(Strange)?;
    let len = usize::try_from(u32::from_le_bytes(*len)).map_err(|_| Strange)?;
    let (json, rest) = rest.split_at_checked(len).ok_or(Strange)?;
    Ok((serde_json::from_slice(json).map_err(|_| Strange)?, rest))
}

/// No more of a text than so many bytes.
fn cut(text: &str, len: usize) -> &str {
    let mut len = len.min(text.len());
    while !text.is_char_boundary(len) {
        len -= 1;
    }
    &text[..len]
}

impl OpenedLetter {
    pub(super) fn read(plain: &[u8]) -> Result<Self, Strange> {
        let (mut facts, rest) = read_json::<Facts>(plain)?;
        let held = match facts.object.take() {
            None => Held::Here(Contents::read(rest)?),
            Some(Place { bucket, name }) => {
                let key = Secret::brand(<[u8; KEY]>::try_from(rest).map_err(|_| Strange)?);
                Held::InObject(LetterObject { bucket, name, key })
            }
        };
        Ok(Self { facts, held })
    }

    /// What the record brought, or where it lies.
    #[must_use]
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// The invocation that the record came with.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.facts.request_id
    }

    /// The Lambda function's name.
    #[must_use]
    pub fn function(&self) -> &str {
        &self.facts.function
    }

    /// The handler's name.
    #[must_use]
    pub fn handler(&self) -> &str {
        &self.facts.handler
    }

    /// The queue's id of the record.
    #[must_use]
    pub fn message_id(&self) -> &str {
        &self.facts.message_id
    }

    /// The record's message group, if it had one.
    #[must_use]
    pub fn group_id(&self) -> Option<&str> {
        self.facts.group_id.as_deref()
    }

    /// The failure's code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.facts.code
    }

    /// Why it failed, as the log says it, masked: up to 8 KiB of it.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.facts.reason
    }

    /// How often the queue had handed the record out.
    #[must_use]
    pub fn receive_count(&self) -> u32 {
        self.facts.receive_count
    }

    /// When it was put aside, to the millisecond.
    #[must_use]
    pub fn at(&self) -> SystemTime {
        // Of what has not to be true: it says nothing but that somebody had the public key.
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(self.facts.at)).unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

impl fmt::Debug for OpenedLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Facts { message_id, code, .. } = &self.facts;
        f.debug_struct("OpenedLetter").field("message_id", message_id).field("code", code).finish_non_exhaustive()
    }
}

impl Contents {
    /// Reads what a [`LetterObject`]'s object holds. `None`: it holds something else.
    #[must_use]
    pub fn from_object(text: &[u8]) -> Option<Self> {
        Self::read(text).ok()
    }

    fn read(plain: &[u8]) -> Result<Self, Strange> {
        let (attributes, body) = read_json(plain)?;
        Ok(Self { attributes, body: Zeroizing::new(body.to_vec()) })
    }

    /// The record's body, as it came.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The sender's attributes of the record that are texts or numbers, by name.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl Drop for Contents {
    fn drop(&mut self) {
        self.attributes.values_mut().for_each(Zeroize::zeroize);
    }
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contents([redacted])")
    }
}

impl LetterObject {
    /// The bucket that the letter names.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The object's name in it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the object is sealed with.
    #[must_use]
    pub fn key(&self) -> &Secret<'static, [u8; KEY]> {
        &self.key
    }
}

impl fmt::Debug for LetterObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bucket, name, .. } = self;
        f.debug_struct("LetterObject").field("bucket", bucket).field("name", name).finish_non_exhaustive()
    }
}
