//! Our loop beside lambda_runtime's: the same service under both, the same Runtime API, what arrived compared header by
//! header and body by body.
//!
//! Where ours differs on purpose, the test's name says `ours`, and it says what for.

mod support;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use support::{Cut, Gate, Loop, Peer, Reply, Request, Route, Twin};

const ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
const TRACE: &str = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1";

fn order(mode: &str, answer: &Value) -> String {
    json!({"mode": mode, "answer": answer}).to_string()
}

fn event(mode: &str) -> Reply {
    Reply::event(ID, order(mode, &json!("yes")))
}

fn streamed(steps: &Value) -> Reply {
    Reply::event(ID, json!({"steps": steps}).to_string())
}

fn chunk(text: &str) -> Value {
    json!({"chunk": text})
}

/// What one loop did.
struct Run {
    requests: Vec<Request>,
    log: Vec<String>,
}

impl Run {
    /// Events one after the other, each answered before the next is handed out, until the loop asks for one more.
    fn of(whose: Loop, service: &str, more: &[(&str, &str)], events: Vec<Reply>) -> Self {
        let peer = Peer::start();
        let count = events.len();
        peer.script(Route::Next, events);
        let twin = Twin::start(whose, service, &peer.address(), more);
        peer.answered(count);
        Self { log: twin.stop(), requests: peer.requests() }
    }

    fn both(service: &str, more: &[(&str, &str)], events: &[Reply]) -> [Self; 2] {
        Loop::BOTH.map(|whose| Self::of(whose, service, more, events.to_vec()))
    }

    fn posts(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter().filter(|request| request.method == "POST")
    }

    /// The only answer.
    fn post(&self) -> &Request {
        let mut posts = self.posts();
        let post = posts.next().expect("one event was answered");
        assert!(posts.next().is_none(), "an event was answered twice");
        post
    }

    fn seen(&self) -> Vec<Seen> {
        self.requests.iter().map(Seen::of).collect()
    }
}

/// What has to be the same: all but the order of headers, the peer's port, and where chunks end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    line: String,
    headers: Vec<(String, String)>,
    body: String,
    trailers: Vec<(String, String)>,
}

impl Seen {
    fn of(request: &Request) -> Self {
        let mut headers = request.headers.clone();
        for (name, value) in &mut headers {
            if name == "host" {
                let (host, port) = value.rsplit_once(':').expect("the port isn't 80");
                assert!(port.parse::<u16>().is_ok(), "{value}");
                *value = host.to_owned();
            }
        }
        headers.sort();
        let line = format!("{} {} {}", request.method, request.path, request.version);
        Self { line, headers, body: request.text(), trailers: request.trailers.clone() }
    }

    /// Without what an error's body is or depends on.
    fn opaque(mut self) -> Self {
        self.headers.retain(|(name, _)| name != "content-length");
        self.body.clear();
        self
    }
}

fn assert_alike(service: &str, events: &[Reply]) -> [Run; 2] {
    let runs = Run::both(service, &[], events);
    let [ours, theirs] = runs.each_ref().map(Run::seen);
    assert_eq!(ours, theirs);
    runs
}

fn opaque(code: &str, message: &str) -> Value {
    json!({"errorType": code, "errorMessage": format!("{message} (request {ID})")})
}

fn invalid() -> Value {
    opaque("invalid_input", "The input is not what this function takes.")
}

fn internal() -> Value {
    opaque("internal_error", "The request could not be processed.")
}

#[test]
fn answers_are_alike() {
    let answers = [json!("yes"), json!(null), json!({"a": [1, 2.5, "ä\u{1F600}\n\u{0}"]}), json!([]), json!("")];
    let events: Vec<_> = answers
        .iter()
        .map(|answer| Reply::event(ID, json!({"mode": "answer", "answer": answer}).to_string()))
        .collect();
    let [ours, _] = assert_alike("plain", &events);
    let bodies: Vec<_> = ours.posts().map(Request::json).collect();
    assert_eq!(bodies, answers);
}

