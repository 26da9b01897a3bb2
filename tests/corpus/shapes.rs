//! Signatures.

use std::{collections::HashMap, fmt::Display, future::Future, rc::Rc, sync::Arc};

use lambda_runtime::{Context, Error, LambdaEvent};
use serde::Serialize;
use serde_json::{Value, json};

use crate::twins;

#[derive(Debug, Default, Clone)]
struct Db {
    rows: HashMap<u64, String>,
}

impl Db {
    fn new() -> Self {
        Self { rows: HashMap::from([(1, "one".to_owned()), (2, "two".to_owned())]) }
    }

    async fn find(&self, id: u64) -> Result<String, Error> {
        tokio::task::yield_now().await;
        self.rows.get(&id).cloned().ok_or_else(|| format!("no row {id}").into())
    }
}

trait Repository: Send + Sync {
    fn get(&self, id: u64) -> Option<String>;
}

impl Repository for Db {
    fn get(&self, id: u64) -> Option<String> {
        self.rows.get(&id).cloned()
    }
}

type HandlerResult<T> = Result<T, Error>;

#[derive(Debug, thiserror::Error, secure_runtime::OpaqueError)]
enum ShopError {
    #[error("no product {0}")]
    #[opaque(code = "no_such_product", status = 404, message = "There is no such product.")]
    NoProduct(u64),
    #[error(transparent)]
    Other(#[from] std::num::ParseIntError),
}

twins! {
    event_only;
    event Greeting { name: String, }
    {
        async fn handler(event: LambdaEvent<Greeting>) -> Result<Value, Error> {
            let (event, context) = event.into_parts();
            Ok(json!({ "message": format!("Hello, {}!", event.name), "request_id": context.request_id }))
        }
    }
    event => handler(event).await;
    {"name": "Ada"}, {"name": ""}, {"nom": "Ada"}, {"name": 7}, null
}

twins! {
    state_first;
    event Query { id: u64, }
    {
        async fn handler(db: &Db, event: LambdaEvent<Query>) -> Result<String, Error> {
            db.find(event.payload.id).await
        }
    }
    event => handler(&Db::new(), event).await;
    {"id": 1}, {"id": 2}, {"id": 3}, {"id": -1}
}

twins! {
    state_last;
    event Query { id: u64, }
    {
        async fn handler(event: LambdaEvent<Query>, db: &Db) -> Result<String, Error> {
            let row = db.find(event.payload.id).await?;
            Ok(row.to_uppercase())
        }
    }
    event => handler(event, &Db::new()).await;
    {"id": 1}, {"id": 9}
}

twins! {
    state_by_value;
    event Query { id: u64, }
    {
        async fn handler(event: LambdaEvent<Query>, db: Db) -> Result<Option<String>, Error> {
            let Db { mut rows } = db;
            Ok(rows.remove(&event.payload.id))
        }
    }
    event => handler(event, Db::new()).await;
    {"id": 1}, {"id": 9}
}

twins! {
    state_in_an_arc;
    event Query { id: u64, }
    {
        async fn handler(state: Arc<Db>, event: LambdaEvent<Query>) -> Result<String, Error> {
            let other = Arc::clone(&state);
            let id = event.payload.id;
            let found = tokio::spawn(async move { other.find(id).await }).await??;
            Ok(found)
        }
    }
    event => handler(Arc::new(Db::new()), event).await;
    {"id": 1}, {"id": 9}
}

twins! {
    trait_object;
    event Query { id: u64, }
    {
        async fn handler(repository: &dyn Repository, event: LambdaEvent<Query>) -> Result<String, ShopError> {
            let id = event.payload.id;
            match repository.get(id) {
                Some(row) => Ok(row),
                None => Err(ShopError::NoProduct(id)),
            }
        }
    }
    event => handler(&Db::new(), event).await;
    {"id": 1}, {"id": 9}
}

twins! {
    generic_repository;
    event Query { id: u64, }
    {
        async fn handler<R: Repository>(event: LambdaEvent<Query>, repository: &R) -> Result<usize, ShopError> {
            Ok(repository.get(event.payload.id).map_or(0, |row| row.len()))
        }
    }
    event => handler(event, &Db::new()).await;
    {"id": 1}, {"id": 9}
}

twins! {
    where_clause_over_futures;
    event Query { id: u64, }
    {
        async fn handler<F, Fut>(event: LambdaEvent<Query>, lookup: F) -> Result<String, Error>
        where
            F: Fn(u64) -> Fut,
            Fut: Future<Output = Result<String, Error>>,
        {
            lookup(event.payload.id).await
        }
    }
    event => handler(event, |id| async move { Db::new().find(id).await }).await;
    {"id": 1}, {"id": 9}
}

twins! {
    impl_trait_argument;
    event Query { id: u64, }
    {
        async fn handler(event: LambdaEvent<Query>, prefix: impl Display, render: impl Fn(u64) -> String) -> Result<String, Error> {
            Ok(format!("{prefix}{}", render(event.payload.id)))
        }
    }
    event => handler(event, "#", |id| (id * 2).to_string()).await;
    {"id": 1}
}

twins! {
    impl_trait_answer;
    event Query { id: u64, }
    {
        async fn handler(event: LambdaEvent<Query>, db: Arc<Db>) -> Result<impl Serialize, Error> {
            let row = db.find(event.payload.id).await?;
            Ok(vec![(event.payload.id, row)])
        }
    }
    event => handler(event, Arc::new(Db::new())).await;
    {"id": 2}, {"id": 9}
}

twins! {
    destructured_argument;
    event Query { id: u64, tags: Vec<String>, }
    {
        async fn handler(LambdaEvent { payload, context, .. }: LambdaEvent<Query>) -> Result<(usize, String), Error> {
            let Query { id: _, tags } = payload;
            Ok((tags.len(), context.request_id))
        }
    }
    event => handler(event).await;
    {"id": 1, "tags": ["a", "b"]}, {"id": 1}
}

twins! {
    mutable_argument;
    event Query { tags: Vec<String>, }
    {
        async fn handler(mut event: LambdaEvent<Query>) -> Result<Vec<String>, Error> {
            event.payload.tags.sort();
            event.payload.tags.dedup();
            Ok(event.payload.tags)
        }
    }
    event => handler(event).await;
    {"tags": ["b", "a", "b"]}
}

twins! {
    ignored_argument;
    event Nothing { #[serde(default)] unused: u8, }
    {
        async fn handler(_: LambdaEvent<Nothing>, version: &str) -> Result<String, Error> {
            Ok(version.to_owned())
        }
    }
    event => handler(event, "1.2.3").await;
    {}, {"unused": 7}
}

twins! {
    five_arguments_event_last;
    event Query { id: u64, }
    {
        async fn handler(
            db: &Db,
            table: &str,
            limit: usize,
            names: &HashMap<String, u64>,
            event: LambdaEvent<Query>,
        ) -> Result<String, Error> {
            return match names.get(table) {
                Some(id) if *id == event.payload.id => db.find(*id).await,
                Some(_) => Ok("x".repeat(limit)),
                None => Err("no such table".into()),
            };
        }
    }
    event => handler(&Db::new(), "users", 3, &HashMap::from([("users".to_owned(), 1)]), event).await;
    {"id": 1}, {"id": 2}
}

twins! {
    result_behind_an_alias;
    event Query { id: u64, }
    {
        async fn handler(event: LambdaEvent<Query>, db: &Db) -> HandlerResult<String> {
            db.find(event.payload.id).await
        }
    }
    event => handler(event, &Db::new()).await;
    {"id": 1}, {"id": 9}
}

twins! {
    named_lifetimes;
    event Query { id: u64, }
    {
        async fn handler<'db>(event: LambdaEvent<Query>, names: &'db [&'db str]) -> Result<&'db str, Error> {
            let index = usize::try_from(event.payload.id)?;
            names.get(index).copied().ok_or_else(|| Error::from("out of range"))
        }
    }
    event => handler(event, &["a", "b"]).await;
    {"id": 1}, {"id": 9}
}

twins! {
    not_send;
    event Query { id: u64, }
    {
        async fn handler(event: LambdaEvent<Query>, shared: Rc<Db>) -> Result<String, Box<dyn std::error::Error>> {
            let again = Rc::clone(&shared);
            let row = again.find(event.payload.id).await.map_err(|error| error as Box<dyn std::error::Error>)?;
            Ok(row)
        }
    }
    event => handler(event, Rc::new(Db::new())).await;
    {"id": 1}, {"id": 9}
}

twins! {
    text_error;
    event Query { id: u64, }
    {
        async fn handler(event: LambdaEvent<Query>) -> Result<u64, &'static str> {
            if event.payload.id == 0 { Err("zero") } else { Ok(event.payload.id) }
        }
    }
    event => handler(event).await;
    {"id": 1}, {"id": 0}
}

twins! {
    cannot_fail;
    event Query { id: u64, }
    {
        async fn handler(event: LambdaEvent<Query>) -> Result<u64, std::convert::Infallible> {
            Ok(event.payload.id + 1)
        }
    }
    event => handler(event).await;
    {"id": 1}
}

twins! {
    diagnostic_error;
    event Query { id: u64, }
    {
        async fn handler(event: LambdaEvent<Query>) -> Result<u64, lambda_runtime::Diagnostic> {
            if event.payload.id > 1 {
                return Err(lambda_runtime::Diagnostic {
                    error_type: "TooLarge".into(),
                    error_message: format!("{} is too large", event.payload.id),
                });
            }
            Ok(event.payload.id)
        }
    }
    event => handler(event).await;
    {"id": 1}, {"id": 2}
}

twins! {
    instrumented;
    event Query { id: u64, }
    {
        #[tracing::instrument(skip_all, fields(id = event.payload.id, request_id = %event.context.request_id))]
        async fn handler(event: LambdaEvent<Query>, db: &Db) -> Result<String, Error> {
            tracing::debug!("looking it up");
            db.find(event.payload.id).await
        }
    }
    event => handler(event, &Db::new()).await;
    {"id": 1}, {"id": 9}
}

/// Dependencies behind one reference, with a method for each.
struct Deps<R> {
    repository: R,
    clock: fn() -> u64,
}

impl<R: Repository> Deps<R> {
    async fn load(&self, id: u64) -> Option<(String, u64)> {
        Some((self.repository.get(id)?, (self.clock)()))
    }
}

twins! {
    dependencies;
    event Query { id: u64, }
    {
        async fn handler<R: Repository>(deps: &Deps<R>, event: LambdaEvent<Query>) -> Result<(String, u64), Error> {
            let loads = [deps.load(event.payload.id), deps.load(1)];
            let mut found = Vec::new();
            for load in loads {
                found.extend(load.await);
            }
            found.pop().ok_or("nothing found".into())
        }
    }
    event => handler(&Deps { repository: Db::new(), clock: || 7 }, event).await;
    {"id": 1}, {"id": 9}
}

twins! {
    context_used;
    event Query { id: u64, }
    {
        async fn handler(event: LambdaEvent<Query>) -> Result<bool, Error> {
            let Context { deadline, .. } = event.context;
            let left = deadline.saturating_sub(1_000);
            Ok(left > event.payload.id)
        }
    }
    event => handler(event).await;
    {"id": 1}
}
