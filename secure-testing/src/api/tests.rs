//! The server, asked by clients that are less well-behaved than a runtime's.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
    time::Duration,
};

use super::{Server, State, Wait};
use crate::{Outcome, Reply};

/// For what happens sooner or later.
const LONG: Duration = Duration::from_secs(30);

fn server() -> Server {
    Server::start(Duration::from_secs(3), None).unwrap()
}

fn send(server: &Server, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

fn ask(server: &Server, request: &str) -> String {
    let mut answer = String::new();
    send(server, request).read_to_string(&mut answer).unwrap();
    answer
}

fn get(path: &str) -> String {
    format!("GET /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: api\r\nconnection: close\r\n\r\n")
}

fn post(path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: api\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
}

/// Hands an event out and gives its id.
fn hand_out(server: &Server) -> String {
    server.calls.enter(vec!["{}".into()]);
    let answer = ask(server, &get("invocation/next"));
    let id = answer.lines().find_map(|line| line.strip_prefix("lambda-runtime-aws-request-id: "));
    id.unwrap().to_owned()
}

fn reply(server: &Server) -> Reply {
    server.calls.with(State::take_replies).pop().unwrap()
}

#[test]
fn next_waits_for_an_event() {
    let server = server();
    let mut poller = send(&server, &get("invocation/next"));
    assert_eq!(server.calls.wait_until(LONG, |state| state.pollers == 1), Wait::Happened);
    server.calls.enter(vec![r#"{"a":1}"#.into()]);
    let mut answer = String::new();
    poller.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with("\r\n\r\n{\"a\":1}"), "{answer}");
    for header in ["aws-request-id", "deadline-ms", "invoked-function-arn", "trace-id"] {
        assert!(answer.contains(&format!("\r\nlambda-runtime-{header}: ")), "{answer}");
    }
}

#[test]
fn only_an_outstanding_invocation_can_be_replied_to() {
    let server = server();
    let id = hand_out(&server);
    let response = post(&format!("invocation/{id}/response"), "[]");
    assert!(ask(&server, &response).starts_with("HTTP/1.1 202 "));
    for request in [response, post("invocation/unknown/error", "{}")] {
        let answer = ask(&server, &request);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(answer.contains("InvalidRequestID"), "{answer}");
    }
    assert_eq!(reply(&server).outcome, Outcome::Answer);
}

#[test]
fn unknown_paths_and_methods_are_not_found() {
    let server = server();
    for request in [get("restore/next"), get("init/error"), post("invocation/next", "")] {
        assert!(ask(&server, &request).starts_with("HTTP/1.1 404 "));
    }
}

#[test]
fn a_stream_has_trailers_and_fails_by_them() {
    let server = server();
    for (trailer, outcome) in
        [("x-checksum: 1", Outcome::Answer), ("lambda-runtime-function-error-type: Broken", Outcome::Error)]
    {
        let id = hand_out(&server);
        let name = trailer.split(':').next().unwrap();
        let answer = ask(
            &server,
            &format!(
                "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: api\r\n\
                 connection: close\r\ntransfer-encoding: chunked\r\ntrailer: {name}\r\n\r\n\
                 2\r\nab\r\n1\r\nc\r\n0\r\n{trailer}\r\n\r\n"
            ),
        );
        assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
        let reply = reply(&server);
        assert_eq!((reply.body(), reply.outcome), (b"abc".as_slice(), outcome));
        assert!(reply.trailers().contains_key(name));
    }
}

#[test]
fn a_stream_that_is_cut_is_no_reply() {
    let server = server();
    let id = hand_out(&server);
    let head = format!("POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: api");
    drop(send(&server, &format!("{head}\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n")));
    server.drain();
    assert!(server.calls.with(|state| state.is_outstanding(&id)));
}

/// A process that answers and ends at once doesn't wait for the server's 202.
#[test]
fn no_reply_is_lost_when_its_connection_is_closed() {
    let server = server();
    for _ in 0..200 {
        let id = hand_out(&server);
        // With keep-alive, as runtimes have it: only then does hyper look for the end behind the body.
        let request = post(&format!("invocation/{id}/response"), "[]").replace("connection: close\r\n", "");
        drop(send(&server, &request));
        server.drain();
        assert!(server.calls.with(|state| state.all_done()));
    }
}

#[test]
fn no_event_is_lost_to_a_poller_that_is_gone() {
    let server = server();
    let gone = send(&server, &get("invocation/next"));
    assert_eq!(server.calls.wait_until(LONG, |state| state.pollers == 1), Wait::Happened);
    drop(gone);
    assert_eq!(server.calls.wait_until(LONG, |state| state.pollers == 0), Wait::Happened);
    hand_out(&server);
}

#[test]
fn as_many_pollers_as_ask_are_served() {
    let server = server();
    thread::scope(|scope| {
        let ask = || ask(&server, &get("invocation/next"));
        let pollers: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        assert_eq!(server.calls.wait_until(LONG, |state| state.pollers == 8), Wait::Happened);
        server.calls.enter((0..8).map(|n| n.to_string().into()).collect());
        let mut bodies: Vec<_> =
            pollers.into_iter().map(|poller| poller.join().unwrap().chars().next_back().unwrap()).collect();
        bodies.sort_unstable();
        assert_eq!(bodies, ['0', '1', '2', '3', '4', '5', '6', '7']);
    });
}
