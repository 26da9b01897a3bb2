//! Constants, statics that are only read, and those that are there for a reason.

use std::sync::{
    LazyLock, OnceLock,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use lambda_runtime::{Error, LambdaEvent};

use crate::twins;

const LIMIT: usize = 2;
const EMPTY: Vec<String> = Vec::new();
const AWS_SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
static RATES: &[(&str, u32)] = &[("standard", 19), ("reduced", 7)];
static WEEK: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
static VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize, serde::Serialize)]
#[allow(clippy::upper_case_acronyms)]
enum Verb {
    GET,
    PUT,
}

use Verb::PUT;

trait Plan {
    const QUOTA: u64;
}

struct Free;

impl Plan for Free {
    const QUOTA: u64 = 3;
}

twins! {
    constants;
    event Names { names: Vec<String>, }
    {
        async fn handler(event: LambdaEvent<Names>) -> Result<Vec<String>, Error> {
            let mut kept = EMPTY;
            kept.extend(event.payload.names.into_iter().take(LIMIT));
            kept.push(format!("{LIMIT} {}", AWS_SECRET_ACCESS_KEY.len()));
            Ok(kept)
        }
    }
    event => handler(event).await;
    {"names": ["a", "b", "c"]}
}

twins! {
    read_only_statics;
    event Order { rate: String, day: usize, }
    {
        async fn handler(event: LambdaEvent<Order>) -> Result<(u32, &'static str, String), Error> {
            let Order { rate, day } = event.payload;
            let found = RATES.iter().find(|(name, _)| *name == rate).ok_or("no such rate")?;
            Ok((found.1, WEEK.get(day).copied().unwrap_or(WEEK[0]), format!("v{VERSION}")))
        }
    }
    event => handler(event).await;
    {"rate": "reduced", "day": 2}, {"rate": "none", "day": 2}
}

twins! {
    variants_and_associated_constants;
    event Request { verb: Verb, size: u64, }
    {
        async fn handler<P: Plan, const N: usize>(event: LambdaEvent<Request>, plan: P) -> Result<u64, Error> {
            let _ = plan;
            match event.payload.verb {
                PUT if event.payload.size > P::QUOTA => Err("over the quota".into()),
                Verb::GET | PUT => Ok(P::QUOTA + u64::try_from(N)? + u64::from(u8::MAX)),
            }
        }
    }
    event => handler::<_, 4>(event, Free).await;
    {"verb": "GET", "size": 9}, {"verb": "PUT", "size": 9}, {"verb": "PATCH", "size": 1}
}

twins! {
    locals_in_capitals;
    event Point { x: f64, }
    {
        #[allow(non_snake_case)]
        async fn handler(event: LambdaEvent<Point>) -> Result<f64, Error> {
            let X = event.payload.x;
            let R = |T: f64| T * X;
            Ok(R(2.0) + std::f64::consts::PI.floor())
        }
    }
    event => handler(event).await;
    {"x": 1.5}
}

static COLD_START: AtomicBool = AtomicBool::new(true);

twins! {
    cold_start(allow_static(COLD_START, reason = "says only whether this is the first invocation"));
    event Ping { id: u64, }
    {
        async fn handler(event: LambdaEvent<Ping>) -> Result<u64, Error> {
            if COLD_START.swap(false, Ordering::Relaxed) {
                tracing::info!("cold start");
            }
            Ok(event.payload.id)
        }
    }
    event => handler(event).await;
    {"id": 1}, {"id": 2}
}

/// A client of some service.
#[derive(Debug)]
struct Client {
    region: &'static str,
}

static CLIENT: OnceLock<Client> = OnceLock::new();

twins! {
    shared_client(allow_static(CLIENT, reason = "a connection, which holds nothing of a caller"));
    event Ping { id: u64, }
    {
        async fn handler(event: LambdaEvent<Ping>) -> Result<String, Error> {
            let client = CLIENT.get_or_init(|| Client { region: "eu-central-1" });
            Ok(format!("{} in {}", event.payload.id, client.region))
        }
    }
    event => handler(event).await;
    {"id": 1}
}

/// A compiled pattern.
struct Pattern(&'static str);

impl Pattern {
    fn is_match(&self, text: &str) -> bool {
        text.contains(self.0)
    }
}

static PATTERN: LazyLock<Pattern> = LazyLock::new(|| Pattern("@"));

twins! {
    lazy_pattern(allow_static(crate::statics::PATTERN, reason = "compiled once, of a constant"));
    event Text { text: String, }
    {
        async fn handler(event: LambdaEvent<Text>) -> Result<bool, Error> {
            Ok(PATTERN.is_match(&event.payload.text))
        }
    }
    event => handler(event).await;
    {"text": "ada@example.com"}, {"text": "ada"}
}

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

twins! {
    allocator(allow_static(ALLOCATED, reason = "counts bytes, and says nothing of what is in them"));
    event Ping { id: u64, }
    {
        async fn handler(event: LambdaEvent<Ping>) -> Result<u64, Error> {
            let before = ALLOCATED.load(Ordering::Relaxed);
            let bytes = ALLOCATED.load(Ordering::Relaxed) - before;
            tracing::debug!(bytes, "allocated");
            Ok(event.payload.id)
        }
    }
    event => handler(event).await;
    {"id": 1}
}
