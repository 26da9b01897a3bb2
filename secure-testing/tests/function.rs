//! A function's life: started, asked, crashed, timed out, started again, stopped.

mod fixture;

use std::{
    fs,
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use fixture::{event, plain_function};
use secure_testing::{Error, Function, Outcome, Reply};
use serde_json::{Value, json};

/// Waits for what happens sooner or later; the limit is for tests that fail.
fn eventually(what: &str, mut happened: impl FnMut() -> bool) {
    let started = Instant::now();
    while !happened() {
        assert!(started.elapsed() < Duration::from_secs(30), "never: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_answer() {
    let mut function = plain_function().start().unwrap();
    let reply = function.invoke(event("answer", "hello")).unwrap();
    assert_eq!(reply.outcome(), Outcome::Answer);
    assert!(!reply.is_error());
    let answer: Value = reply.json().unwrap();
    assert_eq!(answer, json!({"echo": "hello", "id": reply.request_id()}));
    assert_eq!(reply.text().as_bytes(), reply.body());
    assert!(reply.headers().contains_key("user-agent"));
    assert!(reply.trailers().is_empty());
    assert!(matches!(reply.json::<u8>(), Err(Error::Json { .. })));
    assert_eq!(function.restarts(), 0);
}

#[test]
fn a_trace_id_is_the_events_own_unless_one_is_given() {
    const GIVEN: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";
    let traces = |mut function: Function| -> Vec<String> {
        (0..2).map(|_| function.invoke(event("trace", "")).unwrap().json().unwrap()).collect()
    };
    let own = traces(plain_function().start().unwrap());
    assert_ne!(own[0], own[1]);
    assert!(own[0].starts_with("Root=1-"), "{own:?}");
    assert_eq!(traces(plain_function().trace_id(GIVEN).start().unwrap()), [GIVEN; 2]);
    assert!(matches!(plain_function().trace_id("a\nb").start(), Err(Error::Io { .. })));
}

#[test]
fn an_err_and_a_panic_and_broken_payloads_are_errors() {
    let mut function = plain_function().start().unwrap();
    let pid = function.pid();
    for (payload, text) in [
        (event("error", "the err's text"), "the err's text"),
        (event("panic", "the panic's text"), "the panic's text"),
        (r#"{"do": "#.into(), "EOF while parsing"),
        (b"\"\xff\xfe\"".into(), "invalid"),
        ("".into(), "EOF while parsing"),
    ] {
        let reply = function.invoke(payload).unwrap();
        assert_eq!(reply.outcome(), Outcome::Error);
        assert!(reply.is_error());
        let error: Value = reply.json().unwrap();
        assert!(error["errorMessage"].as_str().unwrap().contains(text), "{error}");
    }
    assert_eq!((function.pid(), function.restarts()), (pid, 0));
}

#[test]
fn a_crash_is_reported_as_lambda_does_and_the_function_started_again() {
    let mut function = plain_function().start().unwrap();
    let pid = function.pid();

    let reply = function.invoke(event("exit", "101")).unwrap();
    assert_eq!(reply.outcome(), Outcome::Crashed);
    let message = format!("RequestId: {} Error: Runtime exited with error: exit status: 101", reply.request_id());
    let expected = json!({"errorType": "Runtime.ExitError", "errorMessage": message});
    assert_eq!(reply.json::<Value>().unwrap(), expected);
    assert_eq!((function.pid(), function.restarts()), (pid, 0));

    let reply = function.invoke(event("abort", "")).unwrap();
    assert_eq!(reply.outcome(), Outcome::Crashed);
    assert!(reply.text().contains("signal: 6"), "{}", reply.text());
    assert_eq!(function.restarts(), 1);

    let reply = function.invoke(event("exit", "0")).unwrap();
    assert!(reply.text().contains("Runtime exited without providing a reason"), "{}", reply.text());

    assert_eq!(function.invoke(event("answer", "")).unwrap().outcome(), Outcome::Answer);
    assert_eq!(function.restarts(), 3);
    assert_ne!(function.pid(), pid);
}

#[test]
fn a_function_that_ends_between_two_events_is_started_again() {
    let mut function = plain_function().start().unwrap();
    assert!(!function.invoke(event("exit later", "")).unwrap().is_error());
    let stat = format!("/proc/{}/stat", function.pid());
    eventually("the end of the process", || fs::read_to_string(&stat).unwrap().contains(") Z "));
    assert!(!function.invoke(event("answer", "")).unwrap().is_error());
    assert_eq!(function.restarts(), 1);
}

#[test]
fn a_time_out_kills_the_function() {
    let mut function = plain_function().timeout(Duration::from_secs(3)).start().unwrap();
    let reply = function.invoke(event("hang", "")).unwrap();
    assert_eq!(reply.outcome(), Outcome::TimedOut);
    let error: Value = reply.json().unwrap();
    let message = error["errorMessage"].as_str().unwrap();
    assert!(message.ends_with(&format!("Z {} Task timed out after 3.00 seconds", reply.request_id())));

    assert_eq!(function.invoke(event("answer", "")).unwrap().outcome(), Outcome::Answer);
    assert_eq!(function.restarts(), 1);
}

#[test]
fn lines_belong_to_the_invocation_that_wrote_them() {
    let mut function = plain_function().start().unwrap();
    assert_eq!(function.log(), ["ready"]);
    for n in 0..3 {
        let reply = function.invoke(event("log", &n.to_string())).unwrap();
        assert_eq!(reply.log(), [format!("out: {n}"), format!("err: {n}")]);
    }

    // What a thread writes when nothing is asked belongs to nobody.
    assert!(function.invoke(event("log later", "")).unwrap().log().is_empty());
    eventually("the late line", || function.log().contains(&"late".to_owned()));
    assert!(function.invoke(event("answer", "")).unwrap().log().is_empty());

    let reply = function.invoke(event("panic", "look at me")).unwrap();
    assert!(reply.log().iter().any(|line| line.contains("look at me")));

    // A line written by the process that crashed is the invocation's too.
    assert!(function.invoke(event("abort", "")).unwrap().log().is_empty());
    assert!(!function.invoke(event("answer", "")).unwrap().log().contains(&"ready".to_owned()));
    let log = function.stop().unwrap();
    assert_eq!(log.iter().filter(|line| *line == "ready").count(), 2);
}

#[test]
fn a_function_is_idle_when_its_threads_sleep() {
    let mut function = plain_function().start().unwrap();
    let reply = function.invoke(event("spin", "")).unwrap();
    assert_eq!(reply.log(), ["spun"]);
}

#[test]
fn many_in_flight() {
    let timeout = Duration::from_secs(60);
    let mut function = plain_function().concurrency(4).timeout(timeout).start().unwrap();
    // Each of the four waits for the other three.
    let replies = function.invoke_all((0..4).map(|_| event("meet", "4"))).unwrap();
    assert!(replies.iter().all(|reply| !reply.is_error()), "{replies:?}");

    let replies = function.invoke_all((0..100).map(|n| event("answer", &n.to_string()))).unwrap();
    for (n, reply) in replies.iter().enumerate() {
        let answer = json!({"echo": n.to_string(), "id": reply.request_id()});
        assert_eq!(reply.json::<Value>().unwrap(), answer);
    }
    assert_eq!(replies.len(), 100);
    assert!(function.invoke_all([""; 0]).unwrap().is_empty());
    assert_eq!(function.restarts(), 0);
}

#[test]
fn one_after_another_across_a_crash() {
    let mut function = plain_function().start().unwrap();
    let tasks = ["answer", "abort", "answer", "error"];
    let replies = function.invoke_all(tasks.map(|task| event(task, ""))).unwrap();
    let outcomes: Vec<Outcome> = replies.iter().map(Reply::outcome).collect();
    assert_eq!(outcomes, [Outcome::Answer, Outcome::Crashed, Outcome::Answer, Outcome::Error]);
    assert_eq!(function.restarts(), 1);
}

#[test]
fn a_crash_takes_what_is_in_flight_with_it() {
    let timeout = Duration::from_secs(60);
    let mut function = plain_function().concurrency(2).timeout(timeout).start().unwrap();
    let replies = function.invoke_all([event("hang", ""), event("abort", "")]).unwrap();
    assert!(replies.iter().all(|reply| reply.outcome() == Outcome::Crashed), "{replies:?}");
    assert!(!function.invoke(event("answer", "")).unwrap().is_error());
}

#[test]
fn the_environment_and_the_deadline_are_what_was_asked_for() {
    let hour = Duration::from_secs(3600);
    let builder = plain_function().env("TABLE", "users").deadline(hour);
    let mut function = builder.start().unwrap();
    let env: Value = function.invoke(event("env", "")).unwrap().json().unwrap();
    assert_eq!(env["TABLE"], "users");
    assert_eq!(env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "128");
    assert!(env.get("CARGO_MANIFEST_DIR").is_none(), "{env}");

    let left: u128 = function.invoke(event("deadline", "")).unwrap().json().unwrap();
    assert!((hour.as_millis() / 2..=hour.as_millis()).contains(&left), "{left}");
}

#[test]
fn nothing_is_left_of_a_stopped_function() {
    let mut function = plain_function().start().unwrap();
    let env: Value = function.invoke(event("env", "")).unwrap().json().unwrap();
    let api = env["AWS_LAMBDA_RUNTIME_API"].as_str().unwrap();
    assert!(TcpStream::connect(api).is_ok());
    let process = format!("/proc/{}", function.pid());
    drop(function);
    assert!(TcpStream::connect(api).is_err(), "the port is still open");
    assert!(!fs::exists(process).unwrap(), "the process is still there");
}

#[test]
fn an_init_failure_says_why() {
    let error = plain_function().arg("--fail").start().unwrap_err();
    let Error::Init { status: Some(status), init_error, log, .. } = &error else { panic!("{error}") };
    assert_eq!(status.code(), Some(1));
    assert_eq!(init_error, "");
    assert_eq!(log, &[r#"Error: "no database""#]);
    let text = error.to_string();
    assert!(text.contains("exit status: 1") && text.contains("no database"), "{text}");
}

#[test]
fn an_init_error_that_was_reported_is_shown() {
    let error = plain_function().arg("--report").start().unwrap_err();
    let Error::Init { status: Some(status), init_error, .. } = &error else { panic!("{error}") };
    assert_eq!(status.code(), Some(3));
    assert_eq!(init_error, r#"{"errorType":"NoDatabase"}"#);
    assert!(error.to_string().contains("NoDatabase"), "{error}");
}

#[test]
fn a_binary_that_is_missing_is_named() {
    let error = Function::builder("/no/such/binary").start().unwrap_err();
    assert!(matches!(error, Error::Start { .. }));
    assert!(error.to_string().contains("/no/such/binary"), "{error}");
}

#[tokio::test]
async fn it_works_in_asynchronous_tests() {
    let mut function = plain_function().start().unwrap();
    assert!(!function.invoke(event("answer", "")).unwrap().is_error());
}