#[test]
fn a_poll_and_an_answer_carry_the_headers_that_lambda_runtime_sends() {
    let [ours, theirs] = Run::both("plain", &[], &[event("answer")]);
    for run in [ours, theirs] {
        let names = |request: &Request| {
            let mut names: Vec<_> = request.headers.iter().map(|(name, _)| name.clone()).collect();
            names.sort();
            names
        };
        let [next, post, ..] = run.requests.as_slice() else { panic!("{:?}", run.requests) };
        assert_eq!(names(next), ["host", "user-agent"]);
        assert_eq!(names(post), ["content-length", "host", "user-agent"]);
        assert_eq!(post.path, format!("/2018-06-01/runtime/invocation/{ID}/response"));
        // The version is that of lambda_runtime_api_client.
        assert!(post.header("user-agent").is_some_and(|agent| agent.starts_with("aws-lambda-rust/")));
        assert_eq!(post.header("content-length"), Some("5"));
        assert_eq!(post.text(), r#""yes""#);
    }
}

#[test]
fn one_connection_serves_all_events() {
    let events: Vec<_> = (0..20).map(|_| event("answer")).collect();
    for run in Run::both("plain", &[], &events) {
        assert!(run.requests.iter().all(|request| request.connection == 0), "{:?}", run.requests);
    }
}

#[test]
fn the_invocation_id_is_sent_back_when_there_is_one() {
    let with = |mode| event(mode).header("Lambda-Runtime-Invocation-Id", "invocation-7");
    let malformed = event("answer").header("Lambda-Runtime-Invocation-Id", b"\xff");
    let [ours, _] = assert_alike("plain", &[with("answer"), event("answer"), malformed]);
    let ids: Vec<_> = ours.posts().map(|post| post.header("lambda-runtime-invocation-id")).collect();
    assert_eq!(ids, [Some("invocation-7"), None, None]);

    for run in Run::both("plain", &[], &[with("error")]) {
        assert_eq!(run.post().header("lambda-runtime-invocation-id"), Some("invocation-7"));
    }
    for run in
        Run::both("streamed", &[], &[streamed(&json!([])).header("Lambda-Runtime-Invocation-Id", "invocation-7")])
    {
        assert_eq!(run.post().header("lambda-runtime-invocation-id"), Some("invocation-7"));
    }
}

#[test]
fn the_context_is_the_same_in_full() {
    let client = json!({
        "client": {
            "installation_id": "i", "app_title": "t", "app_version_name": "v", "app_version_code": "1",
            "app_package_name": "p",
        },
        "custom": {"key": "value"},
        "environment": {"locale": "de"},
    });
    let identity = json!({"cognitoIdentityId": "identity", "cognitoIdentityPoolId": "pool"});
    let snake = json!({"identity_id": "identity", "identity_pool_id": "pool"});
    let events = [
        event("context"),
        event("context")
            .header("Lambda-Runtime-Trace-Id", TRACE)
            .header("Lambda-Runtime-Client-Context", client.to_string())
            .header("Lambda-Runtime-Cognito-Identity", identity.to_string())
            .header("Lambda-Runtime-Aws-Tenant-Id", "tenant-1"),
        event("context").header("lambda-runtime-cognito-identity", snake.to_string()),
        event("context").header("LAMBDA-RUNTIME-CLIENT-CONTEXT", "").header("lambda-runtime-cognito-identity", ""),
        event("context").header("Lambda-Runtime-Client-Context", "{}"),
        event("context").header("Lambda-Runtime-Aws-Tenant-Id", "ténant").header("Lambda-Runtime-Trace-Id", b"\xff"),
        event("context").header("Lambda-Runtime-Aws-Tenant-Id", "").header("Lambda-Runtime-Trace-Id", "  spaced\t"),
        event("context").without("Lambda-Runtime-Invoked-Function-Arn"),
        event("context").without("Lambda-Runtime-Deadline-Ms").header("Lambda-Runtime-Deadline-Ms", "0"),
        event("context").without("Content-Type").header("X-Long", "x".repeat(8 << 10)),
    ];
    let [ours, _] = assert_alike("plain", &events);
    let contexts: Vec<_> = ours.posts().map(Request::json).collect();
    assert_eq!(
        contexts[1],
        json!({
            "request_id": ID,
            "deadline": 4_102_444_800_000_u64,
            "invoked_function_arn": "arn:aws:lambda:eu-central-1:123456789012:function:twin",
            "xray_trace_id": TRACE,
            "client_context": {
                "client": {
                    "installationId": "i", "appTitle": "t", "appVersionName": "v", "appVersionCode": "1",
                    "appPackageName": "p",
                },
                "custom": {"key": "value"},
                "environment": {"locale": "de"},
            },
            "identity": {"identityId": "identity", "identityPoolId": "pool"},
            "tenant_id": "tenant-1",
            "env_config": {
                "function_name": "twin",
                "memory": 128,
                "version": "$LATEST",
                "log_stream": "stream",
                "log_group": "/aws/lambda/twin",
            },
        })
    );
    assert_eq!(contexts[2]["identity"]["identityId"], "identity");
    assert_eq!((&contexts[3]["client_context"], &contexts[3]["identity"]), (&Value::Null, &Value::Null));
    assert_eq!(contexts[6]["xray_trace_id"], "spaced");
}

#[test]
fn the_trace_id_is_in_the_environment_and_gone_with_the_next_event_that_has_none() {
    let traced = |trace: &str| event("trace").header("Lambda-Runtime-Trace-Id", trace);
    let [ours, _] = assert_alike("plain", &[event("trace"), traced(TRACE), traced("Root=2"), event("trace")]);
    let ids: Vec<_> = ours.posts().map(Request::json).collect();
    assert_eq!(ids, [json!(null), json!(TRACE), json!("Root=2"), json!(null)]);
}

#[test]
fn events_arrive_whole_however_they_are_framed() {
    let long = order("length", &json!("x".repeat(100_000)));
    let events = [
        Reply::event(ID, order("answer", &json!("chunked"))).chunked(7),
        Reply::event(ID, order("answer", &json!("dribbled"))).dribbled(),
        Reply::event(ID, order("answer", &json!("both"))).chunked(3).dribbled(),
        Reply::event(ID, order("answer", &json!("interim"))).after_an_interim_one(),
        Reply::event(ID, order("answer", &json!("interim and dribbled"))).after_an_interim_one().chunked(5).dribbled(),
        Reply::event(ID, order("answer", &json!("stalling"))).stalling(),
        Reply::event(ID, order("answer", &json!("stalling in chunks"))).chunked(11).stalling(),
        Reply::event(ID, long.clone()).chunked(4096),
        Reply::event(ID, long).stalling(),
        event("answer"),
    ];
    let [ours, _] = assert_alike("plain", &events);
    let answers: Vec<_> = ours.posts().map(Request::json).collect();
    assert_eq!(answers[6..], [json!("stalling in chunks"), json!(100_000), json!(100_000), json!("yes")]);
}

#[test]
fn events_that_end_with_their_connection_arrive_whole() {
    let ends = |mode| event(mode).unframed().then_closed();
    let [ours, _] =
        assert_alike("plain", &[ends("answer"), event("answer").of_http_1_0().then_closed(), ends("trace")]);
    let answers: Vec<_> = ours.posts().map(Request::json).collect();
    assert_eq!(answers, [json!("yes"), json!("yes"), json!(null)]);
}

#[test]
fn an_id_may_hold_what_a_path_s_segment_may() {
    for id in ["a:b@c", "a-b._~!$&'()*+,;=", "..."] {
        let [ours, _] = assert_alike("plain", &[Reply::event(id, order("answer", &json!("yes")))]);
        assert_eq!(ours.post().path, format!("/2018-06-01/runtime/invocation/{id}/response"));
    }
}

/// The same under lambda_runtime in debug builds; in release builds it takes a 204 for an event and panics.
#[test]
fn an_event_of_status_204_is_none_and_the_loop_asks_again() {
    let [ours, theirs] = Loop::BOTH.map(|whose| {
        let peer = Peer::start();
        peer.script(Route::Next, [Reply::status("204 No Content"), Reply::status("204 No Content"), event("answer")]);
        let _twin = Twin::start(whose, "plain", &peer.address(), &[]);
        peer.answered(1);
        peer.requests().iter().map(Seen::of).collect::<Vec<_>>()
    });
    assert_eq!(ours.iter().filter(|seen| seen.line.starts_with("GET")).count(), 4);
    if cfg!(debug_assertions) {
        assert_eq!(ours, theirs);
    }
}

#[test]
fn a_streamed_answer_and_its_prelude_are_alike() {
    let prelude = json!({
        "statusCode": 418,
        "headers": {"x-pot": "tea", "content-type": "text/html", "x-twice": ["1", "2"]},
        "cookies": ["a=b; Secure", "c=d"],
    });
    let steps = json!([chunk("one"), chunk(""), chunk("two\r\n0\r\n\r\n"), chunk(&"long".repeat(50_000))]);
    let events = [
        Reply::event(ID, json!({"prelude": prelude, "steps": steps}).to_string()),
        streamed(&steps),
        streamed(&json!([])),
        streamed(&json!([chunk("")])),
    ];
    let [ours, _] = assert_alike("streamed", &events);
    let posts: Vec<_> = ours.posts().collect();
    let text = posts[0].text();
    let (metadata, body) = text.split_once(&"\0".repeat(8)).expect("eight NULs end the prelude");
    assert_eq!(serde_json::from_str::<Value>(metadata).unwrap(), prelude);
    assert_eq!(body, format!("onetwo\r\n0\r\n\r\n{}", "long".repeat(50_000)));
    let bare = r#"{"statusCode":200,"headers":{"content-type":"application/octet-stream"},"cookies":[]}"#;
    assert_eq!(posts[2].text(), format!("{bare}{}", "\0".repeat(8)));
    assert_eq!(posts[0].header("transfer-encoding"), Some("chunked"));
    assert_eq!(posts[0].header("lambda-runtime-function-response-mode"), Some("streaming"));
    assert_eq!(posts[0].header("content-type"), Some("application/vnd.awslambda.http-integration-response"));
    let trailers: Vec<_> =
        posts[0].headers.iter().filter(|(name, _)| name == "trailer").map(|(_, value)| value).collect();
    assert_eq!(trailers, ["Lambda-Runtime-Function-Error-Type", "Lambda-Runtime-Function-Error-Body"]);
    assert!(posts.iter().all(|post| post.trailers.is_empty()));
}

#[test]
fn an_answer_that_may_be_streamed_or_not_is_alike_either_way() {
    let event = |chunks: &[&str]| Reply::event(ID, json!(chunks).to_string());
    let [ours, _] = assert_alike("either", &[event(&[]), event(&["one", "two"]), event(&[])]);
    let streamed: Vec<_> = ours.posts().map(|post| post.header("transfer-encoding").is_some()).collect();
    assert_eq!(streamed, [false, true, false]);
}

#[test]
fn a_chunk_is_sent_when_it_is_there_and_not_when_the_next_one_is() {
    for whose in Loop::BOTH {
        let (peer, gate) = (Peer::start(), Gate::new());
        peer.script(Route::Next, [streamed(&json!([chunk("early"), {"gate": gate.address()}, chunk("late")]))]);
        let _twin = Twin::start(whose, "streamed", &peer.address(), &[]);
        let waiting = gate.reached();
        peer.wait("the first chunk", |state| state.arrived.ends_with(b"early"));
        waiting.let_on();
        assert!(peer.answered(1)[0].text().ends_with("\0earlylate"), "{whose:?}");
    }
}

/// lambda_runtime sends the error's text in base64 as if it were one more chunk, and goes on.
#[test]
fn ours_ends_a_stream_that_breaks_with_trailers_that_say_nothing() {
    for broken in [json!("error"), json!("panic")] {
        let steps = json!([chunk("one"), chunk("two"), broken, chunk("three")]);
        let whole = streamed(&json!([chunk("whole")]));
        let run = Run::of(Loop::Ours, "streamed", &[], vec![streamed(&steps), whole]);
        let posts: Vec<_> = run.posts().collect();
        assert!(posts[0].text().ends_with("\0\0\0\0\0\0\0\0onetwo"), "{:?}", posts[0]);
        assert_eq!(posts[0].trailer("lambda-runtime-function-error-type"), Some("internal_error"));
        let body = posts[0].trailer("lambda-runtime-function-error-body").expect("the other trailer");
        let body = BASE64_STANDARD.decode(body).expect("it is in base64");
        assert_eq!(serde_json::from_slice::<Value>(&body).expect("it is JSON"), internal());
        assert_eq!(posts[0].trailers.len(), 2);
        assert!(posts[1].text().ends_with("\0whole") && posts[1].trailers.is_empty(), "{:?}", posts[1]);
    }
}

/// An error in front of the first chunk still ends a streamed answer: its head has been sent.
#[test]
fn ours_ends_a_stream_that_never_starts_with_trailers_too() {
    let run = Run::of(Loop::Ours, "streamed", &[], vec![streamed(&json!(["error"]))]);
    let post = run.post();
    assert_eq!(post.path, format!("/2018-06-01/runtime/invocation/{ID}/response"));
    assert_eq!(post.trailer("lambda-runtime-function-error-type"), Some("internal_error"));
}

#[test]
fn errors_are_alike_but_for_their_text_which_ours_withholds() {
    for mode in ["error", "panic", "no such mode"] {
        let [ours, theirs] = Run::both("plain", &[], &[event(mode)]);
        let post = ours.post();
        assert_eq!(post.json(), internal(), "{mode}");
        assert_eq!(post.path, format!("/2018-06-01/runtime/invocation/{ID}/error"));
        assert_eq!(post.header("lambda-runtime-function-error-type"), Some("unhandled"));
        assert!(theirs.post().text().contains("mode") || theirs.post().text().contains("plain text"));
        let [ours, theirs] = [ours, theirs].map(|run| run.seen().into_iter().map(Seen::opaque).collect::<Vec<_>>());
        assert_eq!(ours, theirs, "{mode}");
    }
}

#[test]
fn payloads_that_do_not_parse_are_errors_alike_but_for_their_text_which_ours_withholds() {
    for body in ["", " ", "{", r#"{"mode": 7}"#, r#"{"mode": "answer", "mode": "answer"}"#, "\u{0}"] {
        let [ours, theirs] = Run::both("plain", &[], &[Reply::event(ID, body)]);
        assert_eq!(ours.post().json(), invalid(), "{body}");
        let [ours, theirs] = [ours, theirs].map(|run| run.seen().into_iter().map(Seen::opaque).collect::<Vec<_>>());
        assert_eq!(ours, theirs, "{body}");
    }
}

/// lambda_runtime looks no further than where the JSON ends.
#[test]
fn ours_refuses_what_stands_behind_an_event_s_json() {
    for body in [r#"{"mode": "answer"} trailing"#, r#"{"mode": "answer"}{"mode": "error"}"#] {
        let run = Run::of(Loop::Ours, "plain", &[], vec![Reply::event(ID, body), event("answer")]);
        let bodies: Vec<_> = run.posts().map(Request::json).collect();
        assert_eq!(bodies, [invalid(), json!("yes")]);
    }
}

/// lambda_runtime's process ends over it.
#[test]
fn ours_lives_on_after_an_answer_that_does_not_serialise() {
    let run = Run::of(Loop::Ours, "plain", &[], vec![event("unserialisable"), event("answer")]);
    let posts: Vec<_> = run.posts().collect();
    assert_eq!(posts[0].path, format!("/2018-06-01/runtime/invocation/{ID}/error"));
    assert_eq!(posts[0].json(), internal());
    assert_eq!(posts[1].json(), json!("yes"));
}

#[test]
fn a_stack_of_layers_works_unchanged() {
    let [ours, _] = assert_alike("tower", &[event("answer"), event("error")]);
    let answers: Vec<_> = ours.posts().map(Request::json).collect();
    assert_eq!(answers, [json!(["yes", ID]), json!("softened")]);
}

#[test]
fn a_handler_of_ours_answers_alike_under_both() {
    let login = |user: &str| Reply::event(ID, json!({"user": user, "word": "abc"}).to_string());
    let [ours, _] = assert_alike("secured", &[login("cba"), login("eve")]);
    let answers: Vec<_> = ours.posts().map(Request::json).collect();
    assert_eq!(answers, [json!({"user": "cba", "matches": true}), json!({"user": "eve", "matches": false})]);
}

#[test]
fn lambda_http_s_adapter_works_unchanged() {
    let request = json!({
        "version": "2.0",
        "routeKey": "GET /pot",
        "rawPath": "/pot",
        "rawQueryString": "a=b",
        "headers": {"host": "example.org"},
        "requestContext": {
            "accountId": "1", "apiId": "api", "domainName": "example.org", "domainPrefix": "example",
            "http": {"method": "GET", "path": "/pot", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "t"},
            "requestId": "r", "routeKey": "GET /pot", "stage": "$default", "time": "now", "timeEpoch": 1,
        },
        "isBase64Encoded": false,
    });
    let event = Reply::event(ID, request.to_string()).header("Lambda-Runtime-Trace-Id", TRACE);
    let [ours, _] = assert_alike("http", &[event]);
    let answer = ours.post().json();
    assert_eq!((&answer["statusCode"], &answer["headers"]["x-pot"]), (&json!(418), &json!("tea")), "{answer}");
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or_default()).expect("the body is JSON");
    assert_eq!(body, json!({"path": "/pot", "method": "GET", "trace": TRACE}));
}

