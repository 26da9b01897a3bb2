//! A Lambda Runtime API (version 2018-06-01) on 127.0.0.1, served by a thread of its own.

mod calls;
mod endpoints;

use std::{
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use http::HeaderValue;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;

pub(crate) use calls::{Calls, State, Wait};

/// How long a dead process's last bytes are waited for; used up only when somebody else holds its connections.
const DRAIN: Duration = Duration::from_secs(2);

/// The server; dropping it closes its port and joins its thread.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) calls: Arc<Calls>,
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server that gives every event `deadline` from the moment it is handed out, and the trace id, or a new one each.
    pub(crate) fn start(deadline: Duration, trace_id: Option<HeaderValue>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let calls = Arc::new(Calls::new(deadline, trace_id));
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&calls);
        let thread = thread::Builder::new().name("lambda-runtime-api".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::spawn(serve(listener, served));
                // Never sent, only dropped; the runtime then drops every connection.
                let _ = stopped.await;
            });
        })?;
        Ok(Self { calls, address, stop: Some(stop), thread: Some(thread) })
    }

    /// Waits until all that a process sent before it ended has been taken in.
    pub(crate) fn drain(&self) {
        // The backlog is first in, first out: once this request is answered, every connection that
        // the process opened has been accepted and is counted.
        if let Ok(mut probe) = TcpStream::connect(self.address) {
            let _ = probe.set_read_timeout(Some(DRAIN));
            let _ = probe.write_all(b"GET / HTTP/1.1\r\nhost: probe\r\nconnection: close\r\n\r\n");
            let _ = probe.read_to_end(&mut Vec::new());
        }
        self.calls.wait_until(DRAIN, |state| state.connections == 0);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(listener: TcpListener, calls: Arc<Calls>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("the listener is non-blocking");
    loop {
        // A connection that failed before it was accepted is the client's to report.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let connection = Arc::new(calls.connected());
        tokio::spawn(async move {
            let service = service_fn(|request| endpoints::serve(&connection, request));
            let io = TokioIo::new(stream);
            // A process that is killed cuts its connections; what that means is seen elsewhere.
            let _ = http1::Builder::new().serve_connection(io, service).await;
        });
    }
}

#[cfg(test)]
mod tests;
