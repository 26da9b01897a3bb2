//! What comes before the first event: what must hold, and `SnapStart`.

use std::{env, future::poll_fn, pin::pin, sync::Arc, task::Poll, thread, time::Duration};

use tokio::sync::oneshot;

use super::{
    arrival::Arrivals,
    connection::Connection,
    endpoint::Endpoint,
    protocol::Post,
    worker::{TraceId, Worker},
};
#[cfg(unix)]
use crate::tmp;
use crate::{
    Error,
    error::report,
    harden,
    panic::{self, Cover},
    scrub::{Buffer, wipe_thread},
};

/// How long the API may take to acknowledge that the function can't be started. Lambda does at once; cargo-lambda only while
/// an invocation waits, and until then nobody would learn why the function says nothing.
const PATIENCE: Duration = Duration::from_secs(2);

/// What an environment needs to run events.
#[derive(Debug, Clone)]
pub(super) struct Start {
    endpoint: Arc<Endpoint>,
    arrivals: Arrivals,
}

impl Start {
    /// Reads the environment, and refuses to start where no answer could be promised.
    pub(super) async fn new() -> Result<Self, Error> {
        let start = Self { arrivals: Arrivals::from_env()?, endpoint: Arc::new(Endpoint::from_env()?) };
        panic::install_hook(Cover::Invocations);
        harden::started();
        let wiped = wipe_thread().map_err(|error| format!("the stack of this thread can't be wiped: {error}").into());
        if let Err(refusal) = panic::ensure_unwinding(cfg!(panic = "unwind")).and(wiped) {
            return Err(start.report(refusal).await);
        }
        #[cfg(unix)]
        tmp::swept::first();
        if env::var("AWS_LAMBDA_INITIALIZATION_TYPE").as_deref() == Ok("snap-start") {
            start.restore().await?;
        }
        Ok(start)
    }

    pub(super) fn worker(self, trace_id: TraceId) -> Worker {
        Worker::new(self.endpoint, self.arrivals, trace_id)
    }

    /// Says that the function is ready for its snapshot, and waits until it has been restored from one: the answer comes
    /// then. The connection did not survive that, so the workers open their own.
    async fn restore(&self) -> Result<(), Error> {
        let mut inbox = Buffer::default();
        let mut connection = Connection::new(Arc::clone(&self.endpoint));
        let refusal = match connection.get(&self.endpoint.get("/restore/next"), &mut inbox).await {
            Ok(message) if message.is_success() => return Ok(()),
            Ok(message) => format!("/restore/next returned a non-success status: {}", message.status).into(),
            Err(error) => error.into(),
        };
        Err(self.report(refusal).await)
    }

    /// Tells the API that the function can't be started, and gives the reason back. The API is told none: who invoked the
    /// function reads what it is told.
    async fn report(&self, refusal: Error) -> Error {
        const BODY: &[u8] = br#"{"errorType":"init_error","errorMessage":"The function could not be started."}"#;
        let mut outbox = Buffer::default();
        let target = [self.endpoint.base(), "/init/error"];
        let header = ("lambda-runtime-function-error-type", "Runtime.InitError");
        let post = Post::begin(&mut outbox, &target, self.endpoint.lines(), [header]);
        outbox.push(BODY);
        post.finish(&mut outbox);
        let mut connection = Connection::new(Arc::clone(&self.endpoint));
        match within(PATIENCE, connection.post(&mut outbox)).await {
            Some(Ok(_)) => {}
            Some(Err(error)) => report::unsent("", &error),
            None => report::unsent("", &format_args!("no answer within {PATIENCE:?}")),
        }
        refusal
    }
}

/// `None`: it took longer. The time is a thread's, because a program may have a runtime without timers.
async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    let (over, is_over) = oneshot::channel::<()>();
    // Without a thread, the limit is over at once.
    let _ = thread::Builder::new().spawn(move || {
        thread::sleep(limit);
        drop(over);
    });
    let (mut work, mut is_over) = (pin!(work), pin!(is_over));
    poll_fn(|task| match work.as_mut().poll(task) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => is_over.as_mut().poll(task).map(|_| None),
    })
    .await
}
