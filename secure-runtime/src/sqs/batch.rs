//! A batch, and its records before they are run.

use std::{collections::BTreeMap, fmt, ops::Range, sync::Arc};

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::value::RawValue;
use zeroize::Zeroize;

use super::string::unescape;
use crate::{
    RawPayload, SecureEvent,
    event::{self, ParseError, PayloadBytes},
    scope,
    scrub::Buffer,
};

/// What a record brings beside its body.
#[derive(Default)]
pub(super) struct Meta {
    pub(super) message_id: String,
    /// The queue's own.
    attributes: Texts,
    /// The sender's.
    message_attributes: Texts,
}

/// By name. What a sender says may be a secret that he should have put into the body.
#[derive(Default)]
struct Texts(BTreeMap<String, String>);

impl Drop for Texts {
    fn drop(&mut self) {
        self.0.values_mut().for_each(Zeroize::zeroize);
    }
}

impl Meta {
    pub(super) fn receive_count(&self) -> u32 {
        self.attributes.0.get("ApproximateReceiveCount").and_then(|count| count.parse().ok()).unwrap_or(1)
    }

    pub(super) fn group_id(&self) -> Option<&str> {
        self.attributes.0.get("MessageGroupId").map(String::as_str)
    }

    /// What the sender says, by name.
    pub(super) fn message_attributes(&self) -> &BTreeMap<String, String> {
        &self.message_attributes.0
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.message_attributes.0.get(name).or_else(|| self.attributes.0.get(name)).map(String::as_str)
    }
}

impl fmt::Debug for Meta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meta").field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

/// A record as it is about to be run: its body in a buffer of its own, which is wiped with it.
pub struct RawRecord {
    payload: RawPayload,
    meta: Arc<Meta>,
    /// Why the body can't be parsed, whatever is expected of it.
    fault: Option<ParseError>,
}

impl RawRecord {
    pub(super) fn meta(&self) -> Arc<Meta> {
        Arc::clone(&self.meta)
    }

    pub(super) fn bytes(&self) -> Arc<PayloadBytes> {
        Arc::clone(self.payload.bytes())
    }

    pub(super) fn body<'inv, T: SecureEvent + Deserialize<'inv>>(&'inv self) -> Result<T, ParseError> {
        match &self.fault {
            Some(fault) => Err(fault.clone()),
            None => event::event_from_slice(self.payload.json()),
        }
    }
}

/// A batch's records, where they lie.
pub(super) struct Records {
    entries: Vec<Entry>,
    /// `None` only while it is being dropped.
    bytes: Option<PayloadBytes>,
    /// Who wants the bytes back.
    lender: Option<Arc<scope::Invocation>>,
}

struct Entry {
    meta: Arc<Meta>,
    /// All that the record is, in the batch.
    place: Range<usize>,
    /// The body's string, quotes and all.
    body: Option<Range<usize>>,
    /// Whether its group is about order.
    ordered: bool,
}

