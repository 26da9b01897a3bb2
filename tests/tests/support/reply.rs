//! What the Runtime API answers, as well or as badly as a test needs it.

use std::{
    io::{self, Write},
    thread,
    time::Duration,
};

/// How long a peer that stalls says nothing. Long enough that the other side has to wait; nothing depends on it.
const STALL: Duration = Duration::from_millis(200);

/// One answer and how it is delivered.
#[derive(Clone)]
pub(crate) struct Reply {
    version: &'static str,
    status: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    framing: Framing,
    interim: bool,
    surplus: Vec<u8>,
    delivery: Delivery,
    closes: bool,
}

#[derive(Clone, Copy)]
enum Framing {
    Length,
    /// Chunks of at most so many bytes, with extensions and trailers.
    Chunks(usize),
    /// As the headers say, right or wrong.
    AsIs,
    /// No head at all.
    Raw,
}

#[derive(Clone, Copy)]
enum Delivery {
    AtOnce,
    /// Byte by byte.
    Dribbled,
    /// Half of the head, a pause, half of the body, a pause, the rest.
    Stalling,
    Cut(Cut),
}

/// Where a connection is closed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// When the request has been read.
    BeforeTheStatus,
    InTheHead,
    InTheBody,
}

impl Reply {
    /// An answer with a status and a reason, `413 Payload Too Large`, and an empty body.
    pub(crate) fn status(status: &str) -> Self {
        Self {
            version: "HTTP/1.1",
            status: status.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            framing: Framing::Length,
            interim: false,
            surplus: Vec::new(),
            delivery: Delivery::AtOnce,
            closes: false,
        }
    }

    /// An event, with the headers that every event has.
    pub(crate) fn event(id: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::status("200 OK")
            .header("Content-Type", "application/json")
            .header("Lambda-Runtime-Aws-Request-Id", id)
            .header("Lambda-Runtime-Deadline-Ms", "4102444800000")
            .header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:twin")
            .body(body)
    }

    /// Bytes that needn't be HTTP, and the connection's end.
    pub(crate) fn raw(bytes: &str) -> Self {
        Self { framing: Framing::Raw, ..Self::status("") }.body(bytes).then_closed()
    }

    /// The same with another status.
    pub(crate) fn with_status(mut self, status: &str) -> Self {
        status.clone_into(&mut self.status);
        self
    }

    /// As a server of long ago has it.
    pub(crate) fn of_http_1_0(mut self) -> Self {
        self.version = "HTTP/1.0";
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self
    }

    /// In chunks of at most `size` bytes, with extensions and trailers.
    pub(crate) fn chunked(mut self, size: usize) -> Self {
        self.framing = Framing::Chunks(size);
        self.header("Transfer-Encoding", "chunked")
    }

    /// With no header about the body but those that the test adds.
    pub(crate) fn unframed(mut self) -> Self {
        self.framing = Framing::AsIs;
        self
    }

    /// After a `100 Continue`.
    pub(crate) fn after_an_interim_one(mut self) -> Self {
        self.interim = true;
        self
    }

    /// With another answer behind it that nobody asked for, in the same write.
    pub(crate) fn followed_by(mut self, other: &Self) -> Self {
        self.surplus = [other.head(), other.framed()].concat();
        self
    }

    pub(crate) fn dribbled(mut self) -> Self {
        self.delivery = Delivery::Dribbled;
        self
    }

    pub(crate) fn stalling(mut self) -> Self {
        self.delivery = Delivery::Stalling;
        self
    }

    pub(crate) fn cut(mut self, at: Cut) -> Self {
        self.delivery = Delivery::Cut(at);
        self.closes = true;
        self
    }

    /// Says `connection: close`, and does it.
    pub(crate) fn closing(self) -> Self {
        self.header("Connection", "close").then_closed()
    }

    /// Closes the connection afterwards without having said so.
    pub(crate) fn then_closed(mut self) -> Self {
        self.closes = true;
        self
    }

    /// Status and reason.
    pub(crate) fn status_line(&self) -> &str {
        &self.status
    }

    pub(crate) fn closes(&self) -> bool {
        self.closes
    }

    pub(crate) fn send(&self, stream: &mut impl Write) -> io::Result<()> {
        let (head, body) = (self.head(), self.framed());
        let (half_head, half_body) = (head.len() / 2, body.len() / 2);
        match self.delivery {
            Delivery::AtOnce => stream.write_all(&[&*head, &body, &self.surplus].concat()),
            Delivery::Dribbled => [head, body].concat().chunks(1).try_for_each(|byte| stream.write_all(byte)),
            Delivery::Stalling => {
                let rest = [&head[half_head..], &body[..half_body]].concat();
                for part in [&head[..half_head], &rest, &body[half_body..]] {
                    stream.write_all(part)?;
                    thread::sleep(STALL);
                }
                Ok(())
            }
            Delivery::Cut(Cut::BeforeTheStatus) => Ok(()),
            Delivery::Cut(Cut::InTheHead) => stream.write_all(&head[..half_head]),
            Delivery::Cut(Cut::InTheBody) => stream.write_all(&[&head, &body[..half_body]].concat()),
        }
    }

    fn head(&self) -> Vec<u8> {
        if matches!(self.framing, Framing::Raw) {
            return Vec::new();
        }
        let interim = if self.interim { "HTTP/1.1 100 Continue\r\nX-Interim: yes\r\n\r\n" } else { "" };
        let mut head = format!("{interim}{} {}\r\n", self.version, self.status).into_bytes();
        for (name, value) in &self.headers {
            head.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        if matches!(self.framing, Framing::Length) && !self.status.starts_with("204") {
            head.extend(format!("Content-Length: {}\r\n", self.body.len()).into_bytes());
        }
        head.extend(b"\r\n");
        head
    }

    fn framed(&self) -> Vec<u8> {
        let Framing::Chunks(size) = self.framing else { return self.body.clone() };
        let mut framed = Vec::new();
        for chunk in self.body.chunks(size) {
            framed.extend(format!("{:x};name=value;quoted=\"a;b\"\r\n", chunk.len()).into_bytes());
            framed.extend([chunk, b"\r\n"].concat());
        }
        framed.extend(b"0;last\r\nX-Trailer: one\r\nX-Other: two\r\n\r\n");
        framed
    }
}
