//! A program that is no Lambda function: `secured_functions COMPUTATION FORM SALT`. A thread computes in a function of this form, and
//! goes to sleep.

use std::{
    env,
    future::Future,
    hint::black_box,
    panic::catch_unwind,
    pin::pin,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use secure_runtime::{WipingAlloc, secure_fn};
use secure_tests::derived::Computation;

#[global_allocator]
static GLOBAL: WipingAlloc = WipingAlloc::new(std::alloc::System);

/// Says nothing while it computes, which would be seen.
static DONE: AtomicBool = AtomicBool::new(false);

fn plain(what: Computation, salt: u64) -> bool {
    what.run(salt)
}

#[secure_fn]
fn returns(what: Computation, salt: u64) -> bool {
    what.run(salt)
}

#[secure_fn]
fn panics(what: Computation, salt: u64) -> bool {
    assert!(!what.run(salt), "on purpose");
    false
}

#[secure_fn]
fn nests(what: Computation, salt: u64) -> bool {
    returns(what, salt) && what.run(salt) && returns(what, salt)
}

#[secure_fn]
fn generic<C: Into<Computation>, const SALT: u64>(what: C) -> bool {
    what.into().run(SALT)
}

struct Computer(Computation);

impl Computer {
    #[secure_fn]
    fn computes(&self, salt: u64) -> bool {
        self.0.run(salt)
    }
}

/// Holds what it needs again while it waits.
#[secure_fn]
async fn waits(what: Computation, salt: u64) -> bool {
    let secrets = what.secrets(salt);
    let done = what.run(salt);
    tokio::task::yield_now().await;
    done && black_box(secrets).len() > 1
}

#[secure_fn]
async fn never_ends(what: Computation, salt: u64) -> bool {
    let secrets = what.secrets(salt);
    let done = what.run(salt);
    std::future::pending::<()>().await;
    done && black_box(secrets).len() > 1
}

fn poll<F: Future>(times: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..times {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Some(output);
        }
    }
    None
}

fn run(form: &str, what: Computation, salt: u64) -> bool {
    match form {
        "plain" => plain(what, salt),
        "returns" => returns(what, salt),
        "panics" => catch_unwind(|| panics(what, salt)).is_err(),
        "nests" => nests(what, salt),
        "generic" => generic::<_, 3>(what),
        "method" => Computer(what).computes(salt),
        "waits" => poll(3, waits(what, salt)) == Some(true),
        "cancelled" => poll(3, never_ends(what, salt)).is_none(),
        _ => false,
    }
}

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    let args: Vec<String> = env::args().skip(1).collect();
    let [what, form, salt] = &args[..] else { return ExitCode::FAILURE };
    let (Some(what), Ok(salt)) = (Computation::named(what), salt.parse()) else { return ExitCode::FAILURE };
    let form = form.clone();
    thread::spawn(move || {
        let went_well = run(&form, what, salt);
        DONE.store(went_well, Ordering::SeqCst);
        loop {
            thread::park();
        }
    });
    for _ in 0..3_000 {
        if DONE.load(Ordering::SeqCst) {
            println!("done");
            thread::sleep(Duration::from_secs(60));
        }
        thread::sleep(Duration::from_millis(10));
    }
    ExitCode::FAILURE
}
