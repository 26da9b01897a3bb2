//! The Runtime API: it records what arrives and answers from a script.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write as _,
    io,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread::{self, JoinHandle},
};

use super::{LIMIT, Reply, Request, http::Requests};

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Route {
    /// The next event. One that finds no script waits for it, as on Lambda.
    Next,
    /// An answer or an error of an invocation.
    Post,
    InitError,
    Restore,
    Register,
    /// The next event of an extension, which never comes.
    ExtensionNext,
    Unknown,
}

impl Route {
    fn of(request: &Request) -> Self {
        // A base path may stand in front of the version.
        let path = request.path.find("/20").map_or("", |start| &request.path[start..]);
        match (request.method.as_str(), path) {
            ("GET", "/2018-06-01/runtime/invocation/next") => Self::Next,
            ("GET", "/2018-06-01/runtime/restore/next") => Self::Restore,
            ("POST", "/2018-06-01/runtime/init/error") => Self::InitError,
            ("POST", path) if path.starts_with("/2018-06-01/runtime/invocation/") => Self::Post,
            ("POST", "/2020-01-01/extension/register") => Self::Register,
            ("GET", "/2020-01-01/extension/event/next") => Self::ExtensionNext,
            _ => Self::Unknown,
        }
    }

    /// What is answered when the script says nothing; `None` waits.
    fn default_reply(self) -> Option<Reply> {
        match self {
            Self::Next | Self::ExtensionNext => None,
            Self::Restore => Some(Reply::status("200 OK")),
            Self::Post | Self::InitError => Some(Reply::status("202 Accepted").body(r#"{"status":"OK"}"#)),
            Self::Register => {
                let body = r#"{"functionName":"twin","functionVersion":"$LATEST","handler":"bootstrap"}"#;
                Some(Reply::status("200 OK").header("Lambda-Extension-Identifier", "extension-1").body(body))
            }
            Self::Unknown => Some(Reply::status("404 Not Found")),
        }
    }
}

/// What has happened so far.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) requests: Vec<Request>,
    /// Requests for the next event that wait for one.
    pub(crate) waiting: usize,
    /// The parts of bodies that came so far, of the request that is being read, too.
    pub(crate) arrived: Vec<u8>,
    /// What was no HTTP/1.1: it fails every test.
    malformed: Vec<String>,
    connections: BTreeMap<usize, TcpStream>,
    script: BTreeMap<Route, VecDeque<Reply>>,
    /// Answers to posts of which nothing but the head is read.
    hasty: VecDeque<Reply>,
    /// How often all connections were closed: what waits on an older one waits no more.
    hang_ups: usize,
    stopped: bool,
}

impl State {
    pub(crate) fn of(&self, route: Route) -> impl Iterator<Item = &Request> {
        self.requests.iter().filter(move |request| Route::of(request) == route)
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn with<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        let result = f(&mut self.lock());
        self.changed.notify_all();
        result
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the lock")
    }
}

/// A Runtime API on a port of its own.
pub(crate) struct Peer {
    shared: Arc<Shared>,
    address: SocketAddr,
    acceptor: Option<JoinHandle<()>>,
}

impl Peer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("the listener is bound");
        let shared = Arc::new(Shared::default());
        let accepting = Arc::clone(&shared);
        let acceptor = thread::spawn(move || accept(&listener, &accepting));
        Self { shared, address, acceptor: Some(acceptor) }
    }

    /// As `AWS_LAMBDA_RUNTIME_API` has it.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Puts answers to one kind of request behind those that are there already.
    pub(crate) fn script(&self, route: Route, replies: impl IntoIterator<Item = Reply>) {
        self.shared.with(|state| state.script.entry(route).or_default().extend(replies));
    }

    /// Answers the next post as soon as its head has been read, and reads no more.
    pub(crate) fn refuse_hastily(&self, reply: Reply) {
        self.shared.with(|state| state.hasty.push_back(reply));
    }

    /// Waits until something has happened.
    pub(crate) fn wait(&self, for_what: &str, holds: impl Fn(&State) -> bool) {
        let until = |state: &mut State| state.malformed.is_empty() && !holds(state);
        let waited = self.shared.changed.wait_timeout_while(self.shared.lock(), LIMIT, until);
        let (state, waited) = waited.expect("nothing panics while it holds the lock");
        let report = (waited.timed_out() || !state.malformed.is_empty()).then(|| report(&state));
        drop(state);
        if let Some(report) = report {
            panic!("waited for {for_what}; {report}");
        }
    }

    /// Waits for so many answers and errors of invocations, and for the next poll.
    pub(crate) fn answered(&self, count: usize) -> Vec<Request> {
        self.wait("answers and the next poll", |state| state.of(Route::Post).count() >= count && state.waiting > 0);
        self.posts()
    }

    pub(crate) fn posts(&self) -> Vec<Request> {
        self.of(Route::Post)
    }

    pub(crate) fn of(&self, route: Route) -> Vec<Request> {
        self.shared.with(|state| state.of(route).cloned().collect())
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.with(|state| state.requests.clone())
    }

    /// Closes all connections, as if in the middle of nothing.
    pub(crate) fn hang_up(&self) {
        self.shared.with(|state| {
            state.hang_ups += 1;
            std::mem::take(&mut state.connections).values().for_each(close);
        });
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.shared.with(|state| state.stopped = true);
        self.hang_up();
        // The acceptor looks around when somebody comes.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

fn report(state: &State) -> String {
    let mut report = format!("{} wait; malformed: {:?}; arrived:", state.waiting, state.malformed);
    for request in &state.requests {
        let _ = write!(report, "\n  {request:?}");
    }
    report
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for connection in 0.. {
        let Ok((stream, _)) = listener.accept() else { return };
        let _ = stream.set_nodelay(true);
        let kept = stream.try_clone().expect("there are file descriptors left");
        let stopped = shared.with(|state| {
            state.connections.insert(connection, kept);
            state.stopped
        });
        if stopped {
            return;
        }
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            if let Err(error) = serve(&stream, connection, &shared)
                && error.kind() == io::ErrorKind::InvalidData
            {
                shared.with(|state| state.malformed.push(error.to_string()));
            }
            // A connection is closed when nobody holds it any more; what was not read of it then resets it.
            shared.with(|state| state.connections.remove(&connection));
        });
    }
}

