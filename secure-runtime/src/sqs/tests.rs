//! Handlers of records, called as a unit test calls them.

use std::{
    cell::Cell,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};

use super::{
    private::{self, Answer},
    run::Batch,
};
use crate::{
    Context, Error, LambdaEvent, OpaqueError, RawPayload, Secret,
    dead_letter::{DeadLetter, DeadLetterSink, MemorySink},
    error::{CodeList, Derived, Disposition, Opaque},
    scope,
    sqs::Record,
};

fn event(batch: Value) -> LambdaEvent<RawPayload> {
    let mut context = Context::default();
    context.request_id = "r-1".into();
    LambdaEvent::new(RawPayload::from(batch), context)
}

fn record(id: &str, body: &Value) -> Value {
    json!({"messageId": id, "eventSource": "aws:sqs", "body": body.to_string()})
}

fn of_group(id: &str, group: &str, body: &Value) -> Value {
    let mut record = record(id, body);
    record["eventSourceARN"] = "arn:aws:sqs:eu-west-1:123456789012:orders.fifo".into();
    record["attributes"] = json!({"MessageGroupId": group, "ApproximateReceiveCount": "2"});
    record
}

fn batch(records: &[Value]) -> Batch {
    private::begin(event(json!({"Records": records})), "take").unwrap()
}

