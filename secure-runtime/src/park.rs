//! When a thread's stack and registers are wiped: as it is about to wait, with as little as can be still on the stack.
//!
//! The loop could wipe its own thread after each answer, and does where it has to. But what it can wipe is what lies below its
//! own frame, and on a single thread it isn't alone: tokio polls spawned tasks from the frame that polls the loop, too, so that
//! they leave their bytes where the loop's own frames come to lie. Only the hook that tokio calls before the thread waits
//! is called with none of them on the stack. So the loop lets the thread come to rest before it asks for the next event.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    io,
    task::{Poll, Waker},
    time::Duration,
};

use tokio::{runtime::Handle, task::yield_now, time::timeout};

use crate::scrub::{wipe_thread, wipe_thread_or_say};

/// How long the loop waits for other tasks to let the thread come to rest.
const PATIENCE: Duration = Duration::from_millis(20);

/// A thread that is a runtime's only one.
#[derive(Default)]
struct Alone {
    /// Whether it has come to rest before, so that it will again.
    rests: Cell<bool>,
    /// How many invocations have begun and not ended.
    running: Cell<usize>,
    /// Whether nothing can have run since the last wipe but the loop, which touches nothing.
    clean: Cell<bool>,
    /// The loop, while it waits for the thread to be wiped.
    waiting: RefCell<Option<Waker>>,
}

thread_local! {
    static ALONE: Alone = Alone::default();
}

/// What a runtime's worker does before it waits for work: suspended tasks lie on the heap, so nothing of theirs is on a stack. And
/// what every thread does as it begins, with the registers of the thread that made it, and as it ends.
pub fn rest() {
    #[cfg(not(ablate = "park"))]
    wipe_thread_or_say();
}

/// What a runtime's only thread does before it waits: nothing while an invocation runs, which would only use it again.
pub fn alone() {
    let (wipes, waiting) = ALONE.with(|alone| {
        alone.rests.set(true);
        let waiting = alone.waiting.take();
        let tasks = Handle::try_current().is_ok_and(|runtime| runtime.metrics().num_alive_tasks() > 0);
        let wipes = waiting.is_some() || alone.running.get() == 0 && (tasks || !alone.clean.get());
        if wipes {
            alone.clean.set(!tasks);
        }
        (wipes, waiting)
    });
    if wipes && cfg!(not(ablate = "park")) {
        wipe_thread_or_say();
    }
    if let Some(waiting) = waiting {
        waiting.wake();
    }
}

/// An invocation, from its event's arrival until all of it that isn't on a stack has been wiped.
pub(crate) struct Running(());

impl Running {
    pub(crate) fn begin() -> Self {
        ALONE.with(|alone| alone.running.set(alone.running.get() + 1));
        Self(())
    }
}

impl Drop for Running {
    /// It may end on another thread than it began on, but not when there is only one.
    fn drop(&mut self) {
        // A thread that is shutting down waits for nothing any more.
        let _ = ALONE.try_with(|alone| {
            alone.running.set(alone.running.get().saturating_sub(1));
            alone.clean.set(false);
        });
    }
}

/// Wipes this thread, or waits until it has come to rest and been wiped where it is a runtime's only one and runs one
/// invocation at a time. Others than that go on in their next poll, in a new frame.
///
/// # Errors
/// As [`wipe_thread`].
pub(crate) async fn wipe(one_at_a_time: bool) -> io::Result<()> {
    if one_at_a_time && ALONE.with(|alone| alone.rests.get()) {
        let mut asked = false;
        let wiped = poll_fn(|task| {
            ALONE.with(|alone| {
                let mut waiting = alone.waiting.borrow_mut();
                if asked && waiting.is_none() {
                    return Poll::Ready(());
                }
                asked = true;
                *waiting = Some(task.waker().clone());
                Poll::Pending
            })
        });
        if timeout(PATIENCE, wiped).await.is_ok() {
            return Ok(());
        }
    }
    wipe_thread()?;
    if !one_at_a_time {
        yield_now().await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        rc::Rc,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
    };

    use tokio::{runtime::Builder, task::LocalSet, time::sleep};

    use super::*;

    /// Runs it as `#[secure_runtime::main]` does.
    fn on_one_thread(future: impl Future) {
        Builder::new_current_thread().enable_all().on_thread_park(alone).build().unwrap().block_on(future);
    }

    #[test]
    fn the_loop_waits_until_nothing_else_is_on_the_stack() {
        on_one_thread(async {
            sleep(Duration::from_millis(1)).await;
            let has_run = Arc::new(AtomicBool::new(false));
            let runs = Arc::clone(&has_run);
            tokio::spawn(async move { runs.store(true, Ordering::SeqCst) });
            wipe(true).await.unwrap();
            assert!(has_run.load(Ordering::SeqCst), "what is ready runs before the thread rests");
        });
    }

    #[test]
    fn it_does_not_wait_for_ever_nor_where_others_must_not_wait() {
        let ends = Rc::new(Cell::new(false));
        let restless = {
            let ends = Rc::clone(&ends);
            async move {
                while !ends.get() {
                    yield_now().await;
                }
            }
        };
        let local = LocalSet::new();
        local.spawn_local(restless);
        on_one_thread(local.run_until(async {
            wipe(false).await.unwrap();
            wipe(true).await.unwrap();
            ends.set(true);
        }));
    }

    #[test]
    fn without_the_hook_the_thread_is_wiped_at_once() {
        Builder::new_current_thread().build().unwrap().block_on(wipe(true)).unwrap();
    }

    #[test]
    fn an_idle_thread_is_wiped_once_and_a_running_invocation_not_at_all() {
        let clean = || ALONE.with(|alone| alone.clean.get());
        assert!(!clean());
        alone();
        assert!(clean());
        let running = Running::begin();
        drop(Running::begin());
        alone();
        assert!(!clean(), "one of two still runs");
        drop(running);
        alone();
        assert!(clean());
    }
}
