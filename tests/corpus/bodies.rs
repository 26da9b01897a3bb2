//! Bodies.

use std::{collections::BTreeMap, fmt::Write as _};

use lambda_runtime::{Error, LambdaEvent};
use serde::Serialize;
use serde_json::{Value, json};

use crate::twins;

async fn double(number: u64) -> Result<u64, Error> {
    tokio::task::yield_now().await;
    number.checked_mul(2).ok_or_else(|| "too large".into())
}

twins! {
    match_and_loops;
    event Batch { items: Vec<i64>, }
    {
        async fn handler(event: LambdaEvent<Batch>) -> Result<(i64, i64), Error> {
            let mut odd = 0;
            let mut items = event.payload.items.iter();
            let found = 'search: loop {
                for item in items.by_ref().take(2) {
                    match item {
                        n if n % 2 != 0 => odd += n,
                        n if *n > 100 => break 'search *n,
                        _ => {}
                    }
                }
                if items.len() == 0 {
                    break -1;
                }
            };
            Ok((odd, found))
        }
    }
    event => handler(event).await;
    {"items": [1, 2, 3, 0]}, {"items": [2, 200, 5]}, {"items": []}
}

twins! {
    let_else_and_while_let;
    event Batch { items: Vec<String>, }
    {
        async fn handler(event: LambdaEvent<Batch>) -> Result<Vec<u32>, Error> {
            let mut rest = event.payload.items;
            let mut numbers = Vec::new();
            while let Some(item) = rest.pop() {
                let Ok(number) = item.parse::<u32>() else { continue };
                if number == 0 {
                    return Err("zero".into());
                }
                numbers.push(number);
            }
            Ok(numbers)
        }
    }
    event => handler(event).await;
    {"items": ["1", "x", "2"]}, {"items": ["0"]}
}

twins! {
    nested_items;
    event Numbers { a: u64, b: u64, }
    {
        async fn handler(event: LambdaEvent<Numbers>) -> Result<u64, Error> {
            use std::cmp::max;
            const STEP: u64 = 3;
            #[derive(Clone, Copy)]
            enum Kind {
                Small,
                Large,
            }
            struct Sum(u64);
            impl Sum {
                fn add(&mut self, number: u64) -> &mut Self {
                    self.0 += number;
                    self
                }
            }
            fn kind(number: u64) -> Kind {
                if number > 10 { Kind::Large } else { Kind::Small }
            }
            let mut sum = Sum(STEP);
            sum.add(event.payload.a).add(event.payload.b);
            Ok(match kind(sum.0) {
                Kind::Small => sum.0,
                Kind::Large => max(sum.0, 100),
            })
        }
    }
    event => handler(event).await;
    {"a": 1, "b": 2}, {"a": 10, "b": 20}
}

twins! {
    closures_and_iterators;
    event Words { words: Vec<String>, }
    {
        async fn handler(event: LambdaEvent<Words>) -> Result<BTreeMap<String, usize>, Error> {
            let mut counts = BTreeMap::new();
            let mut count = |word: &str| *counts.entry(word.to_lowercase()).or_insert(0) += 1;
            event.payload.words.iter().filter(|word| !word.is_empty()).for_each(|word| count(word));
            Ok(counts)
        }
    }
    event => handler(event).await;
    {"words": ["a", "B", "b", ""]}
}

twins! {
    inferred_conversions;
    event Text { text: String, }
    {
        async fn handler(event: LambdaEvent<Text>) -> Result<Box<str>, Error> {
            let number: u8 = event.payload.text.parse().map_err(Box::new)?;
            let wide: u64 = number.into();
            if wide > 200 {
                return Err("too large".into());
            }
            Ok(wide.to_string().into())
        }
    }
    event => handler(event).await;
    {"text": "7"}, {"text": "x"}, {"text": "201"}
}

twins! {
    joined;
    event Numbers { a: u64, b: u64, }
    {
        async fn handler(event: LambdaEvent<Numbers>) -> Result<u64, Error> {
            let Numbers { a, b } = event.payload;
            let (left, right) = tokio::join!(double(a), async { double(b).await });
            let (third, ()) = tokio::try_join!(double(1), async { Ok(()) })?;
            Ok(left? + right? + third)
        }
    }
    event => handler(event).await;
    {"a": 1, "b": 2}, {"a": u64::MAX, "b": 2}
}

twins! {
    selected;
    event Numbers { a: u64, b: u64, }
    {
        async fn handler(event: LambdaEvent<Numbers>) -> Result<u64, Error> {
            let mut total = event.payload.a;
            let slow = std::future::pending::<()>();
            tokio::select! {
                biased;
                number = double(event.payload.b) => { total += number?; }
                () = slow => unreachable!("it never ends"),
            }
            Ok(total)
        }
    }
    event => handler(event).await;
    {"a": 1, "b": 2}
}