fn failed(answer: Answer) -> Vec<String> {
    answer.unwrap().failed().map(str::to_owned).collect()
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Wrong {
    Poison,
    Passing,
}

impl Derived for Wrong {}
impl OpaqueError for Wrong {
    fn __opaque(&self) -> Opaque {
        match self {
            Self::Poison => Opaque::declared("poison", 422, "Never.", Disposition::Poison),
            Self::Passing => Opaque::declared("passing", 503, "Later.", Disposition::Retry),
        }
    }

    fn __codes(_: &mut CodeList) {}
}

/// What an expansion makes of a handler of a text.
macro_rules! handle {
    ($raw:ident, $invocation:ident, $record:ident => $body:expr) => {{
        let $record: Record<Secret<'_, String>> = private::record(&$invocation, &$raw)?;
        let body = may_fail($body);
        private::answer($invocation, body).await
    }};
}

fn may_fail<F: Future<Output = Result<(), Wrong>>>(body: F) -> F {
    body
}

fn is(record: &Record<Secret<'_, String>>, word: &str) -> bool {
    record.body.expose(|body| body == word)
}

#[allow(clippy::unused_async, reason = "as many a handler is")]
async fn take(record: Record<Secret<'_, String>>) -> Result<(), Wrong> {
    assert!(!is(&record, "panic"), "as it says");
    if is(&record, "poison") {
        Err(Wrong::Poison)
    } else if is(&record, "pass") {
        Err(Wrong::Passing)
    } else {
        Ok(())
    }
}

fn words(words: &[&str]) -> Vec<Value> {
    words.iter().enumerate().map(|(index, word)| record(&index.to_string(), &json!(word))).collect()
}

#[tokio::test]
async fn each_failed_record_is_named_and_no_other() {
    let mut records = words(&["", "poison", "pass", "panic", "", "later"]);
    records.push(record("number", &json!(7)));
    records.push(json!({"messageId": "none"}));
    records.push(json!({"messageId": "null", "body": null}));
    records.push(json!({"messageId": "array", "body": []}));
    records.push(json!({"messageId": "not json", "body": "{"}));
    let answer = private::run(batch(&records), 1, private::no_sink(), |raw, invocation| async move {
        handle!(raw, invocation, record => take(record))
    });
    assert_eq!(failed(answer.await), ["1", "2", "3", "number", "none", "null", "array", "not json"]);
}

#[tokio::test]
async fn what_will_never_succeed_goes_to_the_sink_and_is_done() {
    let mut records = words(&["", "poison", "pass", "panic"]);
    records.push(json!({"messageId": "text", "body": "no \"json\"", "attributes": {"ApproximateReceiveCount": "3"}}));
    records.push(json!({"messageId": "none"}));
    let sink = MemorySink::default();
    let answer = private::run(batch(&records), 1, private::sink(&sink), |raw, invocation| async move {
        handle!(raw, invocation, record => take(record))
    });
    assert_eq!(failed(answer.await), ["2", "3"]);
    let letters = sink.letters();
    let seen: Vec<_> = letters.iter().map(|letter| (letter.message_id(), letter.code(), letter.body())).collect();
    assert_eq!(
        seen,
        [
            ("1", "poison", &b"\"poison\""[..]),
            ("text", "invalid_input", b"no \"json\""),
            ("none", "invalid_input", b"")
        ]
    );
    assert_eq!((letters[1].request_id(), letters[1].handler(), letters[1].receive_count()), ("r-1", "take", 3));
    assert_eq!(letters[1].reason(), "syntax, line 1, column 2");
    assert_eq!(letters[2].reason(), "no body, line 0, column 0");
}

/// A sink that doesn't take what it is given.
#[derive(Clone)]
enum Broken {
    Fails,
    Panics,
    PanicsLater,
}

impl DeadLetterSink for Broken {
    fn put(&self, _: DeadLetter<'_>) -> impl Future<Output = Result<(), Error>> + Send {
        assert!(!matches!(self, Self::Panics), "at once");
        async {
            tokio::task::yield_now().await;
            assert!(!matches!(self, Self::PanicsLater), "later");
            Err("the bucket is full")?
        }
    }
}

#[tokio::test]
async fn what_the_sink_does_not_take_has_failed() {
    for sink in [Broken::Fails, Broken::Panics, Broken::PanicsLater] {
        let records = words(&["poison", ""]);
        let answer = private::run(batch(&records), 1, private::sink(Arc::new(sink)), |raw, invocation| async move {
            handle!(raw, invocation, record => take(record))
        });
        assert_eq!(failed(answer.await), ["0"]);
    }
}

#[tokio::test]
async fn what_is_no_batch_is_refused_as_a_whole() {
    let fine = record("1", &json!(""));
    let of_other = json!({"messageId": "1", "eventSource": "aws:kinesis", "body": ""});
    for no_batch in [
        json!({}),
        json!(null),
        json!([fine]),
        json!({"Records": 7}),
        json!({"records": [fine]}),
        json!({"Records": [fine, 7]}),
        json!({"Records": [fine, {"body": "no id"}]}),
        json!({"Records": [fine, {"messageId": "", "body": "an empty id"}]}),
        json!({"Records": [fine, of_other]}),
        json!({"Records": [{"EventSource": "aws:sns", "Sns": {"MessageId": "1", "Message": ""}}]}),
        json!({"Records": [{"messageId": "1", "body": "", "attributes": []}]}),
    ] {
        let failure = private::begin(event(no_batch.clone()), "take").err().unwrap();
        assert_eq!(failure.code(), "invalid_input", "{no_batch}");
    }
}

#[tokio::test]
async fn an_empty_batch_has_no_failures() {
    let answer = private::run(batch(&[]), 1, private::no_sink(), |_, _| async { unreachable!() }).await;
    assert_eq!(serde_json::to_string(&answer.unwrap()).unwrap(), r#"{"batchItemFailures":[]}"#);
}

#[tokio::test]
async fn a_record_that_comes_twice_counts_twice_and_is_named_once() {
    let records = [
        record("a", &json!("pass")),
        record("b", &json!("pass")),
        record("a", &json!("")),
        record("a", &json!("pass")),
    ];
    let calls = Rc::new(Cell::new(0));
    let counted = Rc::clone(&calls);
    let answer = private::run(batch(&records), 1, private::no_sink(), move |raw, invocation| {
        counted.set(counted.get() + 1);
        async move { handle!(raw, invocation, record => take(record)) }
    });
    let answer = answer.await.unwrap();
    let json = r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}"#;
    assert_eq!((serde_json::to_string(&answer).unwrap().as_str(), calls.get()), (json, 4));
}

#[tokio::test]
async fn a_record_says_what_the_queue_says_of_it() {
    let mut full = of_group("1", "g", &json!("x"));
    full["messageAttributes"] = json!({
        "source": {"stringValue": "shop", "dataType": "String"},
        "picture": {"binaryValue": "AAAA", "dataType": "Binary"},
        "SenderId": {"stringValue": "its own", "dataType": "String"},
    });
    full["attributes"]["SenderId"] = "AIDA".into();
    full["attributes"]["SentTimestamp"] = "1545082649183".into();
    let records = [full, record("2", &json!("x"))];
    let answer = private::run(batch(&records), 1, private::no_sink(), |raw, invocation| async move {
        handle!(raw, invocation, record => {
            let told = ["source", "picture", "SenderId", "SentTimestamp", "none"]
                .map(|name| record.attribute(name).map(str::to_owned));
            let of = (record.message_id().to_owned(), record.receive_count(), record.group_id().map(str::to_owned));
            assert_eq!(
                format!("{record:?}"),
                format!("Record {{ body: Secret([redacted]), meta: Meta {{ message_id: {:?}, .. }} }}", of.0)
            );
            async move {
                let text = |told: &str| Some(told.to_owned());
                let expected = match of.0.as_str() {
                    "1" => (
                        [text("shop"), None, text("its own"), text("1545082649183"), None],
                        (text("1").unwrap(), 2, text("g")),
                    ),
                    _ => ([const { None }; 5], (text("2").unwrap(), 1, None)),
                };
                assert_eq!((told, of), expected);
                Ok(())
            }
        })
    });
    assert!(failed(answer.await).is_empty());
}

/// How many run at once, and in which order they began.
#[derive(Default)]
struct Seen {
    running: Cell<usize>,
    most: Cell<usize>,
    begun: std::cell::RefCell<Vec<String>>,
}

impl Seen {
    async fn run(records: &[Value], concurrency: usize) -> (Rc<Self>, Vec<String>) {
        let seen = Rc::new(Self::default());
        let shared = Rc::clone(&seen);
        let answer = private::run(batch(records), concurrency, private::no_sink(), move |raw, invocation| {
            let seen = Rc::clone(&shared);
            async move {
                handle!(raw, invocation, record => async move {
                    seen.begun.borrow_mut().push(record.message_id().to_owned());
                    seen.running.set(seen.running.get() + 1);
                    seen.most.set(seen.most.get().max(seen.running.get()));
                    tokio::task::yield_now().await;
                    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                    seen.running.set(seen.running.get() - 1);
                    if is(&record, "pass") { Err(Wrong::Passing) } else { Ok(()) }
                })
            }
        });
        let failed = failed(answer.await);
        (seen, failed)
    }

    fn begun(&self) -> Vec<String> {
        self.begun.borrow().clone()
    }
}

#[tokio::test]
async fn so_many_records_run_at_once() {
    let records = words(&["", "", "pass", "", "", "", "pass", "", ""]);
    for (concurrency, most) in [(1, 1), (4, 4), (100, 9)] {
        let (seen, failed) = Seen::run(&records, concurrency).await;
        assert_eq!((seen.most.get(), seen.begun().len()), (most, 9));
        assert_eq!(failed, ["2", "6"], "in the order of the batch");
    }
}

#[tokio::test]
async fn a_group_stops_at_its_first_failure_and_others_go_on() {
    let records = [
        of_group("a1", "a", &json!("")),
        of_group("b1", "b", &json!("")),
        of_group("a2", "a", &json!("pass")),
        of_group("a3", "a", &json!("")),
        of_group("b2", "b", &json!("")),
        of_group("a4", "a", &json!("")),
    ];
    for concurrency in [1, 4] {
        let (seen, failed) = Seen::run(&records, concurrency).await;
        assert_eq!(failed, ["a2", "a3", "a4"]);
        let begun = seen.begun();
        assert_eq!(begun.len(), 4, "{begun:?}");
        for group in ["a", "b"] {
            let of_group: Vec<_> = begun.iter().filter(|id| id.starts_with(group)).collect();
            assert_eq!(of_group, [&format!("{group}1"), &format!("{group}2")]);
        }
        assert_eq!(seen.most.get(), concurrency.min(2));
    }
}

#[tokio::test]
async fn a_group_of_a_standard_queue_is_not_about_order() {
    let mut records = [of_group("1", "g", &json!("pass")), of_group("2", "g", &json!(""))];
    for record in &mut records {
        record["eventSourceARN"] = "arn:aws:sqs:eu-west-1:123456789012:orders".into();
    }
    let (seen, failed) = Seen::run(&records, 2).await;
    assert_eq!((failed, seen.most.get()), (vec!["1".to_owned()], 2));
}

/// State whose `Clone` and `Drop` are the program's own.
struct Loud;

impl Clone for Loud {
    fn clone(&self) -> Self {
        static CLONES: AtomicUsize = AtomicUsize::new(0);
        assert!(CLONES.fetch_add(1, Ordering::Relaxed) != 1, "the second one");
        Self
    }
}

impl Drop for Loud {
    fn drop(&mut self) {
        assert!(
            std::thread::panicking() || scope::current().is_none_or(|scope| scope.message_id.as_deref() != Some("2")),
            "the third one"
        );
    }
}

#[tokio::test]
async fn state_that_panics_fails_its_record_alone() {
    let state = Loud;
    let records = words(&["", "", "", ""]);
    let answer = private::run(batch(&records), 1, private::no_sink(), |raw, invocation| {
        let state = private::again(&state);
        async move {
            let _state = state;
            handle!(raw, invocation, record => take(record))
        }
    });
    assert_eq!(failed(answer.await), ["1", "2"]);
}

#[tokio::test]
async fn a_record_is_wiped_when_it_ends_and_not_before() {
    let records = words(&["first-canary", "second-canary"]);
    let scope = scope::Invocation::new("r-1");
    let _inside = scope::enter(Arc::clone(&scope));
    let batch = batch(&records);
    assert!(scope.bytes().is_none(), "the records have them");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    private::run(batch, 1, private::no_sink(), |raw, invocation| async move {
        assert!(text(invocation.scope().bytes().unwrap().json()).contains("canary"), "its own, in clear");
        handle!(raw, invocation, record => take(record))
    })
    .await
    .unwrap();
    let bytes = scope.take_bytes().expect("given back");
    let left = text(bytes.json());
    assert!(!left.contains("canary") && left.contains("Records"), "{left:?}");
}

#[tokio::test]
async fn a_batch_that_is_dropped_gives_its_bytes_back_and_drops_each_record_in_its_scope() {
    struct InScope(Rc<Cell<Option<String>>>);
    impl Drop for InScope {
        fn drop(&mut self) {
            self.0.set(scope::current().and_then(|scope| scope.message_id.clone()));
        }
    }
    let scope = scope::Invocation::new("r-1");
    let _inside = scope::enter(Arc::clone(&scope));
    let dropped_in = Rc::new(Cell::new(None));
    let told = Rc::clone(&dropped_in);
    let mut running = Box::pin(private::run(batch(&words(&["x"])), 1, private::no_sink(), move |raw, invocation| {
        let local = InScope(Rc::clone(&told));
        async move {
            handle!(raw, invocation, _record => async move {
                let _local = local;
                std::future::pending().await
            })
        }
    }));
    assert!(std::future::poll_fn(|context| std::task::Poll::Ready(running.as_mut().poll(context).is_pending())).await);
    drop(running);
    assert_eq!(dropped_in.take().as_deref(), Some("0"));
    assert!(scope.take_bytes().is_some());
}

#[test]
fn the_future_is_send_when_what_it_runs_is() {
    fn is_send(_: &impl Send) {}
    let state = Cell::new(7);
    // `Cell` is `Send` and not `Sync`, as a client may be.
    is_send(&private::run(batch(&[]), 1, private::sink(MemorySink::default()), move |raw, invocation| {
        let state = private::again(&state);
        async move {
            state.set(8);
            handle!(raw, invocation, _record => async { Ok(()) })
        }
    }));
}
