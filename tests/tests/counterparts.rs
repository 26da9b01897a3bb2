//! Our loop before what real counterparts of it send: cargo-lambda's server, and the Lambda runtime interface emulator
//! (the one for on-demand functions, and the one for Managed Instances).
//!
//! The heads and bodies are those that `docs/runtime-api.md` describes, with its sources. `.ci/emulator` runs an example on
//! cargo-lambda itself.

mod support;

use serde_json::{Value, json};
use support::{Cut, Loop, Peer, Reply, Request, Route, Twin};

const TRACE: &str = "Root=1-6b061688-7e3d49459a5b78186a30b91c;Parent=df0436aebd3c1a0d;Sampled=1";
const DATE: &str = "Tue, 24 Nov 2026 22:58:16 GMT";
const MIB: usize = 1 << 20;

fn order(mode: &str, answer: &Value) -> String {
    json!({"mode": mode, "answer": answer}).to_string()
}

fn ids(posts: &[Request]) -> Vec<&str> {
    let ids = posts.iter().filter_map(|post| post.path.split("/runtime/invocation/").nth(1));
    ids.filter_map(|rest| rest.strip_suffix("/response")).collect()
}

/// Hands events out to a service, and gives what it answered and logged. An address with a base path is a URL.
fn exchange(more: &[(&str, &str)], base: &str, posts: Vec<Reply>, events: Vec<Reply>) -> (Vec<Request>, Vec<String>) {
    let (peer, count) = (Peer::start(), events.len());
    peer.script(Route::Post, posts);
    peer.script(Route::Next, events);
    let api = if base.is_empty() { peer.address() } else { format!("http://{}{base}", peer.address()) };
    let twin = Twin::start(Loop::Ours, "plain", &api, more);
    let posts = peer.answered(count);
    (posts, twin.stop())
}

mod cargo_lambda {
    use super::*;

    const BASE: &str = "/.rt/twin";

    /// Every answer of its server allows requests from everywhere.
    fn of_its_server(reply: Reply) -> Reply {
        reply
            .header("vary", "origin, access-control-request-method, access-control-request-headers")
            .header("access-control-allow-credentials", "true")
            .header("date", DATE)
    }

    fn event(id: &str, body: impl Into<Vec<u8>>) -> Reply {
        let event = Reply::status("200 OK")
            .header("lambda-runtime-aws-request-id", id)
            .header("lambda-runtime-deadline-ms", "600000")
            .header("lambda-runtime-invoked-function-arn", "function-arn")
            .header("lambda-runtime-trace-id", TRACE);
        of_its_server(event).body(body)
    }

    /// An answer is taken with a 200 that says nothing; so is one to an id that nobody waits for.
    fn taken() -> Reply {
        of_its_server(Reply::status("200 OK"))
    }

    fn run(events: Vec<Reply>) -> (Vec<Request>, Vec<String>) {
        let posts = vec![taken(); events.len()];
        exchange(&[("AWS_LAMBDA_MAX_CONCURRENCY", "1"), ("SUBSCRIBER", "")], BASE, posts, events)
    }

