//! Every signature that a handler can have: it compiles, runs and gives the handler's own answer.
#![allow(
    clippy::multiple_bound_locations,
    clippy::needless_return,
    clippy::unused_async,
    clippy::needless_pass_by_value,
    reason = "handlers are async, and signatures are the point"
)]

use std::{fmt, future::Future, sync::Arc};

use secure_runtime::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

type Ev<'a> = LambdaEvent<Login<'a>>;
type Answer<T> = Result<T, LoginError>;

#[secure_event]
#[derive(Debug)]
struct Login<'inv> {
    #[public]
    user: String,
    password: Secret<'inv, String>,
}

#[secure_event]
struct Ping {
    #[public]
    count: u32,
}

#[derive(Debug, thiserror::Error, OpaqueError)]
enum LoginError {
    #[error("no such user {0}")]
    #[opaque(code = "unknown_user", status = 401, message = "User or password is wrong.", poison)]
    UnknownUser(String),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

struct Db {
    name: String,
}

impl Db {
    async fn find(&self, user: &str) -> Result<usize, std::io::Error> {
        tokio::task::yield_now().await;
        if user == "io" { Err(std::io::Error::other("disk")) } else { Ok(user.len() + self.name.len()) }
    }
}

trait Store: Sync {
    fn len(&self) -> usize;
}

impl Store for Db {
    fn len(&self) -> usize {
        self.name.len()
    }
}

fn db() -> Db {
    Db { name: "db".into() }
}

fn event(payload: Value) -> LambdaEvent<RawPayload> {
    let mut context = Context::default();
    context.request_id = "r-1".into();
    LambdaEvent::new(RawPayload::from(payload), context)
}

fn ada() -> LambdaEvent<RawPayload> {
    event(json!({"user": "ada", "password": "hunter2hunter2"}))
}

fn sendable<T: Send>(value: T) -> T {
    value
}

fn spawnable<T: Send + 'static>(value: T) -> T {
    value
}

/// What `lambda_runtime::run` and `secure_runtime::run` ask of a service.
fn runs<F, Fut, R, E>(_: F)
where
    F: Fn(LambdaEvent<RawPayload>) -> Fut,
    Fut: Future<Output = Result<R, E>>,
    R: Serialize,
    E: Into<secure_runtime::Diagnostic> + fmt::Debug,
{
}

#[secure_handler]
async fn event_only(event: LambdaEvent<Login<'_>>) -> Result<usize, LoginError> {
    Ok(event.payload.user.len())
}

#[secure_handler]
async fn state_first(db: &Db, event: LambdaEvent<Login<'_>>) -> Result<usize, LoginError> {
    Ok(db.find(&event.payload.user).await?)
}

#[secure_handler]
async fn state_last(event: LambdaEvent<Login<'_>>, db: &Db) -> Result<usize, LoginError> {
    let Login { user, password } = event.payload;
    if password.expose(String::is_empty) {
        return Err(LoginError::UnknownUser(user));
    }
    Ok(db.find(&user).await?)
}

#[secure_handler]
async fn by_value(event: LambdaEvent<Login<'_>>, db: Arc<Db>, table: String) -> Result<usize, LoginError> {
    Ok(event.payload.user.len() + db.name.len() + table.len())
}

#[secure_handler]
async fn dynamic(store: &dyn Store, event: LambdaEvent<Login<'_>>) -> Result<usize, LoginError> {
    tokio::task::yield_now().await;
    Ok(store.len() + event.payload.user.len())
}

#[secure_handler]
async fn generic<T: Store + ?Sized, const N: usize>(
    store: &T,
    event: LambdaEvent<Login<'_>>,
) -> Result<usize, LoginError>
where
    T: Sync,
{
    Ok(store.len() + event.payload.user.len() + N)
}

#[secure_handler]
async fn only_in_the_body<T: Default + Serialize>(_: LambdaEvent<Ping>) -> Result<T, Error> {
    Ok(T::default())
}

#[secure_handler]
async fn impl_trait_argument(store: &impl Store, event: LambdaEvent<Login<'_>>) -> Result<usize, LoginError> {
    Ok(store.len() + event.payload.user.len())
}

