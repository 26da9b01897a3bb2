//! HTTP/1.1 as the Runtime API speaks it: bytes in, bytes out, no I/O.
//!
//! A peer that contradicts itself is refused rather than understood: two readings of one message are how one caller's
//! event becomes another's. Source: [RFC 9112](https://www.rfc-editor.org/rfc/rfc9112), sections 5 to 7 and 11.

use std::{fmt, ops::Range, str};

use httparse::{EMPTY_HEADER, Header, Status};

use crate::scrub::Buffer;

/// The longest head, and the longest trailers, in bytes. A client context takes up to 3.5 KB of it.
const HEAD_LIMIT: usize = 32 * 1024;

/// The longest body in bytes. Lambda's own limit is 6 MB.
pub(super) const BODY_LIMIT: usize = 16 << 20;

/// The most header lines.
const HEADERS: usize = 64;

/// Why a message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProtocolError {
    Head(httparse::Error),
    HeadTooLong,
    BodyTooLong,
    Length,
    Encoding,
    Chunk,
    Upgrade,
    /// Bytes that nobody has asked for.
    Unasked,
    /// The peer closed the connection within a message.
    Cut,
    /// A header that Lambda always sends is missing or malformed, or is there twice.
    Header(&'static str),
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head(error) => write!(f, "its head is malformed: {error}"),
            Self::HeadTooLong => write!(f, "its head is longer than {HEAD_LIMIT} bytes"),
            Self::BodyTooLong => write!(f, "its body is longer than {BODY_LIMIT} bytes"),
            Self::Length => f.write_str("its content-length is malformed or contradicts another header"),
            Self::Encoding => f.write_str("its transfer-encoding is not `chunked`"),
            Self::Chunk => f.write_str("a chunk of its body is malformed"),
            Self::Upgrade => f.write_str("it switches protocols, which was not asked for"),
            Self::Unasked => f.write_str("more bytes came than belong to it"),
            Self::Cut => f.write_str("the connection was closed before it was whole"),
            Self::Header(name) => write!(f, "its header `{name}` is missing, malformed or there twice"),
        }
    }
}

impl std::error::Error for ProtocolError {}

impl From<httparse::Error> for ProtocolError {
    fn from(error: httparse::Error) -> Self {
        Self::Head(error)
    }
}

/// A message that has arrived whole. Its head lies unchanged in the buffer; its body lies there as one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) status: u16,
    pub(super) fields: Fields,
    pub(super) body: Range<usize>,
    /// Whether another request may be sent on the same connection.
    pub(super) keep_alive: bool,
}

impl Message {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A header that says something of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    RequestId,
    Deadline,
    FunctionArn,
    TraceId,
    ClientContext,
    Identity,
    TenantId,
    InvocationId,
}

impl Field {
    const ALL: [Self; 8] = [
        Self::RequestId,
        Self::Deadline,
        Self::FunctionArn,
        Self::TraceId,
        Self::ClientContext,
        Self::Identity,
        Self::TenantId,
        Self::InvocationId,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::RequestId => "lambda-runtime-aws-request-id",
            Self::Deadline => "lambda-runtime-deadline-ms",
            Self::FunctionArn => "lambda-runtime-invoked-function-arn",
            Self::TraceId => "lambda-runtime-trace-id",
            Self::ClientContext => "lambda-runtime-client-context",
            Self::Identity => "lambda-runtime-cognito-identity",
            Self::TenantId => "lambda-runtime-aws-tenant-id",
            Self::InvocationId => "lambda-runtime-invocation-id",
        }
    }
}

/// Where the values of the [`Field`]s lie.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fields {
    /// Where the head begins in the buffer.
    start: usize,
    /// Counted from there. A head is shorter than 64 KiB.
    values: [Option<Range<u16>>; Field::ALL.len()],
}