#[test]
fn the_runtime_api_s_address_may_be_a_url_with_a_path_and_a_name() {
    for (prefix, suffix, base) in [
        ("", "", ""),
        ("http://", "", ""),
        ("http://", "/", ""),
        ("http://", "/base", "/base"),
        ("http://", "/a/base/", "/a/base"),
    ] {
        for host in ["127.0.0.1", "localhost"] {
            let [ours, theirs] = Loop::BOTH.map(|whose| {
                let peer = Peer::start();
                peer.script(Route::Next, [event("answer"), event("error")]);
                let api = format!("{prefix}{host}:{}{suffix}", peer.port());
                let _twin = Twin::start(whose, "plain", &api, &[]);
                peer.answered(2);
                let requests = peer.requests();
                assert_eq!(requests[0].path, format!("{base}/2018-06-01/runtime/invocation/next"), "{api}");
                assert_eq!(requests[0].header("host"), Some(format!("{host}:{}", peer.port()).as_str()), "{api}");
                requests.iter().map(|request| Seen::of(request).opaque()).collect::<Vec<_>>()
            });
            assert_eq!(ours, theirs, "{prefix}{host}{suffix}");
        }
    }
}

/// What a program's own subscriber got: the lines of a level, and their messages.
fn logged(log: &[String], level: &str) -> Vec<(String, String)> {
    let lines = log.iter().filter_map(|line| Some((line, serde_json::from_str::<Value>(line).ok()?)));
    lines
        .filter(|(_, fields)| fields["level"] == level)
        .map(|(line, fields)| (line.clone(), fields["fields"]["message"].as_str().unwrap_or_default().to_owned()))
        .collect()
}

