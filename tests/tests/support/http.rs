//! Requests as they arrived, to the byte.

use std::{
    fmt,
    io::{self, BufRead as _, BufReader, Read},
};

/// A request: its parts, and all its bytes.
#[derive(Clone)]
pub(crate) struct Request {
    /// Which connection it came on, counted from 0 in the order of acceptance.
    pub(crate) connection: usize,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) version: String,
    /// In the order they came: names in lower case, values without the white space around them.
    pub(crate) headers: Vec<(String, String)>,
    /// Without the chunks' framing.
    pub(crate) body: Vec<u8>,
    /// The sizes of the chunks that held something; none when the body wasn't chunked.
    pub(crate) chunks: Vec<usize>,
    pub(crate) trailers: Vec<(String, String)>,
    pub(crate) raw: Vec<u8>,
}

impl Request {
    /// The one value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let value = values.next();
        assert!(values.next().is_none(), "{name} comes twice: {self:?}");
        value
    }

    pub(crate) fn trailer(&self, name: &str) -> Option<&str> {
        self.trailers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.raw[..self.raw.len().min(2000)];
        write!(f, "[connection {}, {} bytes] {}", self.connection, self.raw.len(), shown.escape_ascii())
    }
}

/// Reads requests off a connection.
pub(crate) struct Requests<R> {
    stream: BufReader<R>,
    connection: usize,
    raw: Vec<u8>,
}

impl<R: Read> Requests<R> {
    pub(crate) fn new(stream: R, connection: usize) -> Self {
        Self { stream: BufReader::new(stream), connection, raw: Vec::new() }
    }

    /// The next request; `None` when the connection is closed in front of it, or when `head` has seen enough. `arrived` is
    /// told of a body's parts as they come.
    ///
    /// What is no HTTP/1.1 is `InvalidData`; a connection that is closed within a request is another error.
    pub(crate) fn next(
        &mut self,
        head: impl FnOnce(&str) -> bool,
        mut arrived: impl FnMut(&[u8]),
    ) -> io::Result<Option<Request>> {
        self.raw.clear();
        if self.stream.fill_buf()?.is_empty() {
            return Ok(None);
        }
        let line = self.line()?;
        let mut words = line.splitn(3, ' ').map(str::to_owned);
        let (Some(method), Some(path), Some(version)) = (words.next(), words.next(), words.next()) else {
            return Err(invalid("no request line", &line));
        };
        if version != "HTTP/1.1" {
            return Err(invalid("no HTTP/1.1", &line));
        }
        let headers = self.headers()?;
        if head(&method) {
            return Ok(None);
        }
        let all = |name: &str| -> Vec<&str> {
            headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
        };
        let (mut body, mut chunks, mut trailers) = (Vec::new(), Vec::new(), Vec::new());
        match (all("content-length").as_slice(), all("transfer-encoding").as_slice()) {
            ([], []) => {}
            ([length], []) => {
                let length = length.parse().map_err(|_| invalid("no length", length))?;
                body = self.bytes(length)?;
                arrived(&body);
            }
            ([], ["chunked"]) => {
                (body, chunks) = self.chunks(arrived)?;
                trailers = self.headers()?;
            }
            _ => return Err(invalid("contradictory framing", &format!("{headers:?}"))),
        }
        let (connection, raw) = (self.connection, self.raw.clone());
        Ok(Some(Request { connection, method, path, version, headers, body, chunks, trailers, raw }))
    }

    /// Header lines, up to the empty one.
    fn headers(&mut self) -> io::Result<Vec<(String, String)>> {
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return Ok(headers);
            }
            let (name, value) = line.split_once(':').ok_or_else(|| invalid("no header", &line))?;
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
                return Err(invalid("no header's name", &line));
            }
            headers.push((name.to_ascii_lowercase(), value.trim_matches([' ', '\t']).to_owned()));
        }
    }

    fn chunks(&mut self, mut arrived: impl FnMut(&[u8])) -> io::Result<(Vec<u8>, Vec<usize>)> {
        let (mut body, mut sizes) = (Vec::new(), Vec::new());
        loop {
            let line = self.line()?;
            let size = usize::from_str_radix(&line, 16).map_err(|_| invalid("no chunk's size", &line))?;
            if size == 0 {
                return Ok((body, sizes));
            }
            let chunk = self.bytes(size)?;
            let end = self.line()?;
            if !end.is_empty() {
                return Err(invalid("a chunk is longer than it says", &end));
            }
            arrived(&chunk);
            body.extend(chunk);
            sizes.push(size);
        }
    }

    /// A line without its CRLF.
    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line)?;
        self.raw.extend(&line);
        match line.strip_suffix(b"\r\n") {
            Some(line) => Ok(line.iter().copied().map(char::from).collect()),
            None if line.ends_with(b"\n") => Err(invalid("no CRLF", &line.escape_ascii().to_string())),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn bytes(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes)?;
        self.raw.extend(&bytes);
        Ok(bytes)
    }
}

fn invalid(what: &str, text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{what}: {text:?}"))
}