impl Fields {
    /// The value in a buffer's content, as it was sent.
    pub(super) fn value<'b>(&self, content: &'b [u8], field: Field) -> Option<&'b [u8]> {
        self.values[field as usize].as_ref().map(|range| &content[self.start..][usize_range(range)])
    }

    /// Notes where a header's value lies, if it is one of ours. The same header with another value makes two events of one.
    fn note(&mut self, head: &[u8], header: &Header<'_>) -> Result<(), ProtocolError> {
        let is_it = |field: &Field| header.name.eq_ignore_ascii_case(field.name());
        let Some(field) = Field::ALL.into_iter().find(is_it) else { return Ok(()) };
        let offset = header.value.as_ptr().addr() - head.as_ptr().addr();
        let end = u16::try_from(offset + header.value.len()).map_err(|_| ProtocolError::HeadTooLong)?;
        let start = u16::try_from(offset).map_err(|_| ProtocolError::HeadTooLong)?;
        match &mut self.values[field as usize] {
            Some(first) if head[usize_range(first)] != *header.value => Err(ProtocolError::Header(field.name())),
            place => {
                *place = Some(start..end);
                Ok(())
            }
        }
    }
}

fn usize_range(range: &Range<u16>) -> Range<usize> {
    range.start.into()..range.end.into()
}

/// A message that is arriving. Whatever has been read is at the end of the buffer's content; the message starts at
/// `start`.
#[derive(Debug)]
pub(super) struct Reader {
    start: usize,
    state: State,
}

#[derive(Debug)]
enum State {
    Head,
    Body { head: Head, start: usize, body: Body },
}

#[derive(Debug)]
enum Body {
    Length(usize),
    Chunked(Chunks),
    /// Until the connection is closed, as HTTP/1.0 has it.
    Close,
}

/// What a reader needs next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Whole(Message),
    /// At least this many more bytes.
    More(usize),
}

impl Reader {
    /// For a message that will be appended to a buffer whose content is `start` bytes long.
    pub(super) fn new(start: usize) -> Self {
        Self { start, state: State::Head }
    }

    /// Whether nothing of the message has come yet.
    pub(super) fn is_untouched(&self, buffer: &Buffer) -> bool {
        matches!(self.state, State::Head) && buffer.len() == self.start
    }

    /// Looks at what has come.
    pub(super) fn advance(&mut self, buffer: &mut Buffer) -> Result<Progress, ProtocolError> {
        while let State::Head = self.state {
            let Some(head) = Head::parse(buffer.content(), self.start)? else { return Ok(Progress::More(1)) };
            let start = self.start + head.len;
            match head.status {
                101 => return Err(ProtocolError::Upgrade),
                // An interim answer: the real one follows.
                100..200 => self.start = start,
                _ => self.state = State::Body { body: Body::of(&head, start)?, head, start },
            }
        }
        let State::Body { body, start, .. } = &mut self.state else { unreachable!("the loop ends with a head") };
        let start = *start;
        let end = match body {
            Body::Length(length) => {
                let end = start + *length;
                match buffer.len() {
                    come if come > end => return Err(ProtocolError::Unasked),
                    come if come < end => return Ok(Progress::More(end - come)),
                    _ => end,
                }
            }
            Body::Chunked(chunks) => match chunks.advance(buffer, start)? {
                Some(end) => end,
                None => return Ok(Progress::More(1)),
            },
            Body::Close if buffer.len() - start > BODY_LIMIT => return Err(ProtocolError::BodyTooLong),
            Body::Close => return Ok(Progress::More(1)),
        };
        Ok(Progress::Whole(self.whole(end)))
    }

    /// The peer has closed the connection.
    pub(super) fn closed(&mut self, buffer: &Buffer) -> Result<Message, ProtocolError> {
        match &self.state {
            State::Body { body: Body::Close, .. } => Ok(self.whole(buffer.len())),
            _ => Err(ProtocolError::Cut),
        }
    }

    fn whole(&mut self, end: usize) -> Message {
        let state = std::mem::replace(&mut self.state, State::Head);
        let State::Body { head, start, body } = state else { unreachable!("a whole message has a head") };
        let keep_alive = head.keep_alive && !matches!(body, Body::Close);
        Message { status: head.status, fields: head.fields, body: start..end, keep_alive }
    }
}

/// What a head says about the message.
#[derive(Debug)]
struct Head {
    len: usize,
    status: u16,
    keep_alive: bool,
    length: Option<usize>,
    chunked: bool,
    fields: Fields,
}

