//! The Runtime API's side of the wire, for one function. What is on the way of an event allocates nothing and makes no system
//! call but `read` and `write`.

use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::http::{self, Head};

/// How long the connection in use may be silent before the others are looked at.
const GLANCE: Duration = Duration::from_millis(200);
/// How long a function may be silent.
const PATIENCE: Duration = Duration::from_secs(10);

/// The Runtime API of one function.
#[derive(Debug)]
pub(crate) struct Peer {
    listener: TcpListener,
    connections: Vec<Connection>,
    /// The connection that the last request came on.
    current: usize,
    /// How often a request came on another connection than the one before: each takes a `GLANCE`, which spoils a sample.
    detours: u32,
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
    /// The request that was handed out last lies at the start of the buffer still.
    handed_out: usize,
}

impl Peer {
    pub(crate) fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, connections: Vec::new(), current: 0, detours: 0 })
    }

    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    pub(crate) fn detours(&self) -> u32 {
        self.detours
    }

    /// The next request, read whole: its head and its body.
    pub(crate) fn request(&mut self) -> Result<(&[u8], &[u8]), String> {
        let mut silent_since = None;
        let head = loop {
            let Some(connection) = self.connections.get_mut(self.current) else {
                self.look_around(&mut silent_since)?;
                continue;
            };
            match connection.request() {
                Ok(Some(head)) => break head,
                Ok(None) => {
                    self.connections.swap_remove(self.current);
                    self.current = usize::MAX;
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    self.look_around(&mut silent_since)?;
                }
                Err(error) => return Err(format!("the function's connection failed: {error}")),
            }
        };
        Ok(self.connections[self.current].buffer[..head.len + head.body].split_at(head.len))
    }

    /// Writes to where the last request came from.
    pub(crate) fn respond(&mut self, response: &[u8]) -> Result<(), String> {
        let connection = self.connections.get_mut(self.current).ok_or("nobody to respond to")?;
        connection.stream.write_all(response).map_err(|error| format!("the function doesn't read: {error}"))
    }

    /// Waits for a connection, new or old, on which there is something to read, and makes it the current one.
    fn look_around(&mut self, silent_since: &mut Option<Instant>) -> Result<(), String> {
        if silent_since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
            return Err(format!("the function was silent for {} seconds", PATIENCE.as_secs()));
        }
        let readable = |at: &PollFd<'_>| !at.revents().is_empty();
        let mut waiting: Vec<_> =
            self.connections.iter().map(|connection| PollFd::new(&connection.stream, PollFlags::IN)).collect();
        waiting.push(PollFd::new(&self.listener, PollFlags::IN));
        let glance = Timespec { tv_sec: 0, tv_nsec: i64::from(GLANCE.subsec_nanos()) };
        match poll(&mut waiting, Some(&glance)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(format!("can't wait for the function: {error}")),
        }
        let found = waiting.iter().position(readable);
        let is_new = found.is_some_and(|at| at == self.connections.len());
        if is_new {
            let connection = self.listener.accept().and_then(|(stream, _)| Connection::new(stream));
            self.connections.push(connection.map_err(|error| format!("can't accept a connection: {error}"))?);
        }
        if let Some(at) = found {
            self.detours += u32::from(self.connections.len() > 1 && at != self.current);
            self.current = at;
        }
        Ok(())
    }
}

impl Connection {
    fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(false)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(GLANCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream, buffer: vec![0; 64 * 1024], filled: 0, handed_out: 0 })
    }

    /// Reads until a request is whole at the start of the buffer; `None` when the function closed the connection.
    fn request(&mut self) -> io::Result<Option<Head>> {
        self.buffer.copy_within(self.handed_out..self.filled, 0);
        self.filled -= self.handed_out;
        self.handed_out = 0;
        let mut head = None;
        loop {
            if head.is_none() {
                head = http::head(&self.buffer[..self.filled]).map_err(io::Error::other)?;
            }
            let needed = head.map_or(self.filled + 1, |head| head.len + head.body);
            if let (Some(head), true) = (head, self.filled >= needed) {
                self.handed_out = needed;
                return Ok(Some(head));
            }
            if self.buffer.len() < needed {
                self.buffer.resize(needed.next_power_of_two(), 0);
            }
            match self.stream.read(&mut self.buffer[self.filled..]) {
                Ok(0) if self.filled == 0 => return Ok(None),
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: &[u8] = b"GET /next HTTP/1.1\r\nhost: x\r\n\r\n";

    fn post(body: &str) -> Vec<u8> {
        format!("POST /response HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into()
    }

    fn connected() -> (Peer, TcpStream) {
        let peer = Peer::bind().unwrap();
        let function = TcpStream::connect(peer.address().unwrap()).unwrap();
        (peer, function)
    }

    #[test]
    fn requests_are_told_apart_however_they_are_cut() {
        let (mut peer, mut function) = connected();
        let long = "x".repeat(100_000);
        let wire = [GET, &post("abc"), GET, &post(&long), GET].concat();
        let writer = std::thread::spawn(move || {
            for piece in wire.chunks(7_001) {
                function.write_all(piece).unwrap();
            }
            function
        });
        for expected in [None, Some("abc"), None, Some(&*long), None] {
            let (head, body) = peer.request().unwrap();
            assert!(head.starts_with(if expected.is_some() { b"POST" } else { b"GET " }));
            assert_eq!(body, expected.unwrap_or_default().as_bytes());
        }
        writer.join().unwrap();
        assert_eq!(peer.detours(), 0);
    }

    #[test]
    fn responses_go_where_the_request_came_from() {
        let (mut peer, mut first) = connected();
        first.write_all(GET).unwrap();
        peer.request().unwrap();
        let mut second = TcpStream::connect(peer.address().unwrap()).unwrap();
        second.write_all(&post("b")).unwrap();
        assert_eq!(peer.request().unwrap().1, b"b");
        assert_eq!(peer.detours(), 1);
        peer.respond(b"second").unwrap();
        let mut read = [0; 6];
        second.read_exact(&mut read).unwrap();
        assert_eq!(&read, b"second");
        first.write_all(&post("a")).unwrap();
        assert_eq!(peer.request().unwrap().1, b"a");
    }

    #[test]
    fn a_closed_connection_is_replaced_but_not_within_a_request() {
        let (mut peer, mut first) = connected();
        first.write_all(GET).unwrap();
        peer.request().unwrap();
        drop(first);
        let mut second = TcpStream::connect(peer.address().unwrap()).unwrap();
        second.write_all(GET).unwrap();
        peer.request().unwrap();
        second.write_all(&GET[..10]).unwrap();
        drop(second);
        peer.request().unwrap_err();
    }
}