/// Ours has the status in the message, where lambda_runtime has it in a field: alarms look for the words.
#[test]
fn an_answer_that_the_api_refuses_is_logged_with_its_status_and_the_loop_goes_on() {
    for status in ["413 Payload Too Large", "500 Internal Server Error", "410 Gone", "403 Forbidden"] {
        for (service, post) in [("plain", event("answer")), ("streamed", streamed(&json!([chunk("one")])))] {
            let [(ours, our_log), (theirs, their_log)] = Loop::BOTH.map(|whose| {
                let peer = Peer::start();
                let refusal = Reply::status(status).body(r#"{"errorMessage":"no","errorType":"Refused"}"#);
                peer.script(Route::Post, [refusal]);
                peer.script(Route::Next, [post.clone(), post.clone()]);
                let twin = Twin::start(whose, service, &peer.address(), &[("SUBSCRIBER", "")]);
                peer.answered(2);
                (peer.requests().iter().map(Seen::of).collect::<Vec<_>>(), logged(&twin.stop(), "ERROR"))
            });
            assert_eq!(ours, theirs, "{status}");
            assert_eq!(our_log.len(), if status.starts_with("410") { 2 } else { 1 }, "{our_log:?}");
            assert_eq!(our_log.len(), their_log.len(), "{our_log:?} {their_log:?}");
            assert!(our_log[0].0.contains(&status[..3]) && their_log[0].0.contains(&status[..3]), "{our_log:?}");
            for ((our_line, our_message), (their_line, their_message)) in our_log.iter().zip(&their_log) {
                assert!(our_message.starts_with(their_message), "{our_message:?} {their_message:?}");
                assert!(our_line.contains(ID) && their_line.contains(ID), "{our_line}");
            }
        }
    }
}

#[test]
fn a_refusal_is_said_on_standard_error_when_there_is_no_subscriber() {
    let [ours, theirs] = Loop::BOTH.map(|whose| {
        let peer = Peer::start();
        peer.script(Route::Post, [Reply::status("410 Gone")]);
        peer.script(Route::Next, [event("answer"), event("answer")]);
        let twin = Twin::start(whose, "plain", &peer.address(), &[]);
        peer.answered(2);
        twin.stop()
    });
    assert_eq!(ours.len(), theirs.len(), "{ours:?} {theirs:?}");
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert!(ours.contains(theirs.trim_end_matches(" Gone")), "{ours:?} {theirs:?}");
    }
}