    #[test]
    fn its_events_are_answered_below_its_base_path_on_one_connection() {
        let (posts, log) = run(["a", "b", "c"].map(|id| event(id, order("answer", &json!(id)))).into());
        assert_eq!(ids(&posts), ["a", "b", "c"]);
        assert_eq!(posts.iter().map(Request::json).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(posts[0].path, "/.rt/twin/2018-06-01/runtime/invocation/a/response");
        assert!(posts.iter().all(|post| post.connection == 0), "{posts:?}");
        // Not that it sets AWS_LAMBDA_MAX_CONCURRENCY either, to what `run` does anyway.
        assert!(log.is_empty(), "{log:?}");
    }

    /// Its deadline is ten minutes after the beginning of 1970: nothing may be given up because it has passed.
    #[test]
    fn a_context_is_what_it_says() {
        let (posts, _) = run(vec![event("a", order("context", &Value::Null))]);
        let context = posts[0].json();
        assert_eq!(context["deadline"], 600_000, "{context}");
        assert_eq!(context["invoked_function_arn"], "function-arn");
        assert_eq!(context["xray_trace_id"], TRACE);
    }

    /// It encodes the client context that it gets in clear; lambda_runtime's loop ends with an error then.
    #[test]
    fn an_encoded_client_context_is_read() {
        let event = event("a", order("context", &Value::Null))
            .header("lambda-runtime-client-context", "eyJjdXN0b20iOnsiYSI6ImIifX0=")
            .header("lambda-runtime-cognito-identity", r#"{"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}"#);
        let (posts, _) = run(vec![event]);
        let context = posts[0].json();
        assert_eq!(context["client_context"]["custom"], json!({"a": "b"}), "{context}");
        assert_eq!(context["identity"], json!({"identityId": "i", "identityPoolId": "p"}));
    }

    /// With `--timeout`, its server ends every request after that time, a poll too; lambda_runtime's loop panics then.
    #[test]
    fn a_poll_that_is_answered_with_no_event_is_repeated() {
        let (none, timed_out) = (of_its_server(Reply::status("204 No Content")), Reply::status("408 Request Timeout"));
        let peer = Peer::start();
        peer.script(Route::Post, [taken()]);
        peer.script(Route::Next, [none, timed_out.header("date", DATE), event("a", order("answer", &json!(1)))]);
        let _twin = Twin::start(Loop::Ours, "plain", &format!("http://{}{BASE}", peer.address()), &[]);
        assert_eq!(ids(&peer.answered(1)), ["a"]);
        assert_eq!(peer.of(Route::Next).len(), 4);
    }

    /// While no invocation waits, it doesn't acknowledge an error of the start. (A restore that fails stands for all of them.)
    #[test]
    fn an_error_of_the_start_that_it_does_not_acknowledge_is_the_end_all_the_same() {
        let peer = Peer::start();
        peer.script(Route::Restore, [Reply::status("500 Internal Server Error")]);
        let never_whole = Reply::status("200 OK").unframed().header("content-length", "1");
        peer.script(Route::InitError, [never_whole]);
        let snap_start = [("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")];
        let twin = Twin::start(Loop::Ours, "plain", &format!("http://{}{BASE}", peer.address()), &snap_start);
        let (status, log) = twin.ended();
        let log = log.join("\n");
        assert_eq!(status.code(), Some(1), "{log}");
        assert!(log.contains("500") && log.contains("no answer within"), "{log}");
        assert_eq!(peer.of(Route::InitError).len(), 1);
    }
}

mod interface_emulator {
    use super::*;

    /// Go's server: what it has written when 2 KiB are full or the handler ends says how the length is told.
    fn of_its_server(reply: Reply, body: Vec<u8>) -> Reply {
        let (reply, long) = (reply.header("Content-Type", "application/json").header("Date", DATE), body.len() > 2048);
        if long { reply.body(body).chunked(4096) } else { reply.body(body) }
    }

    fn event(id: &str, body: impl Into<Vec<u8>>) -> Reply {
        let event = Reply::status("200 OK")
            .header("Lambda-Runtime-Aws-Request-Id", id)
            .header("Lambda-Runtime-Deadline-Ms", "4102444800000")
            .header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:012345678912:function:twin");
        of_its_server(event, body.into())
    }

    /// The one for Managed Instances also says what it has nothing to say of.
    fn managed(id: &str, body: impl Into<Vec<u8>>) -> Reply {
        ["Trace-Id", "Client-Context", "Cognito-Identity"]
            .iter()
            .fold(event(id, body), |event, name| event.header(&format!("Lambda-Runtime-{name}"), ""))
    }

    fn said(status: &str, kind: &str, message: &str) -> Reply {
        let body = json!({"errorMessage": message, "errorType": kind});
        of_its_server(Reply::status(status), format!("{body}\n").into())
    }

    fn accepted() -> Reply {
        of_its_server(Reply::status("202 Accepted"), b"{\"status\":\"OK\"}\n".to_vec())
    }

    fn no_such_id() -> Reply {
        said("400 Bad Request", "InvalidRequestID", "Invalid request ID")
    }

    #[test]
    fn its_events_are_answered_on_one_connection_long_ones_too() {
        let text = "x".repeat(100_000);
        let events = vec![
            event("a", order("answer", &json!("yes"))),
            event("b", order("answer", &json!(text))),
            managed("c", order("context", &Value::Null)),
            managed("d", order("answer", &json!(text))),
        ];
        let (posts, log) = exchange(&[("SUBSCRIBER", "")], "", vec![accepted(); 4], events);
        assert_eq!(ids(&posts), ["a", "b", "c", "d"]);
        assert_eq!((posts[0].json(), posts[1].json(), posts[3].json()), (json!("yes"), json!(text), json!(text)));
        let context = posts[2].json();
        assert_eq!((&context["client_context"], &context["identity"]), (&Value::Null, &Value::Null), "{context}");
        assert!(posts.iter().all(|post| post.connection == 0) && log.is_empty(), "{log:?}");
    }

    /// Of a payload that is longer than 6 MiB and 100 bytes, it sends so many.
    #[test]
    fn a_payload_that_it_cuts_off_is_invalid_input() {
        let mut body = order("answer", &json!("x".repeat(7 * MIB))).into_bytes();
        body.truncate(6 * MIB + 100);
        let events = vec![event("a", body), event("b", order("answer", &json!(1)))];
        let (posts, _) = exchange(&[], "", vec![accepted(); 2], events);
        assert_eq!(posts[0].path, "/2018-06-01/runtime/invocation/a/error");
        assert_eq!(posts[0].json()["errorType"], "invalid_input");
        assert_eq!(ids(&posts), ["b"]);
    }

    /// Whatever it says to an answer, that answer is not sent again, the log says the status, and the next event is served.
    #[test]
    fn a_refused_answer_is_logged_and_the_loop_goes_on() {
        let too_long = "Exceeded maximum allowed payload size (6291556 bytes).";
        let refusals = [
            no_such_id(), // a second answer, or one to an invocation that has timed out
            said("400 Bad Request", "TruncatedHTTPRequest", "HTTP request detected as truncated"),
            said(
                "403 Forbidden",
                "InvalidStateTransition",
                "Transition from RuntimeReady to RuntimeInvocationResponse failed",
            ),
            said("410 Gone", "InvokeTimeout", "Invoke timeout"),
            said("413 Request Entity Too Large", "RequestEntityTooLarge", too_long),
            said("500 Internal Server Error", "InternalServerError", "Internal Server Error"),
        ];
        for refusal in refusals {
            let events = ["request-a", "request-b"].map(|id| event(id, order("answer", &json!(id)))).into();
            let (posts, log) = exchange(&[("SUBSCRIBER", "")], "", vec![refusal.clone(), accepted()], events);
            let status = &refusal.status_line()[..3];
            assert_eq!(ids(&posts), ["request-a", "request-b"], "{status}");
            assert!(log.iter().any(|line| line.contains("request-a") && line.contains(status)), "{status}: {log:?}");
            assert!(!log.concat().contains("request-b"), "{status}: {log:?}");
        }
    }

    /// When it fails itself, Go closes the connection: nobody knows what became of the answer.
    #[test]
    fn an_answer_that_it_drops_is_not_sent_again() {
        let events = ["request-a", "request-b"].map(|id| event(id, order("answer", &json!(id)))).into();
        let (posts, log) =
            exchange(&[("SUBSCRIBER", "")], "", vec![accepted().cut(Cut::BeforeTheStatus), accepted()], events);
        assert_eq!(ids(&posts), ["request-a", "request-b"]);
        assert!(log.iter().any(|line| line.contains("ERROR") && line.contains("request-a")), "{log:?}");
    }

    /// It looks at the id before it reads; of an unread body Go's server reads 256 KiB, says close, and closes.
    #[test]
    fn a_long_answer_to_an_invocation_that_is_over_is_given_up_half_way() {
        let peer = Peer::start();
        peer.refuse_hastily(no_such_id().closing());
        peer.script(Route::Post, [accepted()]);
        peer.script(
            Route::Next,
            [event("a", order("long", &json!(6 * MIB))), event("b", order("answer", &json!("b")))],
        );
        let _twin = Twin::start(Loop::Ours, "plain", &peer.address(), &[]);
        peer.wait("the second answer", |state| state.of(Route::Post).count() == 1 && state.waiting == 1);
        assert_eq!(ids(&peer.posts()), ["b"]);
    }

    /// A poll out of turn, and one that waits while it shuts down.
    #[test]
    fn a_refused_poll_is_the_end() {
        for refusal in [
            said("403 Forbidden", "InvalidStateTransition", "Transition from RuntimeInitError to RuntimeReady failed"),
            said("500 Internal Server Error", "InternalServerError", "Internal Server Error"),
        ] {
            let peer = Peer::start();
            peer.script(Route::Next, [event("a", order("answer", &json!(1))), refusal.clone()]);
            let (status, log) = Twin::start(Loop::Ours, "plain", &peer.address(), &[]).ended();
            assert_eq!((status.code(), ids(&peer.posts())), (Some(1), vec!["a"]), "{log:?}");
            assert!(log.concat().contains(&refusal.status_line()[..3]), "{log:?}");
            assert_eq!(peer.of(Route::Next).len(), 2, "{:?}", peer.requests());
        }
    }

    /// An error of the start is taken once, and refused in any other state.
    #[test]
    fn an_error_of_the_start_is_told_once() {
        let refused =
            said("403 Forbidden", "InvalidStateTransition", "Transition from RuntimeReady to RuntimeInitError failed");
        for reply in [accepted(), refused] {
            let peer = Peer::start();
            // The emulator without `--enable-init-caching` has no such path.
            peer.script(Route::Restore, [Reply::status("404 Not Found")]);
            peer.script(Route::InitError, [reply]);
            let snap_start = [("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")];
            let (status, log) = Twin::start(Loop::Ours, "plain", &peer.address(), &snap_start).ended();
            assert_eq!(status.code(), Some(1), "{log:?}");
            let errors = peer.of(Route::InitError);
            assert_eq!(errors.len(), 1);
            // Of other forms than `Runtime.Word` it would make `Runtime.Unknown`.
            assert_eq!(errors[0].header("lambda-runtime-function-error-type"), Some("Runtime.InitError"));
            assert_eq!(peer.of(Route::Next).len(), 0);
        }
    }
}
