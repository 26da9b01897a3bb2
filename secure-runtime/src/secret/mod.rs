//! Secrets that belong to one invocation.
#![allow(unsafe_code, reason = "values are moved between boxes, and wiped in bulk, without a copy left behind")]

mod bytes;
mod expose;
pub(crate) mod live;
mod public;
mod wipe;

use std::{
    fmt,
    marker::PhantomData,
    mem::{ManuallyDrop, MaybeUninit},
    ptr,
};

use serde::{Deserialize, Deserializer};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

pub(crate) use self::live::Fingerprint;
pub use self::public::{Public, Verdict};
use crate::scrub;

/// A value that belongs to the invocation `'inv`, and is wiped when it is dropped.
///
/// `'inv` is a brand: it is the lifetime of the one invocation that the secret came with, so a secret type-checks in no
/// static, no spawned task, no channel that outlives the handler, no response and no error. The value lies on the heap and
/// is [zeroized](Zeroize) on every way out: return, `?`, panic, cancellation.
///
/// There is no `Clone`, `Display`, `Serialize`, `Deref`, `AsRef`, `PartialEq` or `Hash`. [`Debug`](fmt::Debug) prints a
/// constant. What can be asked of a secret is a verdict ([`expose`](Self::expose)), and the one way out has to give its
/// reason ([`declassify`](Self::declassify)).
///
/// A secret arrives in a [`secure_event`](crate::secure_event), or is made in a handler by `#[secret] let`:
///
/// ```
/// use secure_runtime::prelude::*;
///
/// #[secure_event]
/// struct Payment<'inv> {
///     card_number: Secret<'inv, String>,
/// }
///
/// #[secure_handler]
/// async fn pay(event: LambdaEvent<Payment<'_>>) -> Result<bool, Error> {
///     #[secret]
///     let fingerprint_key = std::env::var("FINGERPRINT_KEY").unwrap_or_default();
///     let card = event.payload.card_number;
///     assert_eq!(format!("{card:?}"), "Secret([redacted])");
///     Ok(card.expose(|number| number.len() == 16) && fingerprint_key.expose(|key| !key.is_empty()))
/// }
/// ```
///
/// # What still gets through
///
/// Interior mutability that a closure captures, helpers that copy what they are lent, and verdicts that are asked for bit
/// by bit. Source: [CWE-200](https://cwe.mitre.org/data/definitions/200.html),
/// [CWE-226](https://cwe.mitre.org/data/definitions/226.html).
pub struct Secret<'inv, T: Zeroize> {
    value: Box<T>,
    invocation: PhantomData<&'inv ()>,
}

impl<'inv, T: Zeroize> Secret<'inv, T> {
    /// Not public: a secret of a lifetime of the caller's choice would be no secret of an invocation.
    pub(crate) fn brand(value: T) -> Self {
        let value = Box::new(value);
        live::register(&*value);
        Self { value, invocation: PhantomData }
    }

    /// Lends the value for as long as the secret lives.
    pub(crate) fn peek(&self) -> &T {
        &self.value
    }

    /// Has its value made where it lies.
    #[cfg(any(unix, feature = "s3"))]
    pub(crate) fn fill<E>(&mut self, f: impl FnOnce(&mut T) -> Result<(), E>) -> Result<(), E> {
        f(&mut self.value)
    }