#[test]
fn a_line_of_a_handler_stands_in_the_request_s_span() {
    let events = [
        event("log"),
        event("log").header("Lambda-Runtime-Trace-Id", TRACE),
        event("log").header("Lambda-Runtime-Aws-Tenant-Id", "tenant-1"),
        event("log").header("Lambda-Runtime-Trace-Id", TRACE).header("Lambda-Runtime-Aws-Tenant-Id", "tenant-1"),
    ];
    let [ours, theirs] = Run::both("plain", &[("SUBSCRIBER", "")], &events).map(|run| {
        let lines = run.log.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let inside = lines.filter(|line| line["fields"]["message"] == "inside the handler");
        inside.map(|line| (line["span"].clone(), line["spans"].clone())).collect::<Vec<_>>()
    });
    assert_eq!(ours, theirs);
    let name = "Lambda runtime invoke";
    let spans: Vec<_> = ours.into_iter().map(|(span, _)| span).collect();
    let expected = [
        json!({"name": name, "requestId": ID}),
        json!({"name": name, "requestId": ID, "xrayTraceId": TRACE}),
        json!({"name": name, "requestId": ID, "tenantId": "tenant-1"}),
        json!({"name": name, "requestId": ID, "xrayTraceId": TRACE, "tenantId": "tenant-1"}),
    ];
    assert_eq!(spans, expected);
}