#[secure_handler]
async fn impl_trait_result(event: LambdaEvent<Login<'_>>) -> Result<impl Serialize, LoginError> {
    Ok(json!({"user": event.payload.user}))
}

#[secure_handler]
async fn impl_trait_everywhere<'a, S: Store>(
    db: &'a Db,
    store: &S,
    other: &impl Store,
    event: LambdaEvent<Login<'_>>,
    more: impl Store,
) -> Result<impl Serialize, LoginError> {
    Ok((db.name.clone(), store.len() + other.len() + more.len(), event.payload.user))
}

#[secure_handler]
async fn impl_trait_that_borrows_state(db: &Db, event: LambdaEvent<Login<'_>>) -> Result<impl Serialize, LoginError> {
    Ok((&db.name, event.payload.user))
}

#[secure_handler]
async fn answer_that_borrows_state<'a>(db: &'a Db, event: LambdaEvent<Login<'_>>) -> Result<&'a str, LoginError> {
    drop(event);
    Ok(&db.name)
}

#[secure_handler]
async fn answer_with_an_elided_borrow(db: &Db, _: LambdaEvent<Ping>) -> Result<&str, LoginError> {
    Ok(&db.name)
}

#[secure_handler]
async fn behind_an_alias(event: Ev<'_>, db: &Db) -> Answer<usize> {
    Ok(event.payload.user.len() + db.name.len())
}

#[secure_handler]
async fn alone_behind_an_alias(ping: PingEvent) -> Answer<u32> {
    Ok(ping.payload.count)
}
type PingEvent = LambdaEvent<Ping>;

#[secure_handler]
async fn named_lifetime<'a>(event: LambdaEvent<Login<'a>>, db: &Db) -> Result<usize, LoginError> {
    let password: Secret<'a, String> = event.payload.password;
    Ok(usize::from(password.expose(|p| p.len() > 3)) + db.name.len())
}

#[secure_handler]
async fn shared_lifetime<'a>(event: LambdaEvent<Login<'a>>, db: &'a Db) -> Result<usize, LoginError> {
    Ok(event.payload.user.len() + db.name.len())
}

#[secure_handler]
async fn destructured(
    LambdaEvent { payload, context }: LambdaEvent<Login<'_>>,
    (a, b): (u8, u8),
) -> Result<String, Error> {
    Ok(format!("{} {} {}", payload.user, context.request_id, a + b))
}

#[secure_handler]
async fn mutable(mut event: LambdaEvent<Login<'_>>, mut total: usize) -> Result<usize, Error> {
    event.payload.user.push('!');
    total += event.payload.user.len();
    Ok(total)
}

#[secure_handler]
async fn ignored(_: LambdaEvent<Login<'_>>, _: &Db, _unused: u8) -> Result<(), Error> {
    Ok(())
}

#[secure_handler]
async fn nothing_is_read(_event: LambdaEvent<serde::de::IgnoredAny>) -> Result<(), std::convert::Infallible> {
    Ok(())
}

#[secure_handler]
async fn foreign_event(event: LambdaEvent<PublicEvent<Value>>) -> Result<Value, Error> {
    Ok(event.payload["records"].clone())
}

#[secure_handler]
async fn whole_payload_secret(event: LambdaEvent<Secret<'_, String>>) -> Result<bool, Error> {
    Ok(event.payload.expose(|text| text == "hush"))
}

#[secure_handler]
async fn not_send(event: LambdaEvent<Login<'_>>) -> Result<usize, LoginError> {
    let shared = std::rc::Rc::new(event.payload.user);
    tokio::task::yield_now().await;
    Ok(shared.len())
}

#[secure_handler]
async fn not_send_error(event: LambdaEvent<Login<'_>>) -> Result<usize, Box<dyn std::error::Error>> {
    tokio::task::yield_now().await;
    if event.payload.user.is_empty() {
        return Err(Box::from("empty"));
    }
    Ok(event.payload.user.parse::<usize>().map_err(Box::new)?)
}

#[secure_handler]
#[tracing::instrument(skip_all, fields(user = %event.payload.user))]
async fn instrumented_below(event: LambdaEvent<Login<'_>>) -> Result<usize, LoginError> {
    Ok(event.payload.user.len())
}

