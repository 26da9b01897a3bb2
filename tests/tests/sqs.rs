//! A queue's function, as a process: what of a batch is reported as failed, what goes to the sink, what the log says, and what is left
//! in memory, after the batch and between its records.

#[path = "endings/seen.rs"]
#[allow(dead_code, reason = "of what other tests see, not all is of use here")]
mod seen;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use secure_testing::{
    Builder, Canary, Function, Outcome, Reply,
    memory::{Memory, Search},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use seen::{INVALID, Line, Secrets, TIMED_OUT, assert_told, failures, lines, masked, panics, said};

fn subject(run: &str) -> Builder {
    Function::builder(env!("CARGO_BIN_EXE_sqs_subject")).env("RUN", run)
}

/// One record, and the secret in it.
struct Sent {
    json: Value,
    word: Canary,
}

/// A record in the shape that AWS documents. Source: [the shape of an SQS
/// event](https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event).
fn sent(id: &str, mode: &str) -> Sent {
    let word = Canary::random();
    let body = json!({"mode": mode, "word": format!("\"{word}\"")}).to_string();
    let json = json!({
        "messageId": id,
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "2",
            "SentTimestamp": "1545082649183",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1545082649185",
        },
        "messageAttributes": {
            "source": {
                "stringValue": "shop",
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "String",
            },
        },
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-2:123456789012:my-queue",
        "awsRegion": "us-east-2",
    });
    Sent { json, word }
}

fn of_group(id: &str, mode: &str, group: &str) -> Sent {
    let mut sent = sent(id, mode);
    sent.json["eventSourceARN"] = "arn:aws:sqs:us-east-2:123456789012:fifo.fifo".into();
    sent.json["attributes"]["MessageGroupId"] = group.into();
    sent.json["attributes"]["SequenceNumber"] = "18849496460467696128".into();
    sent
}

/// The body doesn't parse, and has the secret where none is expected.
fn unparseable(id: &str) -> Sent {
    let mut sent = sent(id, "");
    sent.json["body"] = json!({"mode": 7, "word": sent.word.as_str()}).to_string().into();
    sent
}

fn batch(records: &[Sent]) -> Value {
    json!({"Records": records.iter().map(|sent| &sent.json).collect::<Vec<_>>()})
}