const SNAP_START: (&str, &str) = ("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");

#[test]
fn under_snap_start_the_restored_process_asks_on_a_new_connection() {
    for service in ["plain", "concurrent"] {
        let [ours, theirs] = Loop::BOTH.map(|whose| {
            let run = Run::of(whose, service, &[SNAP_START], vec![event("answer")]);
            assert_eq!(run.requests[0].path, "/2018-06-01/runtime/restore/next");
            // A connection does not outlive the snapshot.
            assert!(run.requests[1..].iter().all(|request| request.connection == 1), "{:?}", run.requests);
            run.seen()
        });
        assert_eq!(ours, theirs, "{service}");
    }
}

#[test]
fn under_other_ways_to_start_nothing_is_restored() {
    for kind in ["on-demand", "provisioned-concurrency", "lambda-managed-instances", ""] {
        let runs = Run::both("plain", &[("AWS_LAMBDA_INITIALIZATION_TYPE", kind)], &[event("answer")]);
        let [ours, theirs] = runs.each_ref().map(Run::seen);
        assert_eq!(ours, theirs);
        assert!(ours[0].line.contains("/invocation/next"), "{ours:?}");
    }
}

#[test]
fn a_restore_that_fails_is_an_init_error_and_the_end() {
    for restore in [
        Reply::status("500 Internal Server Error"),
        Reply::status("403 Forbidden").body("{}"),
        Reply::status("200 OK").cut(Cut::BeforeTheStatus),
    ] {
        let [ours, theirs] = Loop::BOTH.map(|whose| {
            let peer = Peer::start();
            peer.script(Route::Restore, vec![restore.clone(); 3]);
            let twin = Twin::start(whose, "plain", &peer.address(), &[SNAP_START]);
            let (status, log) = twin.ended();
            assert!(!status.success(), "{whose:?} {log:?}");
            assert!(!log.concat().contains("panicked"), "{log:?}");
            assert_eq!(peer.of(Route::Next).len(), 0, "{whose:?}");
            let errors = peer.of(Route::InitError);
            assert_eq!(errors.len(), 1, "{whose:?} {:?}", peer.requests());
            assert_eq!(errors[0].header("lambda-runtime-function-error-type"), Some("Runtime.InitError"));
            let body = errors[0].json();
            assert!(body["errorType"].is_string() && body["errorMessage"].is_string(), "{body}");
            Seen::of(&errors[0]).opaque()
        });
        assert_eq!(ours, theirs);
    }
}

