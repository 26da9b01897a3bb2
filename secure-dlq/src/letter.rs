//! A letter that was opened, and what is told of it.

use std::collections::BTreeMap;

use base64::{display::Base64Display, prelude::BASE64_STANDARD};
use secure_runtime::dead_letter::{Contents, Held, OpenError, OpenedLetter, PrivateKey, SealedLetter};
use serde::{Serialize, Serializer};

use crate::{
    output::text::{escaped, short, time},
    source::{Envelope, Id, digest},
};

/// A letter that was opened, and where it was.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) id: Id,
    pub(crate) place: String,
    pub(crate) opened: OpenedLetter,
    /// What the sealed letter is known by.
    pub(crate) digest: String,
}

/// What may be shown of a letter.
#[derive(Serialize)]
pub(crate) struct Facts<'a> {
    place: &'a str,
    at: Option<String>,
    code: &'a str,
    receive_count: u32,
    function: &'a str,
    handler: &'a str,
    message_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_id: Option<&'a str>,
    request_id: &'a str,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_bytes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<Object<'a>>,
}

#[derive(Serialize)]
struct Object<'a> {
    bucket: &'a str,
    name: &'a str,
}

/// All of a letter.
#[derive(Serialize)]
pub(crate) struct InClear<'a> {
    #[serde(flatten)]
    facts: Facts<'a>,
    attributes: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_base64: Option<Base64<'a>>,
}

/// Bytes that are no text.
struct Base64<'a>(&'a [u8]);

impl Serialize for Base64<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(self.0, &BASE64_STANDARD))
    }
}

impl Letter {
    /// Opens what is in an envelope. The error says what can be done.
    pub(crate) fn open(envelope: Envelope, key: &PrivateKey) -> Result<Self, String> {
        let Envelope { id, place, text } = envelope;
        let text = text?;
        let opened = text.parse::<SealedLetter>().and_then(|sealed| sealed.open(key));
        let opened = opened.map_err(|error| match advice(&error) {
            Some(advice) => format!("{error}: {advice}"),
            None => error.to_string(),
        })?;
        Ok(Self { id, place, opened, digest: digest(text.trim()) })
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        let Self { opened, place, .. } = self;
        let (body_bytes, object) = match opened.held() {
            Held::Here(contents) => (Some(contents.body().len()), None),
            Held::InObject(object) => (None, Some(Object { bucket: object.bucket(), name: object.name() })),
            _ => (None, None),
        };
        Facts {
            place,
            at: time(opened.at()),
            code: opened.code(),
            receive_count: opened.receive_count(),
            function: opened.function(),
            handler: opened.handler(),
            message_id: opened.message_id(),
            group_id: opened.group_id(),
            request_id: opened.request_id(),
            reason: opened.reason(),
            body_bytes,
            object,
        }
    }

    /// All of it, with contents that may come from its object.
    pub(crate) fn in_clear<'a>(&'a self, contents: &'a Contents) -> InClear<'a> {
        let body = std::str::from_utf8(contents.body()).ok();
        let body_base64 = body.is_none().then(|| Base64(contents.body()));
        let mut facts = self.facts();
        facts.body_bytes = Some(contents.body().len());
        InClear { facts, attributes: contents.attributes().collect(), body, body_base64 }
    }
}

impl Facts<'_> {
    /// A line for people.
    pub(crate) fn line(&self) -> String {
        let held = match (&self.object, self.body_bytes) {
            (Some(Object { bucket, name }), _) => format!("s3://{}/{}", escaped(bucket), escaped(name)),
            (None, bytes) => format!("{} bytes", bytes.unwrap_or_default()),
        };
        format!(
            "{}  {}  received {}x  {}/{}  message {}  request {}  {held}  {}",
            self.at.as_deref().unwrap_or("no such time"),
            escaped(self.code),
            self.receive_count,
            escaped(self.function),
            escaped(self.handler),
            escaped(self.message_id),
            escaped(self.request_id),
            short(self.reason),
        )
    }
}

/// What can be done about it.
fn advice(error: &OpenError) -> Option<&'static str> {
    match error {
        OpenError::Foreign => Some("see who else writes here"),
        OpenError::Truncated => Some("nothing can be read of what is left"),
        OpenError::OtherKey { .. } => Some("use --key with the private one of that"),
        OpenError::Forged => Some("nothing of it can be trusted"),
        OpenError::Strange => Some("a newer release may know it, or somebody else has the public key"),
        _ => None,
    }
}