#[tracing::instrument(skip_all, fields(name = %db.name))]
#[secure_handler]
async fn instrumented_above(db: &Db, event: LambdaEvent<Login<'_>>) -> Result<usize, LoginError> {
    #[secret]
    let key = String::from("k");
    tokio::task::yield_now().await;
    Ok(db.find(&event.payload.user).await? + usize::from(key.expose(|k| k == "k")))
}

/// Documented.
#[secure_handler]
#[allow(clippy::too_many_arguments)]
#[cfg(not(windows))]
#[cfg_attr(all(), allow(clippy::too_many_lines))]
pub(crate) async fn attributes(event: LambdaEvent<Login<'_>>) -> Result<usize, LoginError> {
    Ok(event.payload.user.len())
}

#[secure_handler]
async fn secrets(event: LambdaEvent<Login<'_>>, db: &Db) -> Result<bool, Error> {
    #[secret]
    let mut key: String = db.name.repeat(2);
    key = key.map(|key| format!("{key}!"));
    #[secret]
    let (Some(first), None) = (Some(String::from("a")), None::<u8>) else { return Err("no".into()) };
    #[secret]
    let parsed = "7".parse::<u32>()?;
    let closure = || {
        #[secret]
        let inside = [1u8; 4];
        inside.expose(|bytes| bytes.len() == 4)
    };
    let both = key.zip(first);
    let checked = both.expose_async(async |(key, first)| key == "dbdb!" && db.find(first).await.is_ok()).await;
    let owned = String::from("hunter2hunter2");
    let right = event.payload.password.expose_async(async move |password| {
        tokio::task::yield_now().await;
        *password == owned
    });
    Ok(right.await && checked && closure() && parsed.expose(|n| *n == 7))
}

#[secure_handler]
async fn control_flow(event: LambdaEvent<Login<'_>>, db: &Db) -> Result<usize, Error> {
    const LIMIT: usize = 3;
    fn double(n: usize) -> usize {
        n * 2
    }
    let mut total = 0;
    'outer: for i in 0..10 {
        for j in 0..10 {
            if i * j > LIMIT {
                break 'outer;
            }
            if j > i {
                continue 'outer;
            }
            total += 1;
        }
    }
    let block = 'found: {
        if total > 100 {
            break 'found 0;
        }
        double(total)
    };
    let (a, b) = tokio::join!(db.find("a"), db.find("bb"));
    let first = tokio::select! {
        biased;
        found = db.find("ccc") => found?,
        () = std::future::pending() => unreachable!(),
    };
    let Some(letter) = event.payload.user.chars().next() else { return Err("empty".into()) };
    let inner = async { Ok::<_, Error>(a? + b?) }.await?;
    return match letter {
        'a' => Ok(block + first + inner),
        _ => Err(format!("not {letter}").into()),
    };
}

#[secure_handler]
async fn answer_inferred_by_into(event: LambdaEvent<Login<'_>>) -> Result<Option<String>, Error> {
    if event.payload.user.is_empty() {
        return Ok(None);
    }
    Ok(Some(event.payload.user.as_str().into()))
}

#[secure_handler]
async fn named_like_itself(named_like_itself: LambdaEvent<Login<'_>>) -> Result<usize, Error> {
    Ok(named_like_itself.payload.user.len())
}

#[secure_handler]
async fn names_that_differ_by_a_score(
    _db: &Db,
    db: &Db,
    _event: LambdaEvent<Login<'_>>,
    event: u8,
    context: u8,
    state_0: u8,
) -> Result<usize, Error> {
    Ok(db.name.len() + usize::from(event + context + state_0))
}

#[secure_handler]
async fn alias_without_a_lifetime(db: &Db, request: PingEvent, _table: String) -> Answer<u32> {
    Ok(request.payload.count + u32::try_from(db.name.len()).unwrap_or(0))
}

#[secure_handler]
async fn alias_taken_apart(PingEvent { payload, .. }: PingEvent, extra: Extra) -> Answer<u32> {
    Ok(payload.count + extra.0)
}

struct Extra(u32);