impl Head {
    /// Parses the head that begins at `start`. `None`: there is more to come.
    fn parse(content: &[u8], start: usize) -> Result<Option<Self>, ProtocolError> {
        let bytes = &content[start..];
        let mut headers = [EMPTY_HEADER; HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let len = match response.parse(bytes)? {
            Status::Complete(len) if len <= HEAD_LIMIT => len,
            Status::Partial if bytes.len() < HEAD_LIMIT => return Ok(None),
            _ => return Err(ProtocolError::HeadTooLong),
        };
        let status = response.code.ok_or(ProtocolError::Head(httparse::Error::Status))?;
        let keep_alive = response.version == Some(1);
        let mut head = Self {
            len,
            status,
            keep_alive,
            length: None,
            chunked: false,
            fields: Fields { start, ..Fields::default() },
        };
        for header in response.headers.iter() {
            if header.name.eq_ignore_ascii_case("content-length") {
                let length = length(header.value)?;
                if head.length.is_some_and(|other| other != length) {
                    return Err(ProtocolError::Length);
                }
                head.length = Some(length);
            } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
                if head.chunked || !header.value.eq_ignore_ascii_case(b"chunked") {
                    return Err(ProtocolError::Encoding);
                }
                head.chunked = true;
            } else if header.name.eq_ignore_ascii_case("connection") {
                head.keep_alive &= !mentions(header.value, "close");
            } else {
                head.fields.note(bytes, header)?;
            }
        }
        if head.chunked && head.length.is_some() {
            return Err(ProtocolError::Length);
        }
        Ok(Some(head))
    }
}

impl Body {
    fn of(head: &Head, start: usize) -> Result<Self, ProtocolError> {
        Ok(match (head.status, head.length) {
            (204 | 304, _) => Self::Length(0),
            _ if head.chunked => Self::Chunked(Chunks::new(start)),
            (_, Some(length)) if length > BODY_LIMIT => return Err(ProtocolError::BodyTooLong),
            (_, Some(length)) => Self::Length(length),
            (_, None) => Self::Close,
        })
    }
}

/// Digits and nothing else: no sign, no list.
fn length(value: &[u8]) -> Result<usize, ProtocolError> {
    let digits = value.iter().all(u8::is_ascii_digit).then_some(value).and_then(|value| str::from_utf8(value).ok());
    digits.and_then(|digits| digits.parse().ok()).ok_or(ProtocolError::Length)
}