#[test]
fn a_graceful_shutdown_works_unchanged() {
    let [ours, theirs] = Loop::BOTH.map(|whose| {
        let peer = Peer::start();
        peer.script(Route::Next, [event("answer")]);
        let twin = Twin::start(whose, "plain", &peer.address(), &[("SHUTDOWN", "")]);
        peer.answered(1);
        peer.wait("the extension", |state| state.of(Route::ExtensionNext).count() == 1);
        twin.terminate();
        let (status, mut log) = twin.ended();
        assert!(status.success(), "{whose:?} {status} {log:?}");
        assert!(log.iter().any(|line| line == "cleaned up"), "{log:?}");
        let mut requests = peer.requests();
        assert_eq!(Seen::of(&requests[0]).line, "POST /2020-01-01/extension/register HTTP/1.1");
        // The extension and the loop ask at the same time, and two streams have no order.
        requests.sort_by(|a, b| a.path.cmp(&b.path));
        log.sort();
        (requests.iter().map(Seen::of).collect::<Vec<_>>(), log)
    });
    assert_eq!(ours, theirs);
}

const FOUR: (&str, &str) = ("AWS_LAMBDA_MAX_CONCURRENCY", "4");

#[test]
fn four_concurrent_invocations_are_answered_each_with_its_own_id() {
    let [ours, theirs] = Loop::BOTH.map(|whose| {
        let peer = Peer::start();
        let _twin = Twin::start(whose, "concurrent", &peer.address(), &[FOUR]);
        for round in 0..3 {
            peer.wait("four polls", |state| state.waiting == 4);
            // None is answered before all four are there.
            let event = |n| Reply::event(&format!("id-{round}-{n}"), order("meet", &json!(n)));
            peer.script(Route::Next, (0..4).map(event));
            peer.wait("four answers", |state| state.of(Route::Post).count() == 4 * (round + 1) && state.waiting == 4);
        }
        for post in peer.posts() {
            let id = post.json()["id"].as_str().expect("the service says it").to_owned();
            assert_eq!(post.path, format!("/2018-06-01/runtime/invocation/{id}/response"));
            assert!(id.ends_with(&post.json()["order"].to_string()), "{post:?}");
        }
        let mut seen: Vec<_> = peer.requests().iter().map(Seen::of).collect();
        seen.sort();
        seen
    });
    assert_eq!(ours, theirs);
}