    /// Makes another secret of this one, of the same invocation. The old one is wiped.
    ///
    /// ```
    /// # use secure_runtime::prelude::*;
    /// # #[secure_event] struct Event<'inv> { pin: Secret<'inv, String> }
    /// # #[secure_handler] async fn handler(event: LambdaEvent<Event<'_>>) -> Result<bool, Error> {
    /// let digits = event.payload.pin.map(|pin| pin.replace(' ', ""));
    /// # Ok(digits.expose(|digits| digits.len() == 4)) }
    /// ```
    #[must_use]
    pub fn map<U: Zeroize>(self, f: impl Fn(&T) -> U) -> Secret<'inv, U> {
        Secret::brand(f(&self.value))
    }

    /// Joins two secrets of one invocation, so that one closure can see both.
    ///
    /// ```
    /// # use secure_runtime::prelude::*;
    /// # #[secure_event] struct Event<'inv> { old: Secret<'inv, String>, new: Secret<'inv, String> }
    /// # #[secure_handler] async fn handler(event: LambdaEvent<Event<'_>>) -> Result<bool, Error> {
    /// let both = event.payload.old.zip(event.payload.new);
    /// # Ok(
    /// both.expose(|(old, new)| new.contains(old.as_str()))
    /// # ) }
    /// ```
    #[must_use]
    pub fn zip<U: Zeroize>(self, other: Secret<'inv, U>) -> Secret<'inv, (T, U)> {
        let mut pair = Box::<(T, U)>::new_uninit();
        let place = pair.as_mut_ptr();
        // SAFETY: `place` points to the box's memory; taking a field's address reads nothing.
        let first = unsafe { &raw mut (*place).0 };
        // SAFETY: as above.
        let second = unsafe { &raw mut (*place).1 };
        // SAFETY: `first` is uninitialised memory of the pair's own, aligned for a `T`.
        unsafe { self.relocate(first) };
        // SAFETY: `second` is uninitialised memory of the pair's own, aligned for a `U`.
        unsafe { other.relocate(second) };
        // SAFETY: both fields have been initialised, and a tuple has nothing else but padding.
        let value = unsafe { pair.assume_init() };
        Secret { value, invocation: PhantomData }
    }

    /// Whether two secrets hold the same bytes, in a time that depends on their lengths alone.
    ///
    /// ```
    /// # use secure_runtime::prelude::*;
    /// # #[secure_event] struct Event<'inv> { token: Secret<'inv, String> }
    /// # #[secure_handler] async fn handler(event: LambdaEvent<Event<'_>>) -> Result<bool, Error> {
    /// #[secret]
    /// let expected = std::env::var("WEBHOOK_TOKEN")?;
    /// let same = event.payload.token.ct_eq(&expected);
    /// # Ok(same) }
    /// ```
    ///
    /// Source: [CWE-208](https://cwe.mitre.org/data/definitions/208.html), observable timing discrepancy.
    #[must_use]
    pub fn ct_eq<U: Zeroize + AsRef<[u8]>>(&self, other: &Secret<'_, U>) -> bool
    where
        T: AsRef<[u8]>,
    {
        (*self.value).as_ref().ct_eq((*other.value).as_ref()).into()
    }

    /// Moves the value to `place` and frees its box, wiped, without dropping the value.
    ///
    /// # Safety
    /// `place` must be valid for writes of a `T` and aligned for it.
    unsafe fn relocate(self, place: *mut T) {
        let this = ManuallyDrop::new(self);
        live::forget(&*this.value);
        // SAFETY: `this` is never used again and never dropped, so that the box has one owner.
        let block = Box::into_raw(unsafe { ptr::read(&raw const this.value) });
        // SAFETY: `block` holds a `T`; `place` is another allocation, vouched for by the caller.
        unsafe { place.copy_from_nonoverlapping(block, 1) };
        // SAFETY: the block is as long as a `T`, and the value lives at `place` from now on.
        unsafe { scrub::wipe(block.cast(), size_of::<T>()) };
        // SAFETY: the block came from a box of this layout; `MaybeUninit` drops nothing.
        drop(unsafe { Box::from_raw(block.cast::<MaybeUninit<T>>()) });
    }
}

impl<T: Zeroize> Drop for Secret<'_, T> {
    fn drop(&mut self) {
        live::forget(&*self.value);
        live::leave_fingerprint(&*self.value);
        #[cfg(not(ablate = "secrets"))]
        wipe::wipe(&mut *self.value);
    }
}

