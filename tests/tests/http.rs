//! `#[secure_handler(http)]` under its own loop, behind every front end: what the caller gets to the byte, what the log says, what is
//! left in memory, that the process lives and the next request is answered rightly.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use secure_testing::{Builder, Canary, Function, Outcome, Payload, Reply};
use serde_json::{Map, Value, json};

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Front {
    V1,
    V2,
    Url,
    Alb,
    AlbMulti,
}

use Front::{Alb, AlbMulti, Url, V1, V2};

const FRONTS: [Front; 5] = [V1, V2, Url, Alb, AlbMulti];

/// A request before it is put into an event.
#[derive(Clone)]
struct Sent {
    method: &'static str,
    path: &'static str,
    query: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, String)>,
    body: Option<String>,
    is_base64: bool,
}

fn sent(method: &'static str, path: &'static str) -> Sent {
    Sent { method, path, query: Vec::new(), headers: Vec::new(), body: None, is_base64: false }
}

fn order(mode: &str, word: &Canary) -> Sent {
    let body = json!({"mode": mode, "word": word.as_str(), "count": 3}).to_string();
    sent("POST", "/orders").header("content-type", "application/json").body(body)
}

impl Sent {
    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    fn base64(mut self, body: &[u8]) -> Self {
        self.is_base64 = true;
        self.body(BASE64_STANDARD.encode(body))
    }

    /// The event that a front end makes of it.
    fn event(&self, front: Front) -> Value {
        let fixture = match front {
            V1 => include_str!("../fixtures/http/v1.json"),
            V2 => include_str!("../fixtures/http/v2.json"),
            Url => include_str!("../fixtures/http/url.json"),
            Alb => include_str!("../fixtures/http/alb.json"),
            AlbMulti => include_str!("../fixtures/http/alb_multi.json"),
        };
        let mut event: Value = serde_json::from_str(fixture).unwrap();
        let encode =
            |text: &str| text.replace('%', "%25").replace(' ', "%20").replace('&', "%26").replace('ü', "%C3%BC");
        let pairs: Map<_, _> =
            self.query.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
        let encoded: Map<_, _> =
            self.query.iter().map(|(name, value)| ((*name).to_owned(), encode(value).into())).collect();
        let lists = |pairs: Map<String, Value>| {
            pairs.into_iter().map(|(name, value)| (name, json!([value]))).collect::<Map<_, _>>()
        };
        match front {
            V1 => {
                event["path"] = self.path.into();
                event["httpMethod"] = self.method.into();
                event["requestContext"]["httpMethod"] = self.method.into();
                event["queryStringParameters"] = pairs.clone().into();
                event["multiValueQueryStringParameters"] = lists(pairs).into();
            }
            V2 | Url => {
                event["rawPath"] = self.path.into();
                event["requestContext"]["http"]["method"] = self.method.into();
                event["requestContext"]["http"]["path"] = self.path.into();
                let query: Vec<_> =
                    self.query.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
                event["rawQueryString"] = query.join("&").into();
            }
            Alb | AlbMulti => {
                event["path"] = self.path.into();
                event["httpMethod"] = self.method.into();
                match front {
                    Alb => event["queryStringParameters"] = encoded.into(),
                    _ => event["multiValueQueryStringParameters"] = lists(encoded).into(),
                }
            }
        }
        for (name, value) in &self.headers {
            if *name == "cookie" && front == V2 {
                event["cookies"] = value.split("; ").collect();
                continue;
            }
            if front != AlbMulti {
                event["headers"][*name] = value.as_str().into();
            }
            if [V1, AlbMulti].contains(&front) {
                event["multiValueHeaders"][*name] = json!([value]);
            }
        }
        if let Some(body) = &self.body {
            event["body"] = body.as_str().into();
        }
        event["isBase64Encoded"] = self.is_base64.into();
        event
    }
}

