//! The ways to look at a secret: verdicts, and the one that gives its reason.

use std::future::Future;

use zeroize::Zeroize;

use super::{Public, Secret};
use crate::task;

impl<T: Zeroize> Secret<'_, T> {
    /// Lends the value to `f` and gives back its verdict.
    ///
    /// `f` is an [`Fn`], so that nothing outside can be filled, and its result is [`Public`], so that nothing can be
    /// carried out.
    ///
    /// ```
    /// # use secure_runtime::prelude::*;
    /// # #[secure_event] struct Event<'inv> { password: Secret<'inv, String> }
    /// # #[secure_handler] async fn handler(event: LambdaEvent<Event<'_>>) -> Result<bool, Error> {
    /// let long_enough = event.payload.password.expose(|password| password.len() >= 12);
    /// # Ok(long_enough) }
    /// ```
    ///
    /// # Panics
    /// When `f` panics. The secret is wiped all the same.
    pub fn expose<R: Public>(&self, f: impl Fn(&T) -> R) -> R {
        f(&self.value)
    }

    /// [`expose`](Self::expose) for work that awaits.
    ///
    /// ```
    /// # use secure_runtime::prelude::*;
    /// # struct Directory;
    /// # impl Directory { async fn knows(&self, token: &str) -> bool { token == "known" } }
    /// # #[secure_event] struct Event<'inv> { token: Secret<'inv, String> }
    /// # #[secure_handler]
    /// # async fn handler(event: LambdaEvent<Event<'_>>, directory: &Directory) -> Result<bool, Error> {
    /// let known = event.payload.token.expose_async(async |token| directory.knows(token).await).await;
    /// # Ok(known) }
    /// ```
    ///
    /// The bound reads twice what it means once: [`AsyncFn`] keeps `f` from filling a captured `&mut`, and `FnOnce` is how
    /// it is called, so that the handler's future stays `Send` and `async move` closures may own what they capture.
    pub fn expose_async<'s, R, F, Fut>(&'s self, f: F) -> Fut
    where
        R: Public,
        F: FnOnce(&'s T) -> Fut + AsyncFn(&'s T) -> R,
        Fut: Future<Output = R>,
    {
        f(&self.value)
    }

    /// [`expose`](Self::expose) on the blocking pool: for work that takes the processor for long, like a password hash.
    ///
    /// `tokio::task::spawn_blocking` can't take a secret, because its thread outlives the invocation. This gives `f` a copy
    /// of its own there, which is wiped when `f` returns or panics. Dropping the future does not stop a closure that has
    /// begun; its copy is wiped when it ends.
    ///
    /// ```
    /// # use secure_runtime::prelude::*;
    /// # fn slow_hash_matches(password: &str, hash: &str) -> bool { password == hash }
    /// # #[secure_event] struct Event<'inv> { password: Secret<'inv, String> }
    /// # #[secure_handler]
    /// # async fn handler(event: LambdaEvent<Event<'_>>, hash: &str) -> Result<bool, Error> {
    /// let hash = hash.to_owned();
    /// let right = event.payload.password.expose_blocking(move |password| slow_hash_matches(password, &hash)).await;
    /// # Ok(right) }
    /// ```
    ///
    /// # Panics
    /// When called outside of a tokio runtime, when `f` panics, and when the runtime shuts down before `f` has begun.
    pub fn expose_blocking<R, F>(&self, f: F) -> impl Future<Output = R> + Send + use<R, F, T>
    where
        T: Clone + Send + 'static,
        R: Public + Send + 'static,
        F: Fn(&T) -> R + Send + 'static,
    {
        let copy = Secret::<'static, T>::brand(T::clone(&self.value));
        let task = task::spawn_blocking(move || f(&copy.value));
        async move {
            match task.await {
                Ok(verdict) => verdict,
                Err(stopped) => match stopped.try_into_panic() {
                    Ok(payload) => std::panic::resume_unwind(payload),
                    Err(cancelled) => panic!("the runtime shut down before the closure had begun: {cancelled}"),
                },
            }
        }
    }

    /// The one way out: gives back whatever `f` makes of the value.
    ///
    /// `reason` says why that may be known; it is what a reviewer greps for.
    ///
    /// ```
    /// # use secure_runtime::prelude::*;
    /// # #[secure_event] struct Event<'inv> { card_number: Secret<'inv, String> }
    /// # #[secure_handler] async fn handler(event: LambdaEvent<Event<'_>>) -> Result<String, Error> {
    /// let card = event.payload.card_number;
    /// let last_four = card.declassify("receipts show the last four digits", |number| {
    ///     number.chars().skip(number.len().saturating_sub(4)).collect::<String>()
    /// });
    /// # Ok(last_four) }
    /// ```
    ///
    /// Source: [CWE-200](https://cwe.mitre.org/data/definitions/200.html), exposure of sensitive information.
    pub fn declassify<R>(&self, reason: &'static str, f: impl FnOnce(&T) -> R) -> R {
        let _ = reason;
        f(&self.value)
    }

    /// [`declassify`](Self::declassify) for work that awaits.
    ///
    /// ```
    /// # use secure_runtime::prelude::*;
    /// # struct Bank;
    /// # impl Bank { async fn charge(&self, card: &str) -> u64 { card.len() as u64 } }
    /// # #[secure_event] struct Event<'inv> { card_number: Secret<'inv, String> }
    /// # #[secure_handler]
    /// # async fn handler(event: LambdaEvent<Event<'_>>, bank: &Bank) -> Result<u64, Error> {
    /// let card = event.payload.card_number;
    /// let receipt = card.declassify_async("the receipt's number is public", async |card| bank.charge(card).await).await;
    /// # Ok(receipt) }
    /// ```
    pub fn declassify_async<'s, R, F, Fut>(&'s self, reason: &'static str, f: F) -> Fut
    where
        F: FnOnce(&'s T) -> Fut,
        Fut: Future<Output = R>,
    {
        let _ = reason;
        f(&self.value)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use super::*;

    /// Counts, over all its clones, how often one is zeroized.
    #[derive(Clone)]
    struct Counted(Arc<AtomicU32>);

    impl Zeroize for Counted {
        fn zeroize(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn sendable<T: Send>(value: T) -> T {
        value
    }

    #[tokio::test]
    async fn an_async_closure_may_borrow_or_own_and_stays_send() {
        let secret = Secret::brand(String::from("abc"));
        let borrowed = String::from("abc");
        assert!(sendable(secret.expose_async(async |s| *s == borrowed)).await);
        let owned = String::from("abc");
        assert!(
            sendable(secret.expose_async(async move |s: &String| {
                tokio::task::yield_now().await;
                *s == owned
            }))
            .await
        );
    }

    #[tokio::test]
    async fn expose_blocking_runs_elsewhere_on_a_copy_that_it_zeroizes() {
        let count = Arc::new(AtomicU32::new(0));
        let secret = Secret::brand(Counted(Arc::clone(&count)));
        let here = std::thread::current().id();
        assert!(secret.expose_blocking(move |_| std::thread::current().id() != here).await);
        assert_eq!(count.load(Ordering::SeqCst), 1, "the copy");
        drop(secret);
        assert_eq!(count.load(Ordering::SeqCst), 2, "and the secret itself");
    }

    #[tokio::test]
    async fn a_panic_on_the_blocking_pool_arrives_and_the_copy_is_zeroized() {
        let count = Arc::new(AtomicU32::new(0));
        let secret = Secret::brand(Counted(Arc::clone(&count)));
        let verdict = secret.expose_blocking(|_| -> bool { panic!("on purpose") });
        let joined = tokio::spawn(verdict).await;
        assert_eq!(*joined.unwrap_err().into_panic().downcast::<&str>().unwrap(), "on purpose");
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn declassify_gives_anything() {
        let secret = Secret::brand(String::from("4111111111111111"));
        assert_eq!(secret.declassify("the test looks at it", |s| s[12..].to_owned()), "1111");
        assert_eq!(secret.declassify_async("the test looks at it", async |s| s.len()).await, 16);
    }
}