impl<T: Zeroize> fmt::Debug for Secret<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// Brands with the lifetime of the input, which is the invocation's.
impl<'de: 'inv, 'inv, T: Deserialize<'de> + Zeroize> Deserialize<'de> for Secret<'inv, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::brand)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        panic::{AssertUnwindSafe, catch_unwind},
        rc::Rc,
    };

    use super::*;

    /// Counts how often it is zeroized.
    struct Counted(Rc<Cell<u32>>);

    impl Zeroize for Counted {
        fn zeroize(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }

    fn counted() -> (Secret<'static, Counted>, Rc<Cell<u32>>) {
        let count = Rc::new(Cell::new(0));
        (Secret::brand(Counted(Rc::clone(&count))), count)
    }

    fn assert_send_sync<T: Send + Sync>() {}

    /// Compiles because `Secret` is covariant.
    fn shorten<'short>(long: Secret<'static, String>, _: &'short ()) -> Secret<'short, String> {
        long
    }

    #[test]
    fn dropping_zeroizes_once() {
        let (secret, count) = counted();
        drop(secret);
        assert_eq!(count.get(), 1);
    }

    #[test]
    fn unwinding_zeroizes() {
        let (secret, count) = counted();
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let secret = secret;
            secret.expose(|_| assert!(Rc::strong_count(&secret.value.0) > 9, "on purpose"));
        }));
        assert!(panicked.is_err());
        assert_eq!(count.get(), 1);
    }

    #[test]
    fn map_zeroizes_the_old_value_and_keeps_the_new_one() {
        let (secret, count) = counted();
        let mapped = secret.map(|_| String::from("new"));
        assert_eq!(count.get(), 1);
        assert!(mapped.expose(|value| value == "new"));
    }

    #[test]
    fn zip_keeps_both_values_and_zeroizes_each_once() {
        let ((first, count), (second, other)) = (counted(), counted());
        let text = Secret::brand(String::from("a value on the heap"));
        let all = first.zip(text).zip(second);
        assert_eq!((count.get(), other.get()), (0, 0), "moved, not dropped");
        assert!(all.expose(|((_, text), _)| text == "a value on the heap"));
        drop(all);
        assert_eq!((count.get(), other.get()), (1, 1));
        assert_eq!((Rc::strong_count(&count), Rc::strong_count(&other)), (1, 1), "dropped, not leaked");
    }

    #[test]
    fn zip_takes_values_of_any_size_and_alignment() {
        let pair = Secret::brand(1u8).zip(Secret::brand([0x5AAA_u128; 3]));
        assert!(pair.expose(|(byte, words)| *byte == 1 && words.iter().all(|word| *word == 0x5AAA)));
        let nothing = Secret::brand([0u8; 0]).zip(Secret::brand(()));
        assert!(nothing.expose(|(empty, ())| empty.is_empty()));
    }

    #[test]
    fn ct_eq_compares_content_across_types() {
        let text = Secret::brand(String::from("token"));
        assert!(text.ct_eq(&Secret::brand(b"token".to_vec())));
        assert!(!text.ct_eq(&Secret::brand(String::from("tokem"))));
        assert!(!text.ct_eq(&Secret::brand(String::from("toke"))));
        assert!(Secret::brand(String::new()).ct_eq(&Secret::brand(Vec::new())));
    }

    #[test]
    fn debug_is_a_constant() {
        assert_eq!(format!("{:?}", Secret::brand(String::from("hunter2"))), "Secret([redacted])");
        assert_eq!(format!("{:#?}", Some(Secret::brand(7u8))), "Some(\n    Secret([redacted]),\n)");
    }

    #[test]
    fn it_is_covariant_and_as_sendable_as_its_value() {
        assert_send_sync::<Secret<'static, String>>();
        let here = ();
        assert!(shorten(Secret::brand(String::from("x")), &here).expose(|x| x == "x"));
    }

    #[test]
    fn it_deserializes_from_borrowed_input() {
        let input = String::from("[\"a\", null]");
        let secrets: Vec<Option<Secret<'_, String>>> = serde_json::from_str(&input).unwrap();
        assert!(secrets[0].as_ref().unwrap().expose(|a| a == "a"));
        assert!(secrets[1].is_none());
    }
}
