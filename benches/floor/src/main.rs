//! The least that an event costs on tokio: the exchanges of a function that does nothing. It reads each event whole, finds the
//! request id, and sends an answer of the right size that was made before; it parses no HTTP and no JSON, and wipes nothing.
//!
//! It knows the benchmarks' driver by heart, and no other Runtime API.

use std::{env, error::Error, ops::Range};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// How the driver's events begin, up to the request id.
const BEGIN: &[u8] = b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: ";
const ID: Range<usize> = BEGIN.len()..BEGIN.len() + 36;
/// What of an event's JSON is no text, and how one begins whose text is to be answered.
const AROUND: &[u8] = br#"{"secret":"","echo":""}"#;
const ECHO: &[u8] = br#"{"secret":"","#;

const NEXT: &[u8] = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
const POST: &[u8] = b"POST /2018-06-01/runtime/invocation/";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let stream = TcpStream::connect(env::var("AWS_LAMBDA_RUNTIME_API")?).await?;
    stream.set_nodelay(true)?;
    let mut connection = Connection { stream, buffer: vec![0; 16 * 1024], filled: 0 };
    let mut answer = Answer::default();
    loop {
        connection.stream.write_all(NEXT).await?;
        let (head, body) = connection.response().await?;
        answer.to(head.get(ID).ok_or("an event without an id")?, body);
        connection.stream.write_all(&answer.request).await?;
        connection.response().await?;
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

impl Connection {
    /// Reads one response, which is all that may come: its head without the empty line, and its body.
    async fn response(&mut self) -> Result<(&[u8], &[u8]), Box<dyn Error>> {
        self.filled = 0;
        let mut head = None;
        loop {
            // A read that doesn't fill the buffer tells tokio that there is no more, and saves the next one.
            let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
            self.filled += read;
            if read == 0 {
                return Err("the Runtime API has closed the connection".into());
            }
            if head.is_none() {
                head = ends(&self.buffer[..self.filled])?;
            }
            let Some((end, length)) = head else { continue };
            let whole = end + b"\r\n\r\n".len() + length;
            if self.filled >= whole {
                return Ok((&self.buffer[..end], &self.buffer[whole - length..whole]));
            }
            if self.buffer.len() <= whole {
                self.buffer.resize((whole + 1).next_power_of_two(), 0);
            }
        }
    }
}

/// Where a head ends, and how long its body is: the driver writes the length last, and bodies that begin with a brace.
fn ends(response: &[u8]) -> Result<Option<(usize, usize)>, Box<dyn Error>> {
    let Some(brace) = response.iter().position(|&byte| byte == b'{') else { return Ok(None) };
    let head = response[..brace].strip_suffix(b"\r\n\r\n").ok_or("not the driver's head")?;
    let digits = head.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let length = str::from_utf8(&head[head.len() - digits..])?.parse()?;
    Ok(Some((head.len(), length)))
}

/// The answers to events of one size, of which only the request id changes.
#[derive(Default)]
struct Answer {
    request: Vec<u8>,
    event: usize,
}

impl Answer {
    fn to(&mut self, id: &[u8], event: &[u8]) {
        if self.event != event.len() {
            self.event = event.len();
            let text = event.len() - AROUND.len();
            let body = if event.starts_with(ECHO) {
                format!(r#"{{"length":0,"echo":"{}"}}"#, "x".repeat(text))
            } else {
                format!(r#"{{"length":{text},"echo":""}}"#)
            };
            let rest = format!("/response HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            self.request = [POST, id, rest.as_bytes()].concat();
        }
        self.request[POST.len()..][..id.len()].copy_from_slice(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &[u8] = b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-000000000001\r\n\
                           Content-Length: 26\r\n\r\n{\"secret\":\"abc\",\"echo\":\"\"}";

    #[test]
    fn a_head_ends_where_the_body_begins() {
        let body = EVENT.iter().position(|&byte| byte == b'{').unwrap();
        assert_eq!(ends(EVENT).unwrap(), Some((body - 4, 26)));
        assert_eq!(ends(&EVENT[..body]).unwrap(), None);
        assert!(ends(b"{").is_err() && ends(b"HTTP/1.1 200 OK\r\n\r\n{").is_err());
        assert_eq!(EVENT[ID], *b"8476a536-e9f4-11e8-9739-000000000001");
    }

    #[test]
    fn an_answer_has_the_size_of_the_services() {
        let mut answer = Answer::default();
        let mut to = |id: &str, event: &str| {
            answer.to(id.as_bytes(), event.as_bytes());
            String::from_utf8(answer.request.clone()).unwrap()
        };
        let read = to("1", r#"{"secret":"abc","echo":""}"#);
        assert!(read.starts_with("POST /2018-06-01/runtime/invocation/1/response HTTP/1.1\r\n"), "{read}");
        assert!(read.ends_with("content-length: 22\r\n\r\n{\"length\":3,\"echo\":\"\"}"), "{read}");
        assert_eq!(to("2", r#"{"secret":"abc","echo":""}"#), read.replace("/1/", "/2/"));
        assert!(to("3", r#"{"secret":"","echo":"abcd"}"#).ends_with(r#"{"length":0,"echo":"xxxx"}"#));
    }
}