fn mentions(list: &[u8], word: &str) -> bool {
    list.split(|&byte| byte == b',').any(|item| item.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
}

/// A chunked body, put together where it lies: what has been decoded moves to the front.
#[derive(Debug)]
struct Chunks {
    /// Where the decoded bytes end.
    decoded: usize,
    /// Where the bytes that nobody has looked at begin.
    raw: usize,
    next: Next,
}

#[derive(Debug, Clone, Copy)]
enum Next {
    Size,
    Data(usize),
    /// The line's end behind a chunk's data.
    End,
    Trailers,
}

impl Chunks {
    fn new(start: usize) -> Self {
        Self { decoded: start, raw: start, next: Next::Size }
    }

    /// `Some`: where the body ends that begins at `start`.
    fn advance(&mut self, buffer: &mut Buffer, start: usize) -> Result<Option<usize>, ProtocolError> {
        let end = self.decode(buffer, start)?;
        // The lines between chunks are dropped as they are read, so that a body of tiny chunks takes no more memory.
        buffer.content_mut().copy_within(self.raw.., self.decoded);
        buffer.truncate(buffer.len() - (self.raw - self.decoded));
        self.raw = self.decoded;
        Ok(end)
    }

    fn decode(&mut self, buffer: &mut Buffer, start: usize) -> Result<Option<usize>, ProtocolError> {
        loop {
            let raw = &buffer.content()[self.raw..];
            match self.next {
                Next::Size => match httparse::parse_chunk_size(raw).map_err(|_| ProtocolError::Chunk)? {
                    Status::Partial if raw.len() > HEAD_LIMIT => return Err(ProtocolError::Chunk),
                    Status::Partial => return Ok(None),
                    Status::Complete((line, size)) => {
                        let size = usize::try_from(size).map_err(|_| ProtocolError::BodyTooLong)?;
                        if size > BODY_LIMIT || self.decoded - start + size > BODY_LIMIT {
                            return Err(ProtocolError::BodyTooLong);
                        }
                        self.raw += line;
                        self.next = if size == 0 { Next::Trailers } else { Next::Data(size) };
                    }
                },
                Next::Data(left) => {
                    let come = left.min(raw.len());
                    let from = self.raw..self.raw + come;
                    buffer.content_mut().copy_within(from, self.decoded);
                    self.decoded += come;
                    self.raw += come;
                    if come < left {
                        self.next = Next::Data(left - come);
                        return Ok(None);
                    }
                    self.next = Next::End;
                }
                Next::End => match raw {
                    [b'\r', b'\n', ..] => {
                        self.raw += 2;
                        self.next = Next::Size;
                    }
                    [] | [b'\r'] => return Ok(None),
                    _ => return Err(ProtocolError::Chunk),
                },
                Next::Trailers => {
                    let mut headers = [EMPTY_HEADER; HEADERS];
                    match httparse::parse_headers(raw, &mut headers)? {
                        Status::Partial if raw.len() > HEAD_LIMIT => return Err(ProtocolError::HeadTooLong),
                        Status::Partial => return Ok(None),
                        Status::Complete((len, _)) if len < raw.len() => return Err(ProtocolError::Unasked),
                        Status::Complete((len, _)) => {
                            self.raw += len;
                            return Ok(Some(self.decoded));
                        }
                    }
                }
            }
        }
    }
}

/// A request with a body of a length that is known once it has been written: [`finish`](Self::finish) fills it in.
pub(super) struct Post {
    length: Range<usize>,
    body: usize,
}

/// How many digits of a length are left room for.
const DIGITS: usize = 10;

impl Post {
    /// Writes the head. What is appended to the buffer then is the body.
    pub(super) fn begin<'h>(
        out: &mut Buffer,
        target: &[&str],
        lines: &str,
        headers: impl IntoIterator<Item = (&'h str, &'h str)>,
    ) -> Self {
        head(out, target, lines, headers);
        out.push(b"content-length: ");
        let length = out.len()..out.len() + DIGITS;
        out.push(&[b' '; DIGITS]);
        out.push(b"\r\n\r\n");
        Self { length, body: out.len() }
    }

    /// Writes the length, to the right of the blanks that stand for it (RFC 9112 allows them before a value).
    pub(super) fn finish(self, out: &mut Buffer) {
        let mut left = out.len() - self.body;
        let place = &mut out.content_mut()[self.length];
        for digit in place.iter_mut().rev() {
            *digit = b'0' + u8::try_from(left % 10).unwrap_or_default();
            left /= 10;
            if left == 0 {
                return;
            }
        }
        unreachable!("no body has {DIGITS} digits")
    }
}

/// Writes the head of a POST whose body comes in chunks.
pub(super) fn begin_chunks<'h>(
    out: &mut Buffer,
    target: &[&str],
    lines: &str,
    headers: impl IntoIterator<Item = (&'h str, &'h str)>,
) {
    head(out, target, lines, headers);
    out.push(b"transfer-encoding: chunked\r\n\r\n");
}

/// Writes one chunk. Nothing is written for no bytes: that chunk would be the last.
pub(super) fn chunk(out: &mut Buffer, parts: &[&[u8]]) {
    let size: usize = parts.iter().map(|part| part.len()).sum();
    if size > 0 {
        out.push(format!("{size:x}\r\n").as_bytes());
        for part in parts {
            out.push(part);
        }
        out.push(b"\r\n");
    }
}

/// Writes the end of a chunked body.
pub(super) fn end_chunks(out: &mut Buffer, trailers: &[(&str, &str)]) {
    out.push(b"0\r\n");
    for &(name, value) in trailers {
        line(out, name, value);
    }
    out.push(b"\r\n");
}

/// Writes the first line, `lines`, which end with a line's end each, and `headers`.
fn head<'h>(out: &mut Buffer, target: &[&str], lines: &str, headers: impl IntoIterator<Item = (&'h str, &'h str)>) {
    out.push(b"POST ");
    for part in target {
        out.push(part.as_bytes());
    }
    out.push(b" HTTP/1.1\r\n");
    out.push(lines.as_bytes());
    for (name, value) in headers {
        line(out, name, value);
    }
}

fn line(out: &mut Buffer, name: &str, value: &str) {
    for part in [name, ": ", value, "\r\n"] {
        out.push(part.as_bytes());
    }
}

#[cfg(test)]
mod tests;