/// What a front end is told: the whole answer of the function, to the byte.
fn answer(front: Front, status: u16, reason: &str, headers: &[(&str, &str)], body: &str, is_base64: bool) -> String {
    let cookies: Vec<_> = headers.iter().filter(|(name, _)| *name == "set-cookie").map(|(_, value)| *value).collect();
    let names = {
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in headers {
            if !names.contains(name) {
                names.push(name);
            }
        }
        names
    };
    let of =
        |wanted: &str| headers.iter().filter(|(name, _)| *name == wanted).map(|(_, value)| *value).collect::<Vec<_>>();
    let object = |members: Vec<String>| format!("{{{}}}", members.join(","));
    let one = |without_cookies: bool| {
        let names = names.iter().filter(|name| !without_cookies || **name != "set-cookie");
        object(names.map(|name| format!("\"{name}\":{}", json!(of(name)[0]))).collect())
    };
    let many = || object(names.iter().map(|name| format!("\"{name}\":{}", json!(of(name)))).collect());
    let body = json!(body);
    match front {
        V1 => format!(
            r#"{{"statusCode":{status},"headers":{{}},"multiValueHeaders":{},"body":{body},"isBase64Encoded":{is_base64}}}"#,
            many()
        ),
        V2 | Url => format!(
            r#"{{"statusCode":{status},"headers":{},"multiValueHeaders":{{}},"body":{body},"isBase64Encoded":{is_base64},"cookies":{}}}"#,
            one(true),
            json!(cookies)
        ),
        Alb | AlbMulti => format!(
            r#"{{"statusCode":{status},"statusDescription":"{status} {reason}","headers":{},"multiValueHeaders":{},"body":{body},"isBase64Encoded":{is_base64}}}"#,
            one(false),
            many()
        ),
    }
}

const DEFAULTS: [(&str, &str); 2] = [("cache-control", "no-store"), ("x-content-type-options", "nosniff")];

/// A problem document.
#[derive(Debug, Clone, Copy)]
struct Problem {
    status: u16,
    title: &'static str,
    code: &'static str,
    detail: &'static str,
}

const fn problem(status: u16, title: &'static str, code: &'static str, detail: &'static str) -> Problem {
    Problem { status, title, code, detail }
}

const INTERNAL: Problem =
    problem(500, "Internal Server Error", "internal_error", "The request could not be processed.");
const INVALID: Problem = problem(400, "Bad Request", "invalid_input", "The input is not what this function takes.");
const MEDIA_TYPE: Problem = problem(
    415,
    "Unsupported Media Type",
    "unsupported_media_type",
    "The body's content type is not one that this function takes.",
);
const TOO_LARGE: Problem =
    problem(413, "Payload Too Large", "payload_too_large", "The body is longer than this function takes.");
const TIMED_OUT: Problem = problem(504, "Gateway Timeout", "timed_out", "The request took too long.");
const SOLD_OUT: Problem = problem(409, "Conflict", "sold_out", "There is none left.");

impl Problem {
    fn answer(self, front: Front, request_id: &str) -> String {
        let Self { status, title, code, detail } = self;
        let body = format!(
            r#"{{"type":"about:blank","title":"{title}","status":{status},"detail":"{detail}","code":"{code}","request_id":"{request_id}"}}"#
        );
        let headers = [("content-type", "application/problem+json"), DEFAULTS[0], DEFAULTS[1]];
        answer(front, status, title, &headers, &body, false)
    }
}

fn subject(run: &str) -> Builder {
    Function::builder(env!("CARGO_BIN_EXE_http_subject")).env("RUN", run)
}

fn secured() -> Function {
    subject("secure").start().unwrap()
}

