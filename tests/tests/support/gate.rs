//! A place at which a service waits until its test lets it on.

use std::{
    io::{self, Write as _},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use super::LIMIT;

/// A gate that one invocation, or one stream, waits at.
pub(crate) struct Gate(TcpListener);

impl Gate {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        listener.set_nonblocking(true).expect("the listener is ours");
        Self(listener)
    }

    /// What the event has to say.
    pub(crate) fn address(&self) -> String {
        self.0.local_addr().expect("the listener is bound").to_string()
    }

    /// Waits until somebody stands at the gate.
    pub(crate) fn reached(&self) -> Waiting {
        let started = Instant::now();
        loop {
            match self.0.accept() {
                Ok((stream, _)) => return Waiting(stream),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    assert!(started.elapsed() < LIMIT, "nobody came to the gate");
                    thread::sleep(Duration::from_millis(2));
                }
                Err(error) => panic!("the gate broke: {error}"),
            }
        }
    }
}

/// Somebody who stands at a gate.
pub(crate) struct Waiting(TcpStream);

impl Waiting {
    pub(crate) fn let_on(mut self) {
        self.0.write_all(b"!").expect("who waits reads");
    }
}