#[test]
fn one_of_four_that_fails_fails_alone() {
    for whose in Loop::BOTH {
        let peer = Peer::start();
        let twin = Twin::start(whose, "concurrent", &peer.address(), &[FOUR]);
        peer.wait("four polls", |state| state.waiting == 4);
        let modes = ["error", "panic", "answer", "log"];
        peer.script(Route::Next, modes.iter().map(|mode| Reply::event(mode, order(mode, &json!("yes")))));
        peer.wait("four answers", |state| state.of(Route::Post).count() == 4 && state.waiting == 4);
        let mut paths: Vec<_> = peer.posts().into_iter().map(|post| post.path).collect();
        paths.sort();
        let path = |id, what| format!("/2018-06-01/runtime/invocation/{id}/{what}");
        let expected =
            [path("answer", "response"), path("error", "error"), path("log", "response"), path("panic", "error")];
        assert_eq!(paths, expected, "{whose:?}");
        drop(twin);
    }
}

#[test]
fn concurrent_invocations_have_no_trace_id_in_the_environment_that_they_share() {
    let traced = event("trace").header("Lambda-Runtime-Trace-Id", TRACE);
    for (more, expected) in
        [(&[FOUR][..], json!(null)), (&[], json!(TRACE)), (&[("AWS_LAMBDA_MAX_CONCURRENCY", "1")], json!(TRACE))]
    {
        for run in Run::both("concurrent", more, std::slice::from_ref(&traced)) {
            assert_eq!(run.post().json(), expected, "{more:?}");
        }
    }
}

#[test]
fn the_sequential_loop_warns_of_concurrency_that_it_can_not_give() {
    let [ours, theirs] = Loop::BOTH.map(|whose| {
        let run = Run::of(whose, "plain", &[FOUR, ("SUBSCRIBER", "")], vec![event("answer")]);
        (run.seen(), logged(&run.log, "WARN"))
    });
    assert_eq!(ours.0, theirs.0);
    for (_, log) in [ours, theirs] {
        assert!(log.iter().any(|(_, text)| text.contains("AWS_LAMBDA_MAX_CONCURRENCY is set to '4'")), "{log:?}");
    }
}

/// Both panic, as the documents of both say; our hook withholds the panic's message, which is which one is missing.
#[test]
fn without_lambda_s_variables_both_end_before_they_ask() {
    for name in [
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_RUNTIME_API",
    ] {
        for whose in Loop::BOTH {
            let peer = Peer::start();
            let (status, log) = Twin::start_without(name, whose, &peer.address()).ended();
            assert!(!status.success() && !log.is_empty(), "{whose:?} {log:?}");
            assert!(peer.requests().is_empty(), "{whose:?}");
        }
    }
}