fn answer(failed: &[&str]) -> String {
    let failed: Vec<_> = failed.iter().map(|id| format!(r#"{{"itemIdentifier":"{id}"}}"#)).collect();
    format!(r#"{{"batchItemFailures":[{}]}}"#, failed.join(","))
}

fn sha256(sent: &Sent) -> String {
    Sha256::digest(sent.json["body"].as_str().unwrap_or_default()).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// Sends a batch; nothing of its secrets is anywhere afterwards, and these records are reported.
fn handle(function: &mut Function, records: &[Sent], failed: &[&str]) -> Reply {
    let reply = function.invoke(batch(records)).unwrap();
    assert_eq!(reply.outcome(), Outcome::Answer, "{}", reply.text());
    assert_eq!(reply.text(), answer(failed));
    assert_forgotten(function, records, &reply);
    assert_goes_on(function);
    reply
}

fn assert_forgotten(function: &Function, records: &[Sent], reply: &Reply) {
    let words: Vec<_> = records.iter().map(|sent| sent.word.as_str()).collect();
    if words.is_empty() {
        return;
    }
    Secrets::new(words.iter().copied()).assert_in_neither(reply);
    let left = function.search_memory(words).unwrap();
    assert!(left.is_empty(), "{left}");
}

/// The next batch is handled, by the same process.
fn assert_goes_on(function: &mut Function) {
    let reply = function.invoke(batch(&[sent("after", "ok"), sent("and failed", "fail")])).unwrap();
    assert_eq!(reply.text(), answer(&["and failed"]));
    assert_eq!(function.restarts(), 0);
}

/// Which records were run, in their order.
fn ran(lines: &[Line]) -> Vec<&str> {
    lines.iter().map(|line| said(line, "ran")).filter(|id| !id.is_empty()).collect()
}

fn letters(lines: &[Line]) -> Vec<&Line> {
    lines.iter().filter(|line| line.contains_key("letter")).collect()
}

/// The one failure of a record.
fn failure<'l>(lines: &'l [Line], id: &str) -> &'l Line {
    let of_record: Vec<_> = failures(lines).into_iter().filter(|line| said(line, "message_id") == id).collect();
    let [failure] = of_record[..] else { panic!("{id}: {lines:#?}") };
    failure
}

fn ten() -> Vec<Sent> {
    let mode = |id| match id {
        1 | 6 => "fail",
        2 => "poison",
        7 => "panic",
        _ => "ok",
    };
    (0..10).map(|id| if id == 4 { unparseable("4") } else { sent(&id.to_string(), mode(id)) }).collect()
}

#[test]
fn exactly_what_failed_is_reported_and_logged_with_its_record() {
    for plain in [false, true] {
        let builder = if plain { subject("alone").env("PLAIN", "") } else { subject("alone") };
        let mut function = builder.start().unwrap();
        let records = ten();
        let reply = function.invoke(batch(&records)).unwrap();
        assert_eq!(reply.text(), answer(&["1", "2", "4", "6", "7"]));
        Secrets::new(records.iter().map(|sent| sent.word.as_str())).assert_in_neither(&reply);
        let lines = lines(&reply);
        assert_eq!(ran(&lines), ["0", "1", "2", "3", "5", "6", "7", "8", "9"]);
        assert_eq!(failures(&lines).len(), 5);
        for (id, code, error) in [
            ("1", "passing", "passing with \"@\""),
            ("2", "poisoned", "poisoned with \"@\""),
            ("4", "invalid_input", ""),
            ("6", "passing", "passing with \"@\""),
            ("7", "internal_error", ""),
        ] {
            let failure = failure(&lines, id);
            assert_eq!((said(failure, "code"), said(failure, "handler")), (code, "alone"));
            assert_eq!(said(failure, "request_id"), reply.request_id());
            assert!(said(failure, "place").starts_with("tests/src/bin/sqs_subject.rs:"), "{failure:#?}");
            assert!(similar(said(failure, "error"), error), "{failure:#?}");
        }
        assert_eq!(said(failure(&lines, "4"), "path"), "mode");
        let panics = panics(&lines);
        assert_eq!((panics.len(), said(panics[0], "message_id")), (1, "7"));
        let first = lines.iter().find(|line| said(line, "ran") == "0").unwrap();
        assert_eq!((said(first, "source"), &first["receive_count"]), ("shop", &json!(2)));
        if !plain {
            assert_forgotten(&function, &records, &reply);
        }
        assert_goes_on(&mut function);
    }
}

/// Whether a text is a pattern's, in which `"@"` is a masked canary, with or without its quotes.
fn similar(said: &str, pattern: &str) -> bool {
    let quotes = said.replace("34 bytes", "32 bytes");
    quotes == masked(pattern) || quotes == masked(&pattern.replace("\"@\"", "@"))
}

#[test]
fn what_will_never_succeed_goes_to_the_sink_and_nothing_else_does() {
    for plain in [false, true] {
        let builder = if plain { subject("letters").env("PLAIN", "") } else { subject("letters") };
        let mut function = builder.start().unwrap();
        let mut records = ten();
        let mut without_body = sent("no body", "ok");
        without_body.json.as_object_mut().unwrap().remove("body");
        records.push(without_body);
        let reply = function.invoke(batch(&records)).unwrap();
        assert_eq!(reply.text(), answer(&["1", "6", "7"]));
        Secrets::new(records.iter().map(|sent| sent.word.as_str())).assert_in_neither(&reply);
        let lines = lines(&reply);
        let letters = letters(&lines);
        let seen: Vec<_> =
            letters.iter().map(|line| (said(line, "letter"), said(line, "of_code"), said(line, "body"))).collect();
        let expected = [
            ("2", "poisoned", &*sha256(&records[2])),
            ("4", "invalid_input", &*sha256(&records[4])),
            ("no body", "invalid_input", &*sha256(&records[10])),
        ];
        assert_eq!(seen, expected);
        assert!(similar(said(letters[0], "reason"), "poisoned with \"@\""), "{letters:#?}");
        assert!(said(letters[1], "reason").starts_with("data at mode, line 1, column"), "{letters:#?}");
        for letter in &letters {
            assert_eq!(said(letter, "of_request"), reply.request_id());
            assert_eq!((said(letter, "of_handler"), said(letter, "of_function")), ("lettered", "test-function"));
            assert_eq!(letter["receive_count"], 2);
            assert_eq!(said(letter, "debug"), "DeadLetter([redacted]) Body([redacted])");
        }
        assert_eq!(failures(&lines).len(), 6, "what is put aside is logged all the same");
        if !plain {
            assert_forgotten(&function, &records, &reply);
        }
    }
}

#[test]
fn what_the_sink_does_not_take_is_reported_and_nothing_of_it_told() {
    for sink in ["fails", "panics", "panics later"] {
        let mut function = subject("letters").env("SINK", sink).start().unwrap();
        let records = [sent("1", "poison"), sent("2", "ok"), unparseable("3")];
        let reply = handle(&mut function, &records, &["1", "3"]);
        let lines = lines(&reply);
        assert!(letters(&lines).is_empty());
        let told = lines.iter().filter(|line| said(line, "message") == "the dead letter could not be put aside");
        let told: Vec<_> = told.map(|line| said(line, "message_id")).collect();
        assert_eq!(told, ["1", "3"], "{sink}");
        let quoting = if sink == "fails" { "error" } else { "panic" };
        let quotes = |line: &&Line| {
            said(line, quoting).starts_with("no letter of ") && said(line, quoting).contains("[redacted")
        };
        assert_eq!(lines.iter().filter(quotes).count(), 2, "{lines:#?}");
        assert_eq!(panics(&lines).len(), if sink == "fails" { 0 } else { 2 });
    }
}

#[test]
fn of_a_body_that_does_not_parse_no_value_is_told_either() {
    let mut function = subject("letters").env("SINK", "fails with a part").start().unwrap();
    let reply = handle(&mut function, &[unparseable("1")], &["1"]);
    let lines = lines(&reply);
    let told = lines.iter().find(|line| said(line, "message") == "the dead letter could not be put aside").unwrap();
    assert_eq!(said(told, "error"), masked("no letter of @"));
}

#[test]
fn a_group_stops_at_its_first_failure_and_other_groups_go_on() {
    for run in ["alone", "four"] {
        let mut function = subject(run).start().unwrap();
        let records = [
            of_group("a1", "ok", "a"),
            of_group("b1", "ok", "b"),
            of_group("a2", "fail", "a"),
            of_group("b2", "ok", "b"),
            of_group("a3", "ok", "a"),
            of_group("b3", "ok", "b"),
            of_group("a4", "ok", "a"),
        ];
        let reply = handle(&mut function, &records, &["a2", "a3", "a4"]);
        let lines = lines(&reply);
        let of_group = |group| ran(&lines).into_iter().filter(|id| id.starts_with(group)).collect::<Vec<_>>();
        assert_eq!((of_group("a"), of_group("b")), (vec!["a1", "a2"], vec!["b1", "b2", "b3"]));
        let stopped: Vec<_> = lines.iter().filter(|line| line.contains_key("records")).collect();
        assert_eq!((stopped.len(), &stopped[0]["records"]), (1, &json!(2)));
        assert_eq!(said(stopped[0], "message_id"), "a2");
    }
}

#[test]
fn a_poisoned_record_that_is_put_aside_does_not_stop_its_group() {
    let mut function = subject("letters").start().unwrap();
    let records =
        [of_group("1", "poison", "a"), of_group("2", "ok", "a"), of_group("3", "fail", "a"), of_group("4", "ok", "a")];
    let reply = handle(&mut function, &records, &["3", "4"]);
    assert_eq!(ran(&lines(&reply)), ["1", "2", "3"]);
}

#[test]
fn four_records_run_at_once() {
    let mut function = subject("four").start().unwrap();
    let mut records: Vec<_> = (0..4).map(|id| sent(&format!("meets {id}"), "meet")).collect();
    records.push(sent("fails", "fail"));
    records.push(sent("panics", "panic"));
    handle(&mut function, &records, &["fails", "panics"]);
}

#[test]
fn of_a_hundred_batches_at_once_each_is_answered_for_its_own_records() {
    let mut function = subject("concurrent").concurrency(64).start().unwrap();
    let mode = |at| match at % 10 {
        3 => "fail",
        4 => "internal",
        5 => "poison",
        6 => "panic",
        _ => "ok",
    };
    let batches: Vec<Vec<Sent>> = (0..100)
        .map(|number| {
            let id = |at| format!("{number}-{at}");
            // Ten records in another order each time.
            let all = (number..number + 10).map(|at| at % 10);
            all.map(|at| if at == 7 { unparseable(&id(at)) } else { sent(&id(at), mode(at)) }).collect()
        })
        .collect();
    let replies = function.invoke_all(batches.iter().map(|records| batch(records))).unwrap();
    for (number, reply) in replies.iter().enumerate() {
        let failed = (number..number + 10).map(|at| at % 10).filter(|at| [3, 4, 6].contains(at));
        let failed: Vec<_> = failed.map(|at| format!("{number}-{at}")).collect();
        assert_eq!(reply.text(), answer(&failed.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    let log = function.log().join("\n");
    assert_eq!((log.matches("\"code\":").count(), log.matches("\"letter\":").count()), (500, 200));
    let words: Vec<_> = batches.iter().flatten().map(|sent| sent.word.as_str()).collect();
    assert!(words.iter().all(|word| !log.contains(word)));
    let left = function.search_memory(&words).unwrap();
    assert!(left.is_empty(), "{left}");
    assert_eq!(function.restarts(), 0);
}

#[test]
fn a_record_that_is_not_valid_is_one_that_does_not_parse() {
    let records = || [sent("good", "ok"), sent("bad", "not valid")];
    let reply = handle(&mut subject("alone").start().unwrap(), &records(), &["bad"]);
    let logged = lines(&reply);
    let failure = failure(&logged, "bad");
    assert_eq!((said(failure, "kind"), said(failure, "path")), ("validation", "mode"));
    let reply = handle(&mut subject("letters").start().unwrap(), &records(), &[]);
    assert_eq!(letters(&lines(&reply)).len(), 1);
}

#[test]
fn an_empty_batch_has_no_failures() {
    handle(&mut subject("alone").start().unwrap(), &[], &[]);
}

#[test]
fn what_is_no_batch_is_invalid_as_a_whole() {
    let mut function = subject("alone").start().unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut records = [sent("1", "ok"), sent("2", "ok")];
        change(&mut records[1].json);
        (batch(&records).to_string().into_bytes(), records.map(|sent| sent.word))
    };
    let cut = {
        let (mut bytes, words) = changed(&|_| {});
        bytes.truncate(bytes.len() - 2);
        (bytes, words)
    };
    let no_text = {
        let (bytes, words) = changed(&|record| record["body"] = "?".into());
        let bytes = bytes.into_iter().map(|byte| if byte == b'?' { 0xff } else { byte }).collect();
        (bytes, words)
    };
    for (bytes, words) in [
        changed(&|record| record["eventSource"] = "aws:s3".into()),
        changed(&|record| record["messageId"] = Value::Null),
        changed(&|record| record["messageId"] = "".into()),
        changed(&|record| *record = Value::Null),
        changed(&|record| record["attributes"] = json!({"SentTimestamp": 7})),
        cut,
        no_text,
        (br#"{"Records": 7}"#.to_vec(), [Canary::random(), Canary::random()]),
        (br#"{"detail-type": "Scheduled Event"}"#.to_vec(), [Canary::random(), Canary::random()]),
        (Vec::new(), [Canary::random(), Canary::random()]),
    ] {
        let reply = function.invoke(bytes).unwrap();
        assert_told(&reply, INVALID);
        assert!(ran(&lines(&reply)).is_empty());
        Secrets::new(words.iter().map(Canary::as_str)).assert_in_neither(&reply);
        let left = function.search_memory(&words).unwrap();
        assert!(left.is_empty(), "{left}");
        assert_goes_on(&mut function);
    }
}

#[test]
fn an_id_that_comes_twice_is_named_once() {
    let mut function = subject("alone").start().unwrap();
    let records = [sent("a", "fail"), sent("b", "ok"), sent("a", "ok"), sent("a", "panic")];
    let reply = handle(&mut function, &records, &["a"]);
    assert_eq!(ran(&lines(&reply)), ["a", "b", "a", "a"], "each on its own");
}

#[test]
fn a_batch_may_be_as_long_as_lambda_takes_it() {
    let mut function = subject("alone").start().unwrap();
    let mut records = [sent("large", "ok"), sent("failed", "fail")];
    let padding = "\\ \" é ".repeat(700_000);
    records[0].json["body"] = json!({"mode": "ok", "word": "short", "padding": padding}).to_string().into();
    handle(&mut function, &records, &["failed"]);
}

#[test]
fn a_batch_that_takes_too_long_comes_again_as_a_whole() {
    let gates = Gates::new("timeout");
    let builder =
        subject("alone").env("GATES", &gates.0).deadline(Duration::from_secs(1)).timeout(Duration::from_secs(30));
    let mut function = builder.start().unwrap();
    let records = [sent("done", "ok"), sent("never", "wait"), sent("later", "ok")];
    let reply = function.invoke(batch(&records)).unwrap();
    assert_told(&reply, TIMED_OUT);
    assert_eq!(ran(&lines(&reply)), ["done", "never"]);
    assert_forgotten(&function, &records, &reply);
    assert_goes_on(&mut function);
}

/// A folder by which a record says that it is there, and the test that it may go on.
struct Gates(PathBuf);

impl Gates {
    fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sqs-{test}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn wait_for(&self, id: &str) {
        let started = Instant::now();
        while !self.0.join(format!("{id}.here")).exists() {
            assert!(started.elapsed() < Duration::from_secs(20), "{id} doesn't come");
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn open(&self, id: &str) {
        fs::write(self.0.join(format!("{id}.open")), []).unwrap();
    }
}

impl Drop for Gates {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_record_is_forgotten_while_the_next_one_runs() {
    for run in ["alone", "letters", "four"] {
        let gates = Gates::new(run);
        let mut function = subject(run).env("GATES", &gates.0).start().unwrap();
        let pid = function.pid();
        let records = vec![
            sent("1", "deep"),
            sent("2", "fail"),
            sent("3", "panic"),
            unparseable("4"),
            sent("5", "poison"),
            sent("6", "wait"),
            // In order behind one that waits.
            of_group("7", "wait", "a"),
            of_group("8", "ok", "a"),
        ];
        let words: Vec<_> = records.iter().map(|sent| sent.word.clone()).collect();
        let search = |words: &[Canary]| Memory::of(pid).unwrap().search(&Search::new(words).unwrap()).unwrap();
        let payload = batch(&records);
        let waiting = thread::spawn(move || (function.invoke(payload), function));
        gates.wait_for("6");
        if run == "four" {
            gates.wait_for("7");
        }
        thread::sleep(Duration::from_millis(20));
        let left = search(&words[..5]);
        assert!(left.is_empty(), "{run}: {left}");
        for word in &words[5..] {
            assert!(search(std::slice::from_ref(word)).whole() > 0, "what runs and what has not run is there");
        }
        gates.open("6");
        gates.open("7");
        let (reply, function) = waiting.join().unwrap();
        let reply = reply.unwrap();
        let failed: &[&str] = if run == "letters" { &["2", "3"] } else { &["2", "3", "4", "5"] };
        assert_eq!(reply.text(), answer(failed));
        assert_forgotten(&function, &records, &reply);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_a_handler_keeps_is_found() {
    let mut function = subject("alone").start().unwrap();
    let kept = sent("1", "keep");
    function.invoke(batch(std::slice::from_ref(&kept))).unwrap();
    assert!(function.search_memory([&kept.word]).unwrap().whole() > 0);
}

/// Events of other services, whose details are events of the program's own.
mod typed_details {
    use secure_runtime::{JsonText, prelude::*};
    use serde_json::json;

    #[secure_event]
    struct Payment<'inv> {
        #[public]
        sku: String,
        card_number: Secret<'inv, String>,
    }

    impl Payment<'_> {
        fn is_complete(&self) -> bool {
            self.sku == "walrus" && self.card_number.expose(|number| number == "4111111111111111")
        }
    }

    /// Source: [what EventBridge sends](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html).
    #[secure_event]
    #[serde(rename_all = "kebab-case")]
    struct Bridged<'inv> {
        #[public]
        source: String,
        #[public]
        detail_type: String,
        #[nested]
        detail: Payment<'inv>,
    }

    #[secure_handler]
    async fn bridged(event: LambdaEvent<Bridged<'_>>) -> Result<String, Error> {
        assert!(event.payload.detail.is_complete());
        Ok(format!("{} of {}", event.payload.detail_type, event.payload.source))
    }

    /// Source: [what SNS sends](https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html).
    #[secure_event]
    #[serde(rename_all = "PascalCase")]
    struct Notifications<'inv> {
        #[nested]
        records: Vec<Notification<'inv>>,
    }

    #[secure_event]
    #[serde(rename_all = "PascalCase")]
    struct Notification<'inv> {
        #[nested]
        sns: Message<'inv>,
    }

    #[secure_event]
    #[serde(rename_all = "PascalCase")]
    struct Message<'inv> {
        #[public]
        message_id: String,
        #[nested]
        message: JsonText<Payment<'inv>>,
    }

    #[secure_handler]
    async fn notified(event: LambdaEvent<Notifications<'_>>) -> Result<Vec<String>, Error> {
        assert!(event.payload.records.iter().all(|record| record.sns.message.is_complete()));
        Ok(event.payload.records.into_iter().map(|record| record.sns.message_id).collect())
    }

    fn event(payload: serde_json::Value) -> LambdaEvent<RawPayload> {
        LambdaEvent::new(RawPayload::from(payload), Context::default())
    }

    #[tokio::test]
    async fn of_event_bridge() {
        let payment = json!({"sku": "walrus", "card_number": "4111111111111111"});
        let payload = json!({
            "version": "0",
            "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
            "detail-type": "payment",
            "source": "shop",
            "account": "111122223333",
            "time": "2017-12-22T18:43:48Z",
            "region": "us-west-1",
            "resources": [],
            "detail": payment,
        });
        assert_eq!(bridged(event(payload)).await.unwrap(), "payment of shop");
        assert_eq!(bridged(event(json!({"detail": {}}))).await.unwrap_err().code(), "invalid_input");
    }

    #[tokio::test]
    async fn of_sns() {
        let payment = json!({"sku": "walrus", "card_number": "4111111111111111"}).to_string();
        let record = json!({"EventVersion": "1.0", "EventSource": "aws:sns", "Sns": {
            "Type": "Notification",
            "MessageId": "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
            "Message": payment,
            "Timestamp": "2019-01-02T12:45:07.000Z",
        }});
        let ids = notified(event(json!({"Records": [record]}))).await.unwrap();
        assert_eq!(ids, ["95df01b4-ee98-5cb9-9903-4c221d41eb5e"]);
        let plain = json!({"Records": [{"Sns": {"MessageId": "1", "Message": "hello"}}]});
        assert_eq!(notified(event(plain)).await.unwrap_err().code(), "invalid_input");
    }
}