#[secure_handler]
async fn bounds_for_any_lifetime<T>(event: LambdaEvent<Login<'_>>, other: T) -> Result<T, Error>
where
    T: Clone + for<'x> PartialEq<&'x str>,
    for<'x> &'x T: fmt::Debug,
{
    let user = event.payload.user;
    if other == user.as_str() { Ok(other.clone()) } else { Err(format!("{:?}", &other).into()) }
}

#[secure_handler]
async fn bounds_in_parentheses(
    count: &(impl Fn(&str) -> usize + Sync),
    event: LambdaEvent<Login<'_>>,
) -> Result<impl Serialize, Error> {
    Ok(count(&event.payload.user))
}

#[secure_handler]
async fn conditional_parameter(
    #[cfg(any())] missing: Missing,
    #[allow(unused_variables)] version: u8,
    event: LambdaEvent<Login<'_>>,
) -> Result<usize, Error> {
    Ok(event.payload.user.len())
}

#[secure_handler]
async fn attribute_in_the_body(event: LambdaEvent<Login<'_>>) -> Result<usize, Error> {
    #![allow(unused_mut)]
    let mut user = event.payload.user;
    Ok(user.len())
}

struct Shop<T>(T);

impl<T: Clone + Serialize> Shop<T> {
    const LIMIT: usize = 7;

    fn doubled(n: usize) -> usize {
        n * 2
    }

    #[secure_handler]
    async fn of_its_impl(shop: &Self, event: LambdaEvent<Login<'_>>) -> Result<(T, usize), Error> {
        #[secret]
        let limit = Self::LIMIT;
        assert!(limit.expose(|limit| *limit == Self::LIMIT), "{}", Self::LIMIT);
        let Self(value) = shop;
        Ok((value.clone(), Self::doubled(event.payload.user.len())))
    }
}

impl Extra {
    #[secure_handler]
    async fn opaque_of_its_impl(extra: &Self, event: LambdaEvent<Login<'_>>) -> Result<impl Serialize, Error> {
        let _ = event;
        Ok(&extra.0)
    }
}

macro_rules! handler {
    ($vis:vis $name:ident, $event:ident: $ty:ty, $state:ident: $of:ty => $answer:ty, $reason:literal) => {
        #[secure_handler]
        $vis async fn $name($event: $ty, $state: $of) -> $answer {
            let Login { user, password } = $event.payload;
            #[secret]
            let own = String::from("hunter2");
            let shown = own.declassify($reason, |own| own.len());
            Ok((user + &$state, password.ct_eq(&own), shown))
        }
    };
}

handler! {
    pub(crate) made_by_a_macro, event: LambdaEvent<Login<'_>>, suffix: &str
        => Result<(String, bool, usize), Error>, "lengths are public here"
}

macro_rules! errors {
    ($name:ident { $($variant:ident($code:literal, $status:literal, $message:literal)),* }) => {
        #[derive(Debug, OpaqueError)]
        enum $name { $(#[opaque(code = $code, status = $status, message = $message)] $variant,)* }
    };
}

errors! { MadeError { Gone("gone", 410, "It is gone.") } }

macro_rules! with_arguments {
    ($name:ident, $allowed:ident, $reason:literal, $krate:path) => {
        #[secure_handler(allow_static($allowed, reason = $reason), crate = $krate)]
        async fn $name(event: LambdaEvent<Ping>) -> Result<u32, MadeError> {
            match event.payload.count {
                0 => Err(MadeError::Gone),
                _ => Ok($allowed.load(std::sync::atomic::Ordering::Relaxed)),
            }
        }
    };
}

static SERVED: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(3);

with_arguments! { made_with_arguments, SERVED, "a number and nothing else", ::secure_runtime }

mod nested {
    use super::{Login, LoginError};

    pub(super) struct Handlers;

    impl Handlers {
        #[secure_runtime::secure_handler]
        pub(super) async fn associated(event: secure_runtime::LambdaEvent<Login<'_>>) -> Result<usize, LoginError> {
            Ok(event.payload.user.len())
        }
    }
}

#[tokio::test]
async fn each_gives_the_handlers_own_answer() {
    let db = db();
    assert_eq!(event_only(ada()).await.unwrap(), 3);
    assert_eq!(state_first(&db, ada()).await.unwrap(), 5);
    assert_eq!(state_last(ada(), &db).await.unwrap(), 5);
    assert_eq!(by_value(ada(), Arc::new(self::db()), "t".into()).await.unwrap(), 6);
    assert_eq!(dynamic(&db, ada()).await.unwrap(), 5);
    assert_eq!(generic::<Db, 4>(&db, ada()).await.unwrap(), 9);
    assert_eq!(generic::<dyn Store, 4>(&db, ada()).await.unwrap(), 9);
    assert_eq!(only_in_the_body::<String>(event(json!({"count": 1}))).await.unwrap(), "");
    assert_eq!(impl_trait_argument(&db, ada()).await.unwrap(), 5);
    assert_eq!(json!(impl_trait_result(ada()).await.unwrap()), json!({"user": "ada"}));
    let everywhere = impl_trait_everywhere(&db, &db, &db, ada(), self::db()).await;
    assert_eq!(json!(everywhere.unwrap()), json!(["db", 6, "ada"]));
    assert_eq!(json!(impl_trait_that_borrows_state(&db, ada()).await.unwrap()), json!(["db", "ada"]));
    assert_eq!(answer_that_borrows_state(&db, ada()).await.unwrap(), "db");
    assert_eq!(answer_with_an_elided_borrow(&db, event(json!({"count": 1}))).await.unwrap(), "db");
    assert_eq!(behind_an_alias(ada(), &db).await.unwrap(), 5);
    assert_eq!(alone_behind_an_alias(event(json!({"count": 4}))).await.unwrap(), 4);
    assert_eq!(named_lifetime(ada(), &db).await.unwrap(), 3);
    assert_eq!(shared_lifetime(ada(), &db).await.unwrap(), 5);
    assert_eq!(destructured(ada(), (1, 2)).await.unwrap(), "ada r-1 3");
    assert_eq!(mutable(ada(), 1).await.unwrap(), 5);
    ignored(ada(), &db, 0).await.unwrap();
    nothing_is_read(event(json!([1, {"a": null}]))).await.unwrap();
    assert_eq!(foreign_event(event(json!({"records": [1]}))).await.unwrap(), json!([1]));
    assert!(whole_payload_secret(event(json!("hush"))).await.unwrap());
    assert_eq!(not_send(ada()).await.unwrap(), 3);
    assert_eq!(not_send_error(event(json!({"user": "42", "password": ""}))).await.unwrap(), 42);
    assert_eq!(instrumented_below(ada()).await.unwrap(), 3);
    assert_eq!(instrumented_above(&db, ada()).await.unwrap(), 6);
    assert_eq!(attributes(ada()).await.unwrap(), 3);
    assert!(secrets(ada(), &db).await.unwrap());
    assert_eq!(control_flow(ada(), &db).await.unwrap(), 2 * 5 + 5 + 7);
    assert_eq!(answer_inferred_by_into(ada()).await.unwrap().as_deref(), Some("ada"));
    assert_eq!(nested::Handlers::associated(ada()).await.unwrap(), 3);
}

#[tokio::test]
async fn names_and_places_are_the_users_own() {
    let db = db();
    let ping = |count| event(json!({"count": count}));
    assert_eq!(named_like_itself(ada()).await.unwrap(), 3);
    assert_eq!(names_that_differ_by_a_score(&db, &db, ada(), 1, 2, 3).await.unwrap(), db.name.len() + 6);
    assert_eq!(alias_without_a_lifetime(&db, ping(1), String::new()).await.unwrap() as usize, db.name.len() + 1);
    assert_eq!(alias_taken_apart(ping(1), Extra(2)).await.unwrap(), 3);
    assert_eq!(bounds_for_any_lifetime(ada(), "ada".to_owned()).await.unwrap(), "ada");
    let counted = bounds_in_parentheses(&str::len, ada()).await.unwrap();
    assert_eq!(serde_json::to_value(counted).unwrap(), 3);
    assert_eq!(conditional_parameter(1, ada()).await.unwrap(), 3);
    assert_eq!(attribute_in_the_body(ada()).await.unwrap(), 3);
    assert_eq!(Shop::of_its_impl(&Shop(1), ada()).await.unwrap(), (1, 6));
    let extra = Extra(1);
    assert_eq!(serde_json::to_value(Extra::opaque_of_its_impl(&extra, ada()).await.unwrap()).unwrap(), 1);
    let (user, same, length) = made_by_a_macro(ada(), "!").await.unwrap();
    assert_eq!((&*user, length), ("ada!", 7));
    let _ = same;
    assert_eq!(made_with_arguments(ping(1)).await.unwrap(), 3);
    assert_eq!(made_with_arguments(ping(0)).await.unwrap_err().code(), "gone");
}

#[tokio::test]
async fn each_error_is_opaque() {
    let unknown = state_last(event(json!({"user": "eve", "password": ""})), &db()).await.unwrap_err();
    assert_eq!(unknown.to_string(), "User or password is wrong. (request r-1)");
    assert_eq!((unknown.code(), unknown.status(), unknown.is_poison()), ("unknown_user", 401, true));
    let io = state_first(&db(), event(json!({"user": "io", "password": ""}))).await.unwrap_err();
    assert_eq!((io.code(), io.message()), ("internal_error", "The request could not be processed."));
    let boxed = not_send_error(ada()).await.unwrap_err();
    assert_eq!(boxed.code(), "internal_error");
    let shape = event_only(event(json!({"user": 7, "password": "hunter2hunter2"}))).await.unwrap_err();
    assert_eq!((shape.code(), shape.status()), ("invalid_input", 400));
    for failure in [unknown, io, boxed, shape] {
        let all = format!("{failure} {failure:?} {:?}", std::error::Error::source(&failure).map(ToString::to_string));
        assert!(!all.contains("eve") && !all.contains("disk") && !all.contains("hunter2"), "{all}");
    }
}

#[tokio::test]
async fn a_panic_is_an_internal_error() {
    #[secure_handler]
    async fn panics(event: LambdaEvent<Login<'_>>) -> Result<(), Error> {
        tokio::task::yield_now().await;
        event.payload.password.expose(|password| assert!(password.is_empty(), "bad password {password}"));
        Ok(())
    }
    let failure = panics(ada()).await.unwrap_err();
    assert_eq!(failure.code(), "internal_error");
    assert!(!format!("{failure:?} {failure}").contains("hunter2"));
}

#[test]
fn futures_are_send_where_the_body_is_and_static_without_borrowed_state() {
    let db = db();
    drop(spawnable(event_only(ada())));
    drop(spawnable(by_value(ada(), Arc::new(self::db()), String::new())));
    drop(spawnable(instrumented_below(ada())));
    drop(spawnable(impl_trait_result(ada())));
    drop(sendable(state_last(ada(), &db)));
    drop(sendable(state_first(&db, ada())));
    drop(sendable(dynamic(&db, ada())));
    drop(sendable(generic::<Db, 1>(&db, ada())));
    drop(sendable(secrets(ada(), &db)));
    drop(sendable(control_flow(ada(), &db)));
    drop(sendable(impl_trait_that_borrows_state(&db, ada())));
}

#[test]
fn each_form_of_registration_is_accepted() {
    let db = db();
    let arc = Arc::new(self::db());
    runs(event_only);
    runs(not_send);
    runs(|event| state_last(event, &db));
    runs(|event| state_first(&db, event));
    runs(|event| async { state_last(event, &db).await });
    runs(async |event| state_last(event, &db).await);
    runs(|event| impl_trait_that_borrows_state(&db, event));
    runs(move |event| {
        let arc = Arc::clone(&arc);
        async move { by_value(event, arc, String::new()).await }
    });
    // The loops themselves, typed and not run.
    let _ = || secure_runtime::run(service_fn(|event| state_last(event, &db)));
    let _ = || secure_runtime::run(service_fn(event_only));
    let _ = || secure_runtime::run(service_fn(not_send));
    let _ = || secure_runtime::run_concurrent(service_fn(event_only));
    let _ = || lambda_runtime::run(service_fn(|event| state_last(event, &db)));
    let _ = || lambda_runtime::run(service_fn(event_only));
    let _ = || lambda_runtime::run_concurrent(service_fn(event_only));
    let _ = || secure_runtime::run(service_fn(async |event: LambdaEvent<Value>| Ok::<_, Error>(event.payload)));
}