fn serve(stream: &TcpStream, connection: usize, shared: &Shared) -> io::Result<()> {
    let mut requests = Requests::new(stream, connection);
    let hasty = |method: &str| {
        let reply = if method == "POST" { shared.with(|state| state.hasty.pop_front()) } else { None };
        let Some(reply) = reply else { return false };
        // Who is refused may have gone already.
        let _ = reply.send(&mut &*stream);
        if !reply.closes() {
            until_hung_up(shared);
        }
        true
    };
    let arrived = |part: &[u8]| shared.with(|state| state.arrived.extend(part));
    while let Some(request) = requests.next(hasty, arrived)? {
        let route = Route::of(&request);
        shared.with(|state| state.requests.push(request));
        let Some(reply) = reply(route, shared) else { return Ok(()) };
        reply.send(&mut &*stream)?;
        if reply.closes() {
            return Ok(());
        }
    }
    Ok(())
}

/// Leaves a connection as it is: open, and unread.
fn until_hung_up(shared: &Shared) {
    let state = shared.lock();
    let hang_ups = state.hang_ups;
    drop(shared.changed.wait_while(state, |state| state.hang_ups == hang_ups));
}

/// What the script says, or else the default; `None` when the test is over.
fn reply(route: Route, shared: &Shared) -> Option<Reply> {
    let mut state = shared.lock();
    let scripted = |state: &mut State| state.script.get_mut(&route).and_then(VecDeque::pop_front);
    if let Some(reply) = scripted(&mut state).or_else(|| route.default_reply()) {
        return Some(reply);
    }
    let counts = usize::from(route == Route::Next);
    let hang_ups = state.hang_ups;
    state.waiting += counts;
    shared.changed.notify_all();
    loop {
        state = shared.changed.wait(state).ok()?;
        let over = state.hang_ups != hang_ups;
        let reply = if over { None } else { scripted(&mut state) };
        if over || reply.is_some() {
            state.waiting -= counts;
            drop(state);
            shared.changed.notify_all();
            return reply;
        }
    }
}

/// One that the other side has closed can't be shut down, and needn't be.
fn close(stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Both);
}