impl Records {
    /// Takes a batch apart. The bytes are wiped record by record, so that nobody else may have them.
    pub(super) fn new(invocation: &Arc<scope::Invocation>, raw: RawPayload, written: Written) -> Self {
        let bytes = raw.into_bytes();
        let lender = invocation.release(&bytes).then(|| Arc::clone(invocation));
        let bytes = Arc::try_unwrap(bytes).unwrap_or_else(|shared| {
            // The log of another invocation is looking at them this moment.
            let mut copy = Buffer::default();
            copy.push(shared.json());
            copy.into()
        });
        Self { entries: written.0, bytes: Some(bytes), lender }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn message_id(&self, index: usize) -> &str {
        &self.entries[index].meta.message_id
    }

    /// The groups in which order counts.
    pub(super) fn groups(&self) -> impl Iterator<Item = Option<&str>> {
        self.entries.iter().map(|entry| entry.meta.group_id().filter(|_| entry.ordered))
    }

    /// Makes a record ready to be run.
    pub(super) fn open(&self, index: usize) -> RawRecord {
        let Entry { meta, body, .. } = &self.entries[index];
        let mut buffer = Buffer::default();
        let json = self.bytes.as_ref().map_or(&b""[..], PayloadBytes::json);
        let literal = body.clone().map(|range| &json[range]);
        let fault = match literal.map(|literal| (literal, unescape(literal, &mut buffer))) {
            Some((_, Some(()))) => None,
            Some((literal, None)) => {
                buffer.truncate(0);
                buffer.push(literal);
                Some("body is no text")
            }
            None => Some("no body"),
        };
        let fault = fault.map(|kind| ParseError { kind, path: String::new(), line: 0, column: 0 });
        RawRecord { payload: buffer.into(), meta: Arc::clone(meta), fault }
    }

    /// Wipes a record's place: nothing of it is needed any more.
    pub(super) fn wipe(&mut self, index: usize) {
        let entry = &mut self.entries[index];
        if let Some(bytes) = &mut self.bytes {
            bytes.wipe(entry.place.clone());
        }
        // The id is needed for the answer.
        entry.meta = Arc::new(Meta { message_id: entry.meta.message_id.clone(), ..Meta::default() });
    }
}

impl Drop for Records {
    /// The loop reads the next event into the same buffer.
    fn drop(&mut self) {
        if let (Some(lender), Some(bytes)) = (&self.lender, self.bytes.take()) {
            lender.give_back(bytes);
        }
    }
}

/// Where the records of a batch are.
#[derive(Default)]
pub(super) struct Written(Vec<Entry>);

/// Finds the records in a batch.
///
/// # Errors
/// When it is none, or one of its records could not be reported as failed.
pub(super) fn written(json: &[u8]) -> Result<Written, ParseError> {
    let Batch { records } = event::from_slice(json)?;
    let offset = |part: &str| {
        let start = part.as_ptr().addr() - json.as_ptr().addr();
        start..start + part.len()
    };
    let entry = |Placed { text, head }: Placed<'_>| {
        let body = head.body.map(RawValue::get).filter(|body| *body != "null").map(offset);
        let text_of = |Attribute { string_value }| string_value;
        let message_attributes = head.message_attributes.unwrap_or_default().into_iter();
        let meta = Meta {
            message_id: head.message_id,
            attributes: Texts(head.attributes.unwrap_or_default()),
            message_attributes: Texts(
                message_attributes.filter_map(|(name, value)| Some((name, text_of(value)?))).collect(),
            ),
        };
        // A group of a standard queue is about fairness. A queue that isn't named may be any.
        let ordered = head.queue.is_none_or(|queue| queue.rsplit_once('.').is_some_and(|(_, kind)| kind == "fifo"));
        Entry { meta: Arc::new(meta), place: offset(text), body, ordered }
    };
    Ok(Written(records.into_iter().map(entry).collect()))
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(rename = "Records", borrow)]
    records: Vec<Placed<'a>>,
}

/// A record, and all of its text.
struct Placed<'a> {
    text: &'a str,
    head: Head<'a>,
}

/// Source: [the shape of an SQS event](https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    message_id: String,
    #[serde(default, borrow)]
    body: Option<&'a RawValue>,
    #[serde(default)]
    attributes: Option<BTreeMap<String, String>>,
    #[serde(default)]
    message_attributes: Option<BTreeMap<String, Attribute>>,
    #[serde(default)]
    event_source: Option<String>,
    #[serde(default, rename = "eventSourceARN")]
    queue: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attribute {
    #[serde(default)]
    string_value: Option<String>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Placed<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?.get();
        // serde_json's error quotes what it found.
        let head: Head<'_> = serde_json::from_str(text).map_err(|_| D::Error::custom("not a queue's record"))?;
        if head.message_id.is_empty() {
            return Err(D::Error::custom("a record without an id can't be reported"));
        }
        if head.event_source.as_deref().is_some_and(|source| source != "aws:sqs") {
            return Err(D::Error::custom("another event source"));
        }
        Ok(Self { text, head })
    }
}
