//! Our loop before a Runtime API that misbehaves: it reconnects between events and never replays within one, and what
//! is no event ends it with an error, without a panic, before the handler is called.
//!
//! lambda_runtime's loop is not asked here: it has its own ways.

mod support;

use std::net::TcpListener;

use secure_testing::{Canary, Function};
use serde_json::{Value, json};
use support::{Cut, Gate, Loop, Peer, Reply, Request, Route, Twin};

const MIB: usize = 1 << 20;
/// What the handler prints in the mode that these tests use.
const CALLED: &str = "the handler was called";

fn event(id: &str) -> Reply {
    Reply::event(id, r#"{"mode": "announce"}"#)
}

fn order(mode: &str, answer: &Value) -> String {
    json!({"mode": mode, "answer": answer}).to_string()
}

fn start(peer: &Peer) -> Twin {
    Twin::start(Loop::Ours, "plain", &peer.address(), &[])
}

/// Hands events out, one after the other, and gives what arrived until one more is asked for.
fn exchange(events: impl IntoIterator<Item = Reply>) -> Vec<Request> {
    let (peer, events) = (Peer::start(), events.into_iter().collect::<Vec<_>>());
    let count = events.len();
    peer.script(Route::Next, events);
    let _twin = start(&peer);
    peer.answered(count);
    peer.requests()
}

/// The requests' connections, as numbers.
fn connections(requests: &[Request]) -> Vec<usize> {
    requests.iter().map(|request| request.connection).collect()
}

fn answered_ids(requests: &[Request]) -> Vec<&str> {
    let ids = requests.iter().filter_map(|request| request.path.strip_prefix("/2018-06-01/runtime/invocation/"));
    ids.filter_map(|rest| rest.strip_suffix("/response")).collect()
}

/// The loop ends with an error that says `expected`: by itself, without a panic, and without an event.
#[track_caller]
fn assert_refused(what: &str, next: Reply, expected: &str) {
    let peer = Peer::start();
    // It may ask once more, but must not go on and on.
    peer.script(Route::Next, vec![next; 3]);
    let unanswered = || assert!(peer.posts().is_empty(), "{what}: {:?}", peer.requests());
    let (status, log) = start(&peer).ended_while(unanswered);
    let log = log.join("\n");
    assert_eq!(status.code(), Some(1), "{what}: {status}\n{log}");
    assert!(!log.contains("panicked"), "{what}: {log}");
    assert!(!log.contains(CALLED), "{what}: {log}");
    assert!(log.contains(expected), "{what}: {log}");
    unanswered();
}

#[test]
fn a_connection_that_was_closed_silently_after_an_answer_is_opened_again() {
    let peer = Peer::start();
    peer.script(Route::Post, [Reply::status("202 Accepted").then_closed()]);
    peer.script(Route::Next, ["a", "b", "c"].map(event));
    let _twin = start(&peer);
    peer.answered(3);
    assert_eq!(answered_ids(&peer.requests()), ["a", "b", "c"]);
    assert_eq!(connections(&peer.requests()), [0, 0, 1, 1, 1, 1, 1]);
}

/// A connection that has idled for long may be closed when the next poll is on its way: no event is lost by asking again.
#[test]
fn a_connection_that_is_closed_while_it_waits_is_opened_again() {
    let peer = Peer::start();
    peer.script(Route::Next, [event("0")]);
    let _twin = start(&peer);
    for round in 1..=3 {
        peer.answered(round);
        let polls = peer.of(Route::Next).len();
        peer.hang_up();
        peer.wait("another poll", |state| state.of(Route::Next).count() == polls + 1 && state.waiting == 1);
        peer.script(Route::Next, [event(&round.to_string())]);
    }
    assert_eq!(answered_ids(&peer.answered(4)), ["0", "1", "2", "3"]);
}

#[test]
fn an_answer_comes_on_a_new_connection_when_the_event_said_close() {
    let requests = exchange([event("a").closing(), event("b").closing(), event("c")]);
    assert_eq!(answered_ids(&requests), ["a", "b", "c"]);
    assert_eq!(connections(&requests), [0, 1, 1, 2, 2, 2, 2]);
}

#[test]
fn an_answer_comes_on_a_new_connection_when_the_old_one_was_closed_while_the_handler_ran() {
    let (peer, gate) = (Peer::start(), Gate::new());
    let waits = json!({"mode": "gate", "gate": gate.address(), "answer": "late"});
    peer.script(Route::Next, [Reply::event("a", waits.to_string()), event("b")]);
    let _twin = start(&peer);
    let waiting = gate.reached();
    peer.hang_up();
    waiting.let_on();
    let posts = peer.answered(2);
    assert_eq!(posts[0].json(), json!("late"));
    assert_eq!(answered_ids(&posts), ["a", "b"]);
}

#[test]
fn an_answer_s_own_answer_may_say_close_too() {
    let peer = Peer::start();
    peer.script(
        Route::Post,
        [Reply::status("202 Accepted").closing(), Reply::status("413 Payload Too Large").closing()],
    );
    peer.script(Route::Next, ["a", "b", "c"].map(event));
    let _twin = start(&peer);
    peer.answered(3);
    assert_eq!(connections(&peer.requests()), [0, 0, 1, 1, 2, 2, 2]);
}

/// The peer has it: sent again, it could be taken for the answer of another invocation.
#[test]
fn an_answer_is_never_sent_twice() {
    for cut in [Cut::BeforeTheStatus, Cut::InTheHead, Cut::InTheBody] {
        let peer = Peer::start();
        peer.script(Route::Post, [Reply::status("202 Accepted").body(r#"{"status":"OK"}"#).cut(cut)]);
        peer.script(Route::Next, ["request-a", "request-b"].map(event));
        let twin = Twin::start(Loop::Ours, "plain", &peer.address(), &[("SUBSCRIBER", "")]);
        peer.answered(2);
        assert_eq!(answered_ids(&peer.requests()), ["request-a", "request-b"], "{cut:?}");
        assert_eq!(connections(&peer.requests())[..4], [0, 0, 1, 1], "{cut:?}");
        let log = twin.stop();
        if !matches!(cut, Cut::InTheBody) {
            let said = |line: &String| line.contains("ERROR") && line.contains("request-a");
            assert!(log.iter().any(said), "{cut:?}: {log:?}");
        }
    }
}

#[test]
fn a_stream_that_the_peer_stops_reading_is_dropped_and_the_loop_goes_on() {
    let (peer, gate) = (Peer::start(), Gate::new());
    let steps = json!([{"chunk": "one"}, {"gate": gate.address()}, {"chunk": "two".repeat(MIB)}, {"chunk": "three"}]);
    let whole = json!([{"chunk": "whole"}]);
    let events = [("a", steps), ("b", whole)].map(|(id, steps)| Reply::event(id, json!({"steps": steps}).to_string()));
    peer.script(Route::Next, events);
    let _twin = Twin::start(Loop::Ours, "streamed", &peer.address(), &[]);
    let waiting = gate.reached();
    peer.hang_up();
    waiting.let_on();
    peer.wait("the second answer", |state| state.of(Route::Post).count() == 1 && state.waiting == 1);
    assert_eq!(answered_ids(&peer.posts()), ["b"]);
}

/// Whoever refuses an answer for its length needn't read it all.
fn assert_refusal_is_survived(refusal: &Reply) {
    let steps = |chunk: String| json!({"steps": [{"chunk": chunk}, {"chunk": "end"}]}).to_string();
    for (service, long, short) in [
        ("plain", order("long", &json!(6 * MIB)), order("answer", &json!("short"))),
        ("streamed", steps("x".repeat(12 * MIB)), steps("short".to_owned())),
    ] {
        let peer = Peer::start();
        peer.refuse_hastily(refusal.clone());
        peer.script(Route::Next, [Reply::event("a", long), Reply::event("b", short)]);
        let twin = Twin::start(Loop::Ours, service, &peer.address(), &[]);
        peer.wait("the second answer", |state| state.of(Route::Post).count() == 1 && state.waiting == 1);
        assert_eq!(answered_ids(&peer.posts()), ["b"], "{service}");
        let log = twin.stop();
        assert!(!log.is_empty(), "{service}");
    }
}

#[test]
fn a_refusal_in_the_middle_of_an_answer_is_survived() {
    assert_refusal_is_survived(&Reply::status("413 Payload Too Large").closing());
}

/// The answer to the answer is there while the answer is still being written, and nobody will ever read the rest.
#[test]
fn a_refusal_in_the_middle_of_an_answer_is_survived_also_when_the_connection_stays_open() {
    assert_refusal_is_survived(&Reply::status("413 Payload Too Large"));
}

#[test]
fn a_worker_that_can_not_go_on_leaves_its_share_to_the_others() {
    let peer = Peer::start();
    let twin = Twin::start(Loop::Ours, "concurrent", &peer.address(), &[("AWS_LAMBDA_MAX_CONCURRENCY", "4")]);
    peer.wait("four polls", |state| state.waiting == 4);
    peer.script(Route::Next, [event("cut").cut(Cut::InTheBody)]);
    peer.wait("three polls", |state| state.waiting == 3);
    for round in 1..=5 {
        peer.script(Route::Next, [event("a")]);
        peer.wait("an answer", |state| state.of(Route::Post).count() == round && state.waiting == 3);
    }
    drop(peer);
    let (status, log) = twin.ended();
    assert_eq!(status.code(), Some(1), "{log:?}");
    assert!(!log.concat().contains("panicked"), "{log:?}");
}

#[test]
fn a_peer_that_refuses_connections_is_the_end() {
    let nobody = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port is free");
    let (status, log) = Twin::start(Loop::Ours, "plain", &nobody.to_string(), &[]).ended();
    assert_eq!(status.code(), Some(1), "{log:?}");
    assert!(!log.concat().contains("panicked") && !log.is_empty(), "{log:?}");
}

#[test]
fn a_peer_that_is_gone_between_events_is_the_end() {
    let peer = Peer::start();
    peer.script(Route::Next, [event("a")]);
    let twin = start(&peer);
    peer.answered(1);
    drop(peer);
    let (status, log) = twin.ended();
    assert_eq!(status.code(), Some(1), "{log:?}");
    assert!(!log.concat().contains("panicked"), "{log:?}");
}

#[test]
fn a_poll_that_the_api_refuses_is_the_end_and_its_status_is_said() {
    for status in ["400 Bad Request", "403 Forbidden", "413 Payload Too Large", "500 Internal Server Error", "503 Gone"]
    {
        let refusal = Reply::status(status).body(r#"{"errorMessage":"no","errorType":"Refused"}"#);
        assert_refused(status, refusal, &status[..3]);
        // Not even when it looks like an event.
        assert_refused(status, event("a").with_status(status), &status[..3]);
    }
}

#[test]
fn an_event_that_breaks_off_is_the_end() {
    for cut in [Cut::BeforeTheStatus, Cut::InTheHead, Cut::InTheBody] {
        assert_refused(&format!("{cut:?}"), event("a").cut(cut), "");
        assert_refused(&format!("{cut:?}, chunked"), event("a").chunked(5).cut(cut), "");
    }
}

#[test]
fn an_event_whose_length_is_contradictory_is_the_end() {
    let body = r#"{"mode": "announce"}"#;
    let length = body.len().to_string();
    let event = || Reply::event("a", body).unframed();
    let with = |values: &[&str]| values.iter().fold(event(), |event, value| event.header("Content-Length", value));
    for values in
        [&[length.as_str(), "7"][..], &["7", &length], &["-1"], &["+20"], &["20 20"], &["0x14"], &["20, 7"], &[""]]
    {
        assert_refused(&format!("{values:?}"), with(values).then_closed(), "");
    }
    assert_refused("beyond 64 bits", with(&["18446744073709551636"]).then_closed(), "");
    assert_refused("more than fits into memory", with(&["9223372036854775807"]).then_closed(), "");
}

#[test]
fn an_event_of_an_unknown_transfer_encoding_is_the_end() {
    for encoding in ["gzip", "gzip, chunked", "chunked, gzip", "identity", "chunked, chunked", "xchunked"] {
        let event = event("a").unframed().header("Transfer-Encoding", encoding).then_closed();
        assert_refused(encoding, event, "");
    }
}

#[test]
fn an_event_whose_chunks_have_no_size_is_the_end() {
    let event = |body: &str| {
        let event = Reply::event("a", body).unframed();
        event.header("Transfer-Encoding", "chunked").then_closed()
    };
    for body in [
        "xyz\r\n{}\r\n0\r\n\r\n",
        "-2\r\n{}\r\n0\r\n\r\n",
        "\r\n{}\r\n0\r\n\r\n",
        "fffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "ffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}}\r\n0\r\n\r\n",
        "2\r\n{}",
        "2\r\n{}\r\n0\r\n",
    ] {
        assert_refused(&format!("{body:?}"), event(body), "");
    }
}

#[test]
fn a_head_without_end_is_the_end() {
    assert_refused("one header", event("a").header("X-Long", "x".repeat(4 * MIB)), "");
    let many = (0..20_000).fold(event("a"), |event, n| event.header(&format!("X-{n}"), "x".repeat(100)));
    assert_refused("many headers", many, "");
}

#[test]
fn what_is_no_http_is_the_end() {
    for garbage in ["\0\0\0\0\r\n\r\n", "SSH-2.0-OpenSSH_9.9\r\n", "HTTP/1.1 abc OK\r\n\r\n", "\r\n\r\n\r\n\r\n"] {
        assert_refused(garbage, Reply::raw(garbage), "");
    }
}

const REQUEST_ID: &str = "Lambda-Runtime-Aws-Request-Id";

#[test]
fn a_request_id_that_is_not_one_is_the_end() {
    for id in [&b"a\x01b"[..], b"a\x7fb", b"a\tb", b"a b", b"a\xffb", b""] {
        let event = event("a").without(REQUEST_ID).header(REQUEST_ID, id);
        assert_refused(&id.escape_ascii().to_string(), event, "");
    }
    assert_refused("none", event("a").without(REQUEST_ID), "");
}

/// The answer would go to another invocation, or to none.
#[test]
fn a_request_id_that_is_another_path_is_the_end() {
    for id in ["a/b", "a?b", "a#b", "../a", "a%2fb"] {
        assert_refused(id, event(id), "");
    }
    assert_refused("two", event("a").header(REQUEST_ID, "b"), "");
}

/// An answer that nobody asked for is nobody's. Whether it is the end depends on when it is seen.
#[test]
fn what_follows_an_answer_is_not_taken_for_the_next_one() {
    let fake = event("fake");
    for (next, post) in [
        (event("a").followed_by(&fake), Reply::status("202 Accepted")),
        (event("a").chunked(3).followed_by(&fake), Reply::status("202 Accepted")),
        (event("a"), Reply::status("202 Accepted").followed_by(&fake)),
        (event("a"), Reply::status("413 Payload Too Large").chunked(1).followed_by(&fake)),
    ] {
        let peer = Peer::start();
        peer.script(Route::Post, [post]);
        peer.script(Route::Next, [next, event("b"), event("c")]);
        let twin = start(&peer);
        twin.until("three answers, or the end", || peer.posts().len() == 3);
        let (requests, log) = (peer.requests(), twin.stop().concat());
        assert!(["a", "b", "c"].starts_with(&answered_ids(&requests)), "{requests:?}");
        assert!(!log.contains("panicked"), "{log}");
    }
}

#[test]
fn control_bytes_in_any_header_are_the_end() {
    for value in [&b"a\x00b"[..], b"a\x01b", b"a\x7fb", b"a\rb"] {
        for name in ["Lambda-Runtime-Trace-Id", "Lambda-Runtime-Aws-Tenant-Id", "Lambda-Runtime-Invocation-Id", "X-Any"]
        {
            assert_refused(&format!("{name} {}", value.escape_ascii()), event("a").header(name, value), "");
        }
    }
}

#[test]
fn a_deadline_that_is_none_is_the_end() {
    const DEADLINE: &str = "Lambda-Runtime-Deadline-Ms";
    for deadline in ["soon", "-1", "", "1e9", "99999999999999999999"] {
        assert_refused(deadline, event("a").without(DEADLINE).header(DEADLINE, deadline), "");
    }
    assert_refused("none", event("a").without(DEADLINE), "");
}

/// Whoever invokes a function writes them, and must not be able to end its process. lambda_runtime's does end.
#[test]
fn a_caller_s_context_that_does_not_parse_is_his_mistake() {
    for (name, value) in [
        ("Lambda-Runtime-Client-Context", "{"),
        ("Lambda-Runtime-Client-Context", r#"{"custom": 7}"#),
        ("Lambda-Runtime-Client-Context", "\u{FC}"),
        ("Lambda-Runtime-Cognito-Identity", "{}"),
    ] {
        let peer = Peer::start();
        peer.script(Route::Next, [event("a").header(name, value), event("b")]);
        let twin = start(&peer);
        let posts = peer.answered(2);
        assert_eq!(posts[0].path, "/2018-06-01/runtime/invocation/a/error");
        assert_eq!(posts[0].json()["errorType"], "invalid_input", "{name}: {value}");
        assert_eq!(answered_ids(&posts), ["b"]);
        assert_eq!(twin.stop().iter().filter(|line| *line == CALLED).count(), 1);
    }
}

#[test]
fn a_peer_that_stalls_is_waited_for() {
    let requests = exchange([event("a").stalling(), event("b").chunked(3).stalling(), event("c").dribbled()]);
    assert_eq!(answered_ids(&requests), ["a", "b", "c"]);
    assert!(connections(&requests).iter().all(|&connection| connection == 0));

    let peer = Peer::start();
    let accepted = || Reply::status("202 Accepted").body(r#"{"status":"OK"}"#);
    peer.script(
        Route::Post,
        [accepted().stalling(), accepted().chunked(2).dribbled(), accepted().after_an_interim_one()],
    );
    peer.script(Route::Next, ["a", "b", "c"].map(event));
    let _twin = start(&peer);
    peer.answered(3);
    assert_eq!(answered_ids(&peer.requests()), ["a", "b", "c"]);
}

/// An answer's own answer is read and forgotten, or else it would be taken for the next event's.
#[test]
fn a_long_answer_to_an_answer_does_not_get_into_the_next_event() {
    for status in ["202 Accepted", "413 Payload Too Large"] {
        let fake = || Reply::status(status).body("HTTP/1.1 200 OK\r\n\r\n".repeat(10_000));
        let peer = Peer::start();
        peer.script(Route::Post, [fake(), fake().chunked(1000)]);
        peer.script(Route::Next, ["a", "b", "c"].map(event));
        let _twin = start(&peer);
        peer.answered(3);
        assert_eq!(answered_ids(&peer.requests()), ["a", "b", "c"], "{status}");
    }
}

#[test]
fn six_megabytes_pass_in_and_out() {
    let long = "x".repeat(6 * MIB);
    let events = [
        Reply::event("a", order("length", &json!(long))),
        Reply::event("b", order("length", &json!(long))).chunked(64 << 10),
        Reply::event("c", order("long", &json!(6 * MIB))),
        Reply::event("d", order("answer", &json!(long))),
        event("e"),
    ];
    let requests = exchange(events);
    assert_eq!(answered_ids(&requests), ["a", "b", "c", "d", "e"]);
    let posts: Vec<_> = requests.iter().filter(|request| request.method == "POST").collect();
    assert_eq!([posts[0].json(), posts[1].json()], [json!(6 * MIB), json!(6 * MIB)]);
    for post in &posts[2..4] {
        assert_eq!(post.header("content-length"), Some((6 * MIB + 2).to_string().as_str()));
        assert!(post.json() == json!(long));
    }
}

#[test]
fn a_stream_of_six_megabytes_passes() {
    let chunk = "x".repeat(MIB);
    let steps = vec![json!({"chunk": chunk}); 6];
    let peer = Peer::start();
    peer.script(Route::Next, [Reply::event("a", json!({"steps": steps}).to_string())]);
    let _twin = Twin::start(Loop::Ours, "streamed", &peer.address(), &[]);
    let post = &peer.answered(1)[0];
    let body = post.text();
    let (_, streamed) = body.split_once(&"\0".repeat(8)).expect("a prelude");
    assert!(streamed.len() == 6 * MIB && streamed.bytes().all(|byte| byte == b'x'));
}

/// Sizes of events, up and down, so that what a buffer had to hold once is looked for later.
const SIZES: [usize; 12] =
    [700, 1 << 10, 100, 16 << 10, 700, 100 << 10, 1 << 10, MIB, 4 << 10, 700, 300 << 10, 1 << 10];

fn function(service: &str) -> Function {
    let function = Function::builder(env!("CARGO_BIN_EXE_twin")).env("LOOP", "ours").env("SERVICE", service);
    function.timeout(support::LIMIT).start().expect("the twin starts")
}

/// Searches all writable memory: heap, buffers, and the stacks that the loop wipes before it asks again.
#[track_caller]
fn assert_nothing_left(function: &Function, canaries: &[String]) {
    let left = function.search_memory(canaries).expect("memory is readable");
    assert!(left.is_empty(), "left in memory: {left}");
}

fn backwards(canary: &Canary) -> String {
    canary.as_str().chars().rev().collect()
}

#[cfg(target_os = "linux")]
#[test]
fn no_byte_of_an_event_or_an_answer_stays_in_memory() {
    let mut function = function("plain");
    let mut canaries = Vec::new();
    for size in SIZES {
        let canary = Canary::random();
        let answer = json!({"fill": "f".repeat(size), "word": canary.as_str(), "after": "a".repeat(size / 2)});
        let reply = function.invoke(order("reversed", &answer)).expect("the twin answers");
        assert_eq!(reply.json::<Value>().expect("it is JSON")["word"], backwards(&canary));
        canaries.extend([canary.to_string(), backwards(&canary)]);
    }
    assert_nothing_left(&function, &canaries);
}

#[cfg(target_os = "linux")]
#[test]
fn no_byte_of_an_event_that_fails_stays_in_memory() {
    let mut function = function("plain");
    let mut canaries = Vec::new();
    for size in SIZES {
        let canary = Canary::random();
        let fill = "f".repeat(size);
        let payloads = [
            order("error", &json!([fill, canary.as_str()])),
            order("panic", &json!([fill, canary.as_str()])),
            order("unserialisable", &json!([fill, canary.as_str()])),
            json!({"answer": [fill, canary.as_str()], "mode": 7}).to_string(),
            format!("{{\"answer\": \"{fill}{canary}"),
        ];
        for payload in payloads {
            assert!(function.invoke(payload).expect("the twin answers").is_error());
        }
        canaries.push(canary.to_string());
    }
    assert_nothing_left(&function, &canaries);
}

#[cfg(target_os = "linux")]
#[test]
fn no_byte_of_a_secured_handler_s_event_stays_in_memory() {
    let mut function = function("secured");
    let mut canaries = Vec::new();
    for size in SIZES {
        let (user, word) = (Canary::random(), Canary::random());
        let event = json!({"user": user.as_str(), "fill": "f".repeat(size), "word": word.as_str()});
        let reply = function.invoke(event).expect("the twin answers");
        assert_eq!(reply.json::<Value>().expect("it is JSON"), json!({"user": user.as_str(), "matches": false}));
        canaries.extend([user.to_string(), word.to_string()]);
    }
    assert_nothing_left(&function, &canaries);
}

#[cfg(target_os = "linux")]
#[test]
fn no_byte_of_a_streamed_answer_stays_in_memory() {
    let mut function = function("streamed");
    let mut canaries = Vec::new();
    for size in SIZES {
        let canaries_of_it = [Canary::random(), Canary::random(), Canary::random()];
        let mut steps: Vec<_> = canaries_of_it.iter().map(|canary| json!({"chunk": canary.as_str()})).collect();
        steps.insert(1, json!({"chunk": "f".repeat(size)}));
        let prelude = json!({"statusCode": 200, "headers": {}, "cookies": []});
        let reply = function.invoke(json!({"prelude": prelude, "steps": steps})).expect("the twin answers");
        assert!(!reply.is_error());
        canaries.extend(canaries_of_it.iter().map(ToString::to_string));
    }
    assert_nothing_left(&function, &canaries);
}

/// The control of the four above: what is kept is found where they look.
#[cfg(target_os = "linux")]
#[test]
#[should_panic(expected = "left in memory")]
fn what_a_service_keeps_is_found_in_memory() {
    let mut function = function("plain");
    let canary = Canary::random();
    function.invoke(order("keep", &json!({"word": canary.as_str()}))).expect("the twin answers");
    for size in SIZES {
        function.invoke(order("answer", &json!("f".repeat(size)))).expect("the twin answers");
    }
    assert_nothing_left(&function, &[canary.to_string()]);
}
