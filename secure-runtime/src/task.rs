//! Work on the blocking pool that leaves nothing on its thread.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    thread,
};

use tokio::task::JoinError;

use crate::{
    scope::{self, Invocation},
    scrub,
};

/// `tokio::task::spawn_blocking`, for closures that handle what was declassified.
///
/// A thread of the blocking pool outlives the invocation, and what a closure left on its stack and in its vector registers
/// with it. This wipes both when the closure returns or panics, and moves its result on the heap, where what is left of it
/// is wiped when it is freed. The closure belongs to the invocation that spawned it: its panics are logged with the request
/// id.
///
/// For secrets themselves there is [`Secret::expose_blocking`](crate::Secret::expose_blocking).
///
/// ```
/// use secure_runtime::prelude::*;
///
/// fn render(name: &str) -> Vec<u8> {
///     name.to_uppercase().into_bytes()
/// }
///
/// #[secure_event]
/// struct Certificate {
///     #[public]
///     name: String,
/// }
///
/// #[secure_handler]
/// async fn certificate(event: LambdaEvent<Certificate>) -> Result<usize, Error> {
///     let name = event.payload.name;
///     let document = secure_runtime::task::spawn_blocking(move || render(&name)).await?;
///     Ok(document.len())
/// }
/// ```
///
/// # Panics
/// When called outside of a tokio runtime.
pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let f = Box::new(f);
    let scope = scope::current();
    // A thread may have to be made, and what is kept of it stays when the invocation has ended.
    scrub::wipe_below();
    let inner = tokio::task::spawn_blocking(move || {
        let ended = run(f, scope);
        #[cfg(not(ablate = "blocking"))]
        scrub::wipe_thread_or_say();
        ended.unwrap_or_else(|panic| resume_unwind(panic))
    });
    JoinHandle { inner }
}

/// Runs the closure in frames that are gone when it has returned or panicked. Its result is handed out on the heap: it must
/// not pass through the caller's frame.
#[inline(never)]
fn run<F: FnOnce() -> R, R>(f: Box<F>, scope: Option<Arc<Invocation>>) -> thread::Result<Box<R>> {
    let _inside = scope.map(scope::enter);
    catch_unwind(AssertUnwindSafe(|| Box::new(f())))
}

/// Waits for what [`spawn_blocking`] runs. Dropping it lets the closure run on.
pub struct JoinHandle<R> {
    inner: tokio::task::JoinHandle<Box<R>>,
}

impl<R> JoinHandle<R> {
    /// Keeps the closure from being run if it has not begun yet.
    pub fn abort(&self) {
        self.inner.abort();
    }

    /// Whether the closure has returned, has panicked or was aborted.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.inner.is_finished()
    }
}

impl<R> fmt::Debug for JoinHandle<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").field("is_finished", &self.is_finished()).finish_non_exhaustive()
    }
}

/// The closure's result, or how it ended otherwise.
impl<R> Future for JoinHandle<R> {
    type Output = Result<R, JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(ready!(Pin::new(&mut self.inner).poll(context)).map(|result| *result))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_gives_the_closures_result_or_its_panic() {
        assert_eq!(spawn_blocking(|| "result".to_owned()).await.unwrap(), "result");
        let panicked = spawn_blocking(|| -> u8 { panic!("on purpose") }).await.unwrap_err();
        assert_eq!(*panicked.into_panic().downcast::<&str>().unwrap(), "on purpose");
    }

    #[tokio::test]
    async fn the_closure_belongs_to_the_invocation_that_spawned_it() {
        let handle = {
            let _inside = scope::enter(scope::Invocation::new("r-1"));
            spawn_blocking(|| scope::current().map(|invocation| invocation.request_id.clone()))
        };
        assert_eq!(handle.await.unwrap().as_deref(), Some("r-1"));
    }

    #[tokio::test]
    async fn it_can_be_aborted_like_tokios() {
        let handle = spawn_blocking(|| ());
        while !handle.is_finished() {
            tokio::task::yield_now().await;
        }
        handle.abort();
        handle.await.unwrap();
    }
}