twins! {
    spawned;
    event Batch { items: Vec<u64>, }
    {
        async fn handler(event: LambdaEvent<Batch>) -> Result<Vec<u64>, Error> {
            let mut tasks = tokio::task::JoinSet::new();
            for item in event.payload.items {
                tasks.spawn(async move {
                    let doubled = double(item).await?;
                    Result::<u64, Error>::Ok(doubled)
                });
            }
            let mut all = Vec::new();
            while let Some(done) = tasks.join_next().await {
                all.push(done??);
            }
            all.sort_unstable();
            Ok(all)
        }
    }
    event => handler(event).await;
    {"items": [3, 1, 2]}, {"items": []}
}

twins! {
    spans;
    event Text { text: String, }
    {
        async fn handler(event: LambdaEvent<Text>) -> Result<usize, Error> {
            let span = tracing::info_span!("parse", length = event.payload.text.len());
            span.in_scope(|| {
                let number: usize = event.payload.text.trim().parse()?;
                tracing::info!(number, "parsed {}", event.payload.text.len());
                Ok(number)
            })
        }
    }
    event => handler(event).await;
    {"text": " 7 "}, {"text": "seven"}
}

twins! {
    written_text;
    event Batch { items: Vec<u64>, }
    {
        async fn handler(event: LambdaEvent<Batch>) -> Result<String, Error> {
            let mut csv = String::from("index,item\n");
            let width = 4;
            for (index, item) in event.payload.items.iter().enumerate() {
                writeln!(csv, "{index},{item:>width$}")?;
            }
            write!(&mut csv, "{} rows", event.payload.items.len())?;
            Ok(csv)
        }
    }
    event => handler(event).await;
    {"items": [3, 1, 2]}
}

twins! {
    json_answer;
    event Order { id: u64, #[serde(default)] lines: Vec<Line>, }
    {
        async fn handler(event: LambdaEvent<Order>) -> Result<Value, Error> {
            let total: u64 = event.payload.lines.iter().map(|line| line.price * line.amount).sum();
            let first = event.payload.lines.first().map(|line| line.sku.as_str());
            let status = if total > 0 { "open" } else { "empty" };
            Ok(json!({
                "id": event.payload.id,
                "lines": event.payload.lines.iter().map(|line| json!({ "sku": line.sku })).collect::<Vec<_>>(),
                "total": { "amount": total, "currency": "EUR" },
                "first": first,
                "status": status,
            }))
        }
    }
    event => handler(event).await;
    {"id": 1, "lines": [{"sku": "a", "price": 2, "amount": 3}]}, {"id": 1}, {"id": 1, "lines": [{}]}
}

#[derive(Debug, Clone, serde::Deserialize)]
struct Line {
    sku: String,
    price: u64,
    amount: u64,
}

twins! {
    conditional_compilation;
    event Numbers { a: u64, b: u64, }
    {
        #[cfg_attr(not(any()), allow(unused_variables))]
        async fn handler(event: LambdaEvent<Numbers>) -> Result<u64, Error> {
            #[cfg(any())]
            let factor = missing::FACTOR;
            #[cfg(not(any()))]
            let factor = 2;
            #[cfg(any())]
            {
                missing::COUNTER.add(1);
            }
            Ok(event.payload.a * factor)
        }
    }
    event => handler(event).await;
    {"a": 4, "b": 0}
}

twins! {
    shadowing;
    event Text { text: String, }
    {
        async fn handler(event: LambdaEvent<Text>) -> Result<usize, Error> {
            let event = event.payload;
            let text = event.text;
            let text = text.trim();
            let text = { text.chars().rev().collect::<String>() };
            let result = if let Some((context, raw)) = text.split_once('-') { context.len() + raw.len() } else { 0 };
            Ok::<_, Error>(result)
        }
    }
    event => handler(event).await;
    {"text": " ab-c "}, {"text": "abc"}
}

twins! {
    partial_batch_answer;
    event Sqs { #[serde(rename = "Records")] records: Vec<Record>, }
    {
        async fn handler(event: LambdaEvent<Sqs>) -> Result<BatchAnswer, Error> {
            let mut failures = Vec::new();
            for record in event.payload.records {
                let handled: Result<Line, _> = serde_json::from_str(&record.body);
                if let Err(error) = handled {
                    tracing::warn!(%error, id = record.message_id, "not processed");
                    failures.push(Failure { item_identifier: record.message_id });
                }
            }
            Ok(BatchAnswer { batch_item_failures: failures })
        }
    }
    event => handler(event).await;
    {"Records": [{"messageId": "1", "body": "{}"}, {"messageId": "2", "body": "{\"sku\":\"a\",\"price\":1,\"amount\":1}"}]},
    {"Records": []}, {}
}

#[derive(Debug, Clone, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    message_id: String,
    body: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchAnswer {
    batch_item_failures: Vec<Failure>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}