fn lines(reply: &Reply) -> Vec<Map<String, Value>> {
    reply
        .log()
        .iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

/// The caller gets this document, as an answer; the log has one line about it, and neither has a secret.
fn assert_problem(reply: &Reply, front: Front, problem: Problem, secrets: &[&str]) -> Map<String, Value> {
    assert_eq!(reply.outcome(), Outcome::Answer, "{front:?} {}", reply.text());
    assert_eq!(reply.text(), problem.answer(front, reply.request_id()), "{front:?}");
    let failures: Vec<_> = lines(reply).into_iter().filter(|line| line.contains_key("code")).collect();
    let [failure] = &failures[..] else { panic!("{front:?} {failures:#?}") };
    assert_eq!((&failure["code"], &failure["status"]), (&json!(problem.code), &json!(problem.status)));
    assert_eq!(failure["level"], if problem.status < 500 { "WARN" } else { "ERROR" });
    assert_eq!(failure["request_id"], reply.request_id());
    for secret in secrets {
        assert!(!reply.text().contains(secret), "{}", reply.text());
        assert!(!reply.log().iter().any(|line| line.contains(secret)), "{:#?}", reply.log());
    }
    failure.clone()
}

fn count(body: &str, accept: &str, method: &str, path: &str, q: &str) -> String {
    format!(r#"{{"accept":{accept},"count":{body},"method":"{method}","path":"{path}","q":{q}}}"#)
}

fn json_answer(front: Front, body: &str) -> String {
    answer(front, 200, "OK", &[("content-type", "application/json"), DEFAULTS[0], DEFAULTS[1]], body, false)
}

/// The next request is answered, by the same process.
fn assert_answers(function: &mut Function, front: Front) {
    let reply = function.invoke(order("answer", &Canary::random()).event(front)).unwrap();
    let body = count("3", r#""text/plain""#, "POST", "/orders", "null");
    assert_eq!(reply.text(), json_answer(front, &body));
    assert_eq!(function.restarts(), 0);
}

fn asked(function: &mut Function, front: Front, sent: &Sent) -> Reply {
    function.invoke(sent.event(front)).unwrap()
}

#[test]
fn a_body_is_json_a_form_base64_or_a_query() {
    let mut function = secured();
    let word = Canary::random();
    let json = order("answer", &word).body.unwrap();
    let form = format!("mode=answer&word={word}&count=3");
    for front in FRONTS {
        let accept = r#""text/plain""#;
        let typed =
            |content_type: &str| sent("PUT", "/orders").query("q", "a b&ü").header("content-type", content_type);
        let expected = json_answer(front, &count("3", accept, "PUT", "/orders", r#""a b&ü""#));
        for request in [
            typed("application/json").body(&*json),
            typed("application/JSON; charset=utf-8").body(&*json),
            typed("application/merge-patch+json").body(&*json),
            typed("application/json").base64(json.as_bytes()),
            typed("application/x-www-form-urlencoded").body(&*form),
            typed("application/x-www-form-urlencoded; charset=UTF-8").base64(form.as_bytes()),
            sent("PUT", "/orders").query("q", "a b&ü").body(&*json),
        ] {
            assert_eq!(asked(&mut function, front, &request).text(), expected, "{front:?}");
        }
        for method in ["GET", "HEAD", "DELETE"] {
            let request =
                sent(method, "/orders").query("mode", "answer").query("word", word.as_str()).query("count", "7");
            let expected = json_answer(front, &count("7", accept, method, "/orders", "null"));
            assert_eq!(asked(&mut function, front, &request).text(), expected, "{front:?}");
        }
    }
    let left = function.search_memory([&word]).unwrap();
    assert!(left.is_empty(), "{left}");
}

#[test]
fn an_optional_body_is_none_where_there_is_none() {
    let mut function = secured();
    for front in FRONTS {
        let word = Canary::random();
        let post = order("answer", &word);
        let whole = Sent { path: "/optional", ..post.clone() };
        for (sent, expected) in [
            (sent("GET", "/optional"), "none"),
            (sent("POST", "/optional"), "none"),
            (sent("GET", "/optional").query("mode", "answer").query("word", word.as_str()), "some"),
            (whole, "some"),
        ] {
            let text = asked(&mut function, front, &sent).text().into_owned();
            assert_eq!(text, answer(front, 200, "OK", &DEFAULTS, expected, false), "{front:?} {}", sent.method);
        }
        let broken = Sent { path: "/optional", ..post.body("{") };
        let reply = asked(&mut function, front, &broken);
        assert_eq!(reply.text(), INVALID.answer(front, reply.request_id()));
    }
}

#[test]
fn a_body_that_is_not_valid_is_one_that_does_not_fit() {
    let mut function = secured();
    for front in FRONTS {
        let json = |count: u32| {
            sent("POST", "/checked").header("content-type", "application/json").body(format!("{{\"count\": {count}}}"))
        };
        let query = |count: u32| sent("GET", "/checked").query("count", count.to_string());
        for fits in [json(7), query(7)] {
            assert_eq!(asked(&mut function, front, &fits).text(), answer(front, 200, "OK", &DEFAULTS, "7", false));
        }
        for fits_not in [json(3_141_592_653), query(3_141_592_653)] {
            let reply = asked(&mut function, front, &fits_not);
            let failure = assert_problem(&reply, front, INVALID, &["3141592653"]);
            assert_eq!((&failure["kind"], &failure["path"]), (&json!("validation"), &json!("count")));
        }
    }
}

#[test]
fn an_answer_says_what_the_handler_says_and_otherwise_the_defaults() {
    let mut function = secured();
    for front in FRONTS {
        let ask = |function: &mut Function, mode: &str| {
            asked(function, front, &order(mode, &Canary::random())).text().into_owned()
        };
        let own = [
            ("location", "/orders/7"),
            ("cache-control", "max-age=60"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            DEFAULTS[1],
        ];
        assert_eq!(ask(&mut function, "own"), answer(front, 201, "Created", &own, "", false));
        let bytes = [("content-type", "application/octet-stream"), DEFAULTS[0], DEFAULTS[1]];
        assert_eq!(
            asked(&mut function, front, &sent("GET", "/bytes")).text(),
            answer(front, 200, "OK", &bytes, "/wA=", true)
        );
        let latin = [("content-type", "text/plain; charset=utf-8"), DEFAULTS[0], DEFAULTS[1]];
        assert_eq!(ask(&mut function, "latin"), answer(front, 200, "OK", &latin, "é", false));
        assert_eq!(ask(&mut function, "no such mode"), answer(front, 404, "Not Found", &DEFAULTS, "", false));
        let body = r#"{"allow":"not PATCH"}"#;
        let headers = [("content-type", "application/json"), DEFAULTS[0], DEFAULTS[1]];
        assert_eq!(
            asked(&mut function, front, &sent("PATCH", "/anything").body("whatever")).text(),
            answer(front, 405, "Method Not Allowed", &headers, body, false)
        );
    }
}

#[test]
fn every_failure_of_a_handler_is_a_problem_document() {
    let mut function = secured();
    for front in FRONTS {
        for (mode, expected, said) in [
            ("sold out", SOLD_OUT, "sold out of [redacted secret, 32 bytes]"),
            ("undeclared", INTERNAL, "the database said [redacted secret, 32 bytes]"),
            ("panic", INTERNAL, ""),
            ("drop", INTERNAL, ""),
            ("odd header", INTERNAL, ""),
            ("long", INTERNAL, ""),
        ] {
            let word = Canary::random();
            let reply = asked(&mut function, front, &order(mode, &word));
            let failure = assert_problem(&reply, front, expected, &[word.as_str()]);
            if !said.is_empty() {
                assert_eq!(failure["error"], said);
            }
            let left = function.search_memory([&word]).unwrap();
            assert!(left.is_empty(), "{front:?} {mode}: {left}");
            assert_answers(&mut function, front);
        }
    }
}

#[test]
fn what_does_not_fit_never_reaches_the_handler_and_says_nothing_of_itself() {
    let mut function = secured();
    for front in FRONTS {
        let word = Canary::random();
        let typed = |content_type: &str| sent("POST", "/orders").header("content-type", content_type);
        let json = || typed("application/json");
        let broken = format!("{}{}", &BASE64_STANDARD.encode(word.as_str())[..20], "*!?");
        for (request, expected, kind, path) in [
            (json().body(format!("{{\"mode\": ?{word}")), INVALID, "syntax", "mode"),
            (
                json().body(format!(r#"{{"mode": "answer", "word": "{word}", "count": "{word}"}}"#)),
                INVALID,
                "data",
                "count",
            ),
            (json().body(format!(r#"{{"{word}": {{}}}}"#)), INVALID, "data", ""),
            (json().base64(format!("{word}\u{e9}").as_bytes().split_last().unwrap().1), INVALID, "utf-8", ""),
            (json(), INVALID, "no body", ""),
            (Sent { is_base64: true, ..json().body(broken) }, INVALID, "base64", ""),
            (typed("text/plain").body(word.as_str()), MEDIA_TYPE, "content type", ""),
            (typed("multipart/form-data; boundary=x").body(word.as_str()), MEDIA_TYPE, "content type", ""),
            (
                typed("application/x-www-form-urlencoded").body(format!("mode=answer&word={word}&count={word}")),
                INVALID,
                "form",
                "count",
            ),
            (
                typed("application/x-www-form-urlencoded").body(format!("mode=a&word={word}&word={word}")),
                INVALID,
                "form",
                "",
            ),
            (
                typed("application/x-www-form-urlencoded").body(format!("mode=answer&word={word}%FF")),
                INVALID,
                "utf-8",
                "",
            ),
            (sent("GET", "/orders").query("mode", "answer").query("count", word.as_str()), INVALID, "form", "count"),
            (json().body(format!(r#"{{"mode": "{}"}}"#, "x".repeat(6 << 20))), TOO_LARGE, "length", ""),
        ] {
            let reply = asked(&mut function, front, &request);
            let failure = assert_problem(&reply, front, expected, &[word.as_str(), &word.as_str().to_lowercase()]);
            assert_eq!((&failure["kind"], &failure["path"]), (&json!(kind), &json!(path)), "{front:?}");
            assert_answers(&mut function, front);
        }
        let left = function.search_memory([&word]).unwrap();
        assert!(left.is_empty(), "{front:?}: {left}");
    }
}

#[test]
fn a_request_that_is_malformed_is_a_problem_document_as_soon_as_its_front_end_is_known() {
    let mut function = secured();
    for front in FRONTS {
        let word = Canary::random();
        let text = order("answer", &word).header("x-odd", "PLACE").event(front).to_string();
        let not_utf8 = {
            let (before, after) = text.split_once("PLACE").unwrap();
            [before.as_bytes(), b"\xff\xfe", after.as_bytes()].concat()
        };
        let host = text.replace(".amazonaws.com", " of no name").replace(".on.aws", " of no name");
        for (payload, kind) in [
            (Payload::from(not_utf8), "request"),
            (Payload::from(text.replace("PLACE", "a\\nb")), "request"),
            (Payload::from(text.replace("\"POST\"", "\"PO ST\"")), "request"),
            (Payload::from(host), "uri"),
        ] {
            // lambda_http takes no host from a list.
            if (front, kind) == (AlbMulti, "uri") {
                continue;
            }
            let reply = function.invoke(payload).unwrap();
            let failure = assert_problem(&reply, front, INVALID, &[word.as_str()]);
            assert_eq!(failure["kind"], kind, "{front:?}");
            assert_answers(&mut function, front);
        }
        let left = function.search_memory([&word]).unwrap();
        assert!(left.is_empty(), "{front:?}: {left}");
    }
}

#[test]
fn an_event_of_another_source_is_a_function_error() {
    let mut function = secured();
    let word = Canary::random();
    let sqs = json!({"Records": [{"messageId": "m-1", "body": word.as_str(), "eventSource": "aws:sqs"}]});
    for payload in [
        Payload::from(sqs),
        json!({"detail-type": "Scheduled Event", "detail": word.as_str()}).into(),
        "{".into(),
        "7".into(),
    ] {
        let reply = function.invoke(payload).unwrap();
        assert_eq!(reply.outcome(), Outcome::Error);
        let id = reply.request_id();
        assert_eq!(
            reply.text(),
            format!(
                r#"{{"errorType":"invalid_input","errorMessage":"The input is not what this function takes. (request {id})"}}"#
            )
        );
        assert!(!reply.log().iter().any(|line| line.contains(word.as_str())), "{:#?}", reply.log());
        assert_answers(&mut function, V2);
    }
    let left = function.search_memory([&word]).unwrap();
    assert!(left.is_empty(), "{left}");
}

#[test]
fn a_handler_that_is_busy_at_its_deadline_is_a_problem_document() {
    let mut function = subject("secure").deadline(Duration::from_millis(600)).start().unwrap();
    for front in FRONTS {
        let word = Canary::random();
        let reply = asked(&mut function, front, &order("wait", &word));
        assert_problem(&reply, front, TIMED_OUT, &[word.as_str()]);
        let left = function.search_memory([&word]).unwrap();
        assert!(left.is_empty(), "{front:?}: {left}");
        assert_answers(&mut function, front);
    }
}

#[test]
fn the_error_of_a_service_that_is_not_secured_is_a_problem_document() {
    let mut function = subject("unsecured").start().unwrap();
    for front in FRONTS {
        let word = Canary::random();
        let reply = asked(&mut function, front, &order("answer", &word));
        assert_eq!(reply.text(), INTERNAL.answer(front, reply.request_id()));
    }
}

/// What a caller proves who he is with.
fn with_credentials(sent: Sent, canaries: &[Canary; 3]) -> Sent {
    let [bearer, first, second] = canaries;
    sent.header("authorization", format!("Bearer {bearer}")).header("cookie", format!("a={first}; b={second}"))
}

#[test]
fn credentials_in_headers_are_secrets_and_forgotten() {
    let mut function = secured();
    for front in FRONTS {
        let canaries = [Canary::random(), Canary::random(), Canary::random()];
        let reply = asked(&mut function, front, &with_credentials(sent("POST", "/anything").body("x"), &canaries));
        let body = r#"{"authorization":39,"cookie":70,"kept":[null,null,null]}"#;
        assert_eq!(reply.text(), json_answer(front, body));
        let reply = asked(&mut function, front, &with_credentials(sent("GET", "/credentials"), &canaries));
        let words = canaries.each_ref().map(Canary::as_str);
        assert_problem(&reply, front, INTERNAL, &words);
        let left = function.search_memory(&canaries).unwrap();
        assert!(left.is_empty(), "{front:?}: {left}");
    }
}

#[test]
fn a_service_that_keeps_what_it_was_sent_is_found_out() {
    let mut function = secured();
    let canaries = [Canary::random(), Canary::random(), Canary::random()];
    let word = Canary::random();
    let request = Sent { path: "/keep", ..with_credentials(order("answer", &word), &canaries) };
    assert_eq!(asked(&mut function, V2, &request).outcome(), Outcome::Answer);
    for canary in canaries.iter().chain([&word]) {
        assert!(!function.search_memory([canary]).unwrap().is_empty(), "the search finds what is there");
    }
}

#[test]
fn under_lambda_https_loop_the_handlers_own_failures_are_the_same() {
    let mut function = subject("plain").start().unwrap();
    for front in FRONTS {
        for (mode, expected) in
            [("sold out", SOLD_OUT), ("undeclared", INTERNAL), ("panic", INTERNAL), ("drop", INTERNAL)]
        {
            let word = Canary::random();
            let reply = asked(&mut function, front, &order(mode, &word));
            assert_problem(&reply, front, expected, &[word.as_str()]);
            assert_answers(&mut function, front);
        }
        let reply = asked(&mut function, front, &order("answer", &Canary::random()).body("{"));
        assert_eq!(reply.text(), INVALID.answer(front, reply.request_id()));
    }
}

/// Of ten requests, four are answered, and six fail in as many ways.
fn of_a_thousand(at: usize, word: &Canary) -> Sent {
    let sent = |mode| order(mode, word).query("q", format!("request {at}"));
    match at % 10 {
        4 => sent("sold out"),
        5 => sent("undeclared"),
        6 => sent("panic"),
        7 => sent("answer").body(format!("{{\"mode\": \"answer\", \"word\": {word}")),
        8 => crate::sent("POST", "/orders").header("content-type", format!("text/{word}")).body(word.as_str()),
        9 => sent("drop"),
        _ => sent("answer"),
    }
}

#[test]
fn of_a_thousand_at_sixty_four_at_once_each_gets_its_own_answer() {
    let mut function = subject("concurrent").concurrency(64).start().unwrap();
    let words: Vec<_> = (0..1000).map(|_| Canary::random()).collect();
    let front = |at| FRONTS[at / 10 % 5];
    let requests = words.iter().enumerate().map(|(at, word)| of_a_thousand(at, word).event(front(at)));
    let replies = function.invoke_all(requests).unwrap();
    assert_eq!(replies.len(), 1000);
    for (at, reply) in replies.iter().enumerate() {
        let problem = match at % 10 {
            4 => SOLD_OUT,
            5 | 6 | 9 => INTERNAL,
            7 => INVALID,
            8 => MEDIA_TYPE,
            _ => {
                let own = format!("\"request {at}\"");
                let body = count("3", r#""text/plain""#, "POST", "/orders", &own);
                assert_eq!(reply.text(), json_answer(front(at), &body));
                continue;
            }
        };
        assert_eq!(reply.text(), problem.answer(front(at), reply.request_id()), "{at}");
    }
    let log = function.log().join("\n");
    assert_eq!(log.matches("\"code\":").count(), 600, "a line each");
    assert!(words.iter().all(|word| !log.contains(word.as_str())));
    let left = function.search_memory(&words).unwrap();
    assert!(left.is_empty(), "{left}");
    assert_eq!(function.restarts(), 0);
}
