//! What expansions ask the compiler about statics and state. Nothing in here runs.
#![allow(unsafe_code, reason = "a constant that reads through any static can't be written in safe Rust")]

use std::{
    borrow::Cow,
    cell::{Cell, LazyCell, OnceCell, RefCell, UnsafeCell},
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque},
    ffi::{CString, OsString},
    fmt,
    marker::PhantomData,
    mem::MaybeUninit,
    ops::Deref,
    path::PathBuf,
    rc::{Rc, Weak as WeakRc},
    sync::{Arc, LazyLock, Mutex, OnceLock, RwLock, Weak as WeakArc, atomic},
    thread::LocalKey,
    time::{Duration, Instant, SystemTime},
};

use tokio::sync::{Mutex as AsyncMutex, RwLock as AsyncRwLock};
use zeroize::{Zeroize, Zeroizing};

use crate::Secret;

/// What a static holds.
pub trait Held {}

impl<T> Held for T {}

/// Fails to be evaluated, in a constant, for what an invocation can leave something in: a constant may read a static only when
/// it can't be written to.
#[allow(non_snake_case, reason = "the compiler shows the name")]
pub const fn SH001_a_static_outlives_this_invocation(held: &'static dyn Held) {
    if size_of_val(held) > 0 {
        // SAFETY: `held` is a reference to at least one byte, and any byte is a valid `MaybeUninit<u8>`.
        let _first = unsafe {
            // What follows is what the compiler shows of this file.
            (&raw const *held)
                // help: make it in `main` and pass it to the handler as a parameter; or make it a `const`;
                // or say why it may stay: `#[secure_handler(allow_static(NAME, reason = ".."))]`
                .cast::<MaybeUninit<u8>>()
                .read()
        };
    }
}

/// A value that is asked about. Which trait answers is decided by autoref: the first that its type has.
pub struct Asked<'a, T: ?Sized>(pub &'a T);

/// The answer: a value of type `T` outlives the invocation.
pub struct Outlives<T: ?Sized>(PhantomData<fn(&T)>);

/// The answer: nothing to object to.
pub struct Fine;

/// Types that exist only to be shared and written to.
pub trait Shared {}

macro_rules! shared {
    ($($ty:ty),* $(,)?) => { $(impl Shared for $ty {})* };
}

shared!(
    atomic::AtomicBool,
    atomic::AtomicI8,
    atomic::AtomicI16,
    atomic::AtomicI32,
    atomic::AtomicI64,
    atomic::AtomicIsize,
    atomic::AtomicU8,
    atomic::AtomicU16,
    atomic::AtomicU32,
    atomic::AtomicU64,
    atomic::AtomicUsize,
);

impl<T> Shared for atomic::AtomicPtr<T> {}
impl<T: ?Sized> Shared for Mutex<T> {}
impl<T: ?Sized> Shared for RwLock<T> {}
impl<T: ?Sized> Shared for RefCell<T> {}
impl<T: ?Sized> Shared for Cell<T> {}
impl<T: ?Sized> Shared for UnsafeCell<T> {}
impl<T> Shared for OnceCell<T> {}
impl<T> Shared for OnceLock<T> {}
impl<T, F> Shared for LazyCell<T, F> {}
impl<T, F> Shared for LazyLock<T, F> {}
impl<T: 'static> Shared for LocalKey<T> {}
impl<T: ?Sized> Shared for AsyncMutex<T> {}
impl<T: ?Sized> Shared for AsyncRwLock<T> {}
impl<T> Shared for tokio::sync::OnceCell<T> {}
impl Shared for tokio::sync::Notify {}
impl Shared for tokio::sync::Semaphore {}
impl<T: Shared + ?Sized> Shared for &T {}
impl<T: Shared> Shared for Option<T> {}
impl<T: Shared, const N: usize> Shared for [T; N] {}

/// First: what is shared.
pub trait AsShared<T: ?Sized> {
    /// Answers by its type.
    fn __answer(&self) -> Outlives<T>;
}

impl<T: Shared + ?Sized> AsShared<T> for &&&Asked<'_, T> {
    fn __answer(&self) -> Outlives<T> {
        Outlives(PhantomData)
    }
}

/// Second: what can be printed is data.
pub trait AsData {
    /// Answers by its type.
    fn __answer(&self) -> Fine;
}

impl<T: fmt::Debug + ?Sized> AsData for &&Asked<'_, T> {
    fn __answer(&self) -> Fine {
        Fine
    }
}

/// Third: what stands for something else, and can't be printed, is what `lazy_static!` makes.
pub trait AsHolder<T: ?Sized> {
    /// Answers by its type.
    fn __answer(&self) -> Outlives<T>;
}

impl<T: Deref + ?Sized> AsHolder<T> for &Asked<'_, T> {
    fn __answer(&self) -> Outlives<T> {
        Outlives(PhantomData)
    }
}

/// Last: everything else.
pub trait AsPlain {
    /// Answers by its type.
    fn __answer(&self) -> Fine;
}

impl<T: ?Sized> AsPlain for Asked<'_, T> {
    fn __answer(&self) -> Fine {
        Fine
    }
}

/// Takes the answer about a static.
pub fn outlives_nothing<A: OutlivesNothing>(_: A) {}

/// What may be used of a static.
#[diagnostic::on_unimplemented(
    message = "SH001: a static outlives this invocation, and what it holds meets the next caller",
    label = "a static",
    note = "help: make it in `main` and pass it to the handler as a parameter; or make it a `const`; or say why it may stay: \
            `#[secure_handler(allow_static(NAME, reason = \"..\"))]`"
)]
pub trait OutlivesNothing {}

impl OutlivesNothing for Fine {}

/// Data that an invocation could leave behind, or something that holds it.
pub trait Kept {}

/// What makes a list one of data: texts, and bytes.
pub trait Piece {}

impl<T: Kept + ?Sized> Piece for T {}
impl Piece for u8 {}
impl Piece for char {}
impl Piece for &str {}

/// What makes a map or a set one of data: numbers, too, because they belong to somebody there.
pub trait Datum {}

impl<T: Kept + ?Sized> Datum for T {}

macro_rules! datum {
    ($($ty:ty),* $(,)?) => { $(impl Datum for $ty {})* };
}

datum!(char, u8, (), &str, &[u8]);

/// Numbers and times: data in a map or a set, or beside data; else a counter's or a clock's.
macro_rules! number {
    ($($ty:ty),* $(,)?) => {
        $(
            impl Datum for $ty {}
            impl Datum for Option<$ty> {}
            impl Datum for Vec<$ty> {}
            impl<T: Kept> Kept for ($ty, T) {}
        )*
    };
}

number!(bool, f32, f64, i8, i16, i32, i64, i128, isize, u16, u32, u64, u128, usize, Duration, Instant, SystemTime);
impl<T: Kept> Kept for (u8, T) {}
impl<T: Kept> Kept for (&str, T) {}

macro_rules! kept {
    ($($ty:ty),* $(,)?) => { $(impl Kept for $ty {})* };
}

kept!(
    str,
    String,
    OsString,
    CString,
    PathBuf,
    serde_json::Value,
    serde_json::Map<String, serde_json::Value>,
    bytes::Bytes,
    bytes::BytesMut,
    Cow<'_, str>,
    Cow<'_, [u8]>,
);

impl<T: Zeroize> Kept for Secret<'_, T> {}
impl<T: Zeroize> Kept for Zeroizing<T> {}
impl<T: Kept> Kept for WeakArc<T> {}
impl<T: Kept> Kept for WeakRc<T> {}
impl<T: Kept, E> Kept for Result<T, E> {}
impl<T: Piece> Kept for [T] {}
impl<T: Piece, const N: usize> Kept for [T; N] {}
impl<T: Piece> Kept for Vec<T> {}
impl<T: Piece> Kept for VecDeque<T> {}
impl<T: Piece> Kept for LinkedList<T> {}
impl<T: Piece> Kept for BinaryHeap<T> {}
impl<T: Datum, S> Kept for HashSet<T, S> {}
impl<T: Datum> Kept for BTreeSet<T> {}
impl<K, V: Datum, S> Kept for HashMap<K, V, S> {}
impl<K, V: Datum> Kept for BTreeMap<K, V> {}
impl<T: Kept, U> Kept for (T, U) {}
impl<T: Kept, U, V> Kept for (T, U, V) {}
impl<T: Kept> Kept for Option<T> {}
impl<T: Kept + ?Sized> Kept for Box<T> {}
impl<T: Kept + ?Sized> Kept for Arc<T> {}
impl<T: Kept + ?Sized> Kept for Rc<T> {}

/// Types by which an invocation can leave data in what is shared.
pub trait Hoards {}

/// Something that can be written to through a shared reference.
macro_rules! written_to {
    ($($ty:ident),*; lazy $($lazy:ident),*) => {
        $(
            impl<T: Kept + ?Sized> Hoards for $ty<T> {}
            impl<T: Kept + ?Sized> Kept for $ty<T> {}
        )*
        $(
            impl<T: Kept, F> Hoards for $lazy<T, F> {}
            impl<T: Kept, F> Kept for $lazy<T, F> {}
        )*
    };
}

written_to!(Mutex, RwLock, RefCell, Cell, UnsafeCell, AsyncMutex, AsyncRwLock; lazy LazyLock, LazyCell);

impl<T: Kept> Hoards for OnceCell<T> {}
impl<T: Kept> Kept for OnceCell<T> {}
impl<T: Kept> Hoards for OnceLock<T> {}
impl<T: Kept> Kept for OnceLock<T> {}
impl<T: Kept> Hoards for tokio::sync::OnceCell<T> {}
impl<T: Kept> Kept for tokio::sync::OnceCell<T> {}
impl<T: Kept + 'static> Hoards for LocalKey<T> {}
impl<T: Kept> Hoards for tokio::sync::watch::Sender<T> {}
impl<T: Kept> Kept for tokio::sync::watch::Sender<T> {}
impl<T: Hoards + ?Sized> Hoards for &T {}
impl<T: Hoards + ?Sized> Hoards for &mut T {}
impl<T: Hoards + ?Sized> Hoards for Box<T> {}
impl<T: Hoards + ?Sized> Hoards for Arc<T> {}
impl<T: Hoards + ?Sized> Hoards for Rc<T> {}
impl<T: Hoards + ?Sized> Hoards for WeakArc<T> {}
impl<T: Hoards + ?Sized> Hoards for WeakRc<T> {}
impl<T: Hoards> Hoards for Option<T> {}
impl<T: Hoards> Hoards for [T] {}
impl<T: Hoards, const N: usize> Hoards for [T; N] {}
impl<T: Hoards> Hoards for Vec<T> {}
impl<T: Hoards> Hoards for VecDeque<T> {}
impl<K, V: Hoards, S> Hoards for HashMap<K, V, S> {}
impl<K, V: Hoards> Hoards for BTreeMap<K, V> {}
impl<T: Hoards, U> Hoards for (T, U) {}

/// The answer: a value of the type can be left data in.
pub struct Keeps;

/// First: what hoards.
pub trait AsHoard {
    /// Answers by its type.
    fn __keeps(&self) -> Keeps;
}

impl<T: Hoards + ?Sized> AsHoard for &&Asked<'_, T> {
    fn __keeps(&self) -> Keeps {
        Keeps
    }
}

/// Second: what stands for something that hoards, as a pointer or a lazy cell of another crate.
pub trait AsPointer {
    /// Answers by its type.
    fn __keeps(&self) -> Keeps;
}

impl<T: Deref<Target: Hoards> + ?Sized> AsPointer for &Asked<'_, T> {
    fn __keeps(&self) -> Keeps {
        Keeps
    }
}

/// Last: everything else.
pub trait AsHarmless {
    /// Answers by its type.
    fn __keeps(&self) -> Fine;
}

impl<T: ?Sized> AsHarmless for Asked<'_, T> {
    fn __keeps(&self) -> Fine {
        Fine
    }
}

/// Asks about a state parameter, or a static that may be used. The closure is never called.
#[doc(hidden)]
#[macro_export]
macro_rules! __keeps_nothing {
    ($value:expr) => {
        let _ = || {
            use $crate::__v1::{AsHarmless as _, AsHoard as _, AsPointer as _};
            $crate::__v1::keeps_nothing(&$value, (&&&$crate::__v1::Asked(&$value)).__keeps());
        };
    };
}

/// Asks whether what was allowed is there. The closure is never called.
#[doc(hidden)]
#[macro_export]
macro_rules! __keeps_something {
    ($($value:expr),*) => {
        let _ = || {
            use $crate::__v1::{AsHarmless as _, AsHoard as _, AsPointer as _};
            $crate::__v1::keeps_something($crate::__v1::answers!($($value),*));
        };
    };
}

/// The answers, in pairs: the first one, and all others.
#[doc(hidden)]
#[macro_export]
macro_rules! __answers {
    () => { () };
    ($value:expr $(, $others:expr)*) => {
        ((&&&$crate::__v1::Asked(&$value)).__keeps(), $crate::__v1::answers!($($others),*))
    };
}

/// Takes the answer about a state parameter, or a static, of type `T`.
pub fn keeps_nothing<T: ?Sized, A: KeepsNothing<T>>(_: &T, _: A) {}

/// What a handler may share with other invocations.
#[diagnostic::on_unimplemented(
    message = "SH004: an invocation can leave data in `{T}`, and the next one finds it",
    label = "shared with every later invocation",
    note = "help: keep the data in the invocation, or in a store with a life of its own; what is computed once goes into a plain \
            field that `main` fills; or say why it may stay: `#[secure_handler(allow(SH004, reason = \"..\"))]`"
)]
pub trait KeepsNothing<T: ?Sized> {}

impl<T: ?Sized> KeepsNothing<T> for Fine {}

/// Takes the answers about all that a function shares.
pub fn keeps_something<A: KeepsSomething>(_: A) {}

/// What has to be among the things that a function shares when it may share what keeps data.
#[diagnostic::on_unimplemented(
    message = "SH003: nothing here needs this `allow`: no invocation can leave data in what is shared",
    label = "not needed",
    note = "help: remove it"
)]
pub trait KeepsSomething {}

impl<B> KeepsSomething for (Keeps, B) {}
impl<B: KeepsSomething> KeepsSomething for (Fine, B) {}

#[cfg(test)]
mod tests {
    use super::*;

    struct Client;
    struct Config;

    /// Whether an invocation could leave data in a value.
    macro_rules! keeps {
        ($ty:ty) => {{
            fn answered(value: &$ty) -> bool {
                trait Is {
                    const KEEPS: bool;
                }
                impl Is for Keeps {
                    const KEEPS: bool = true;
                }
                impl Is for Fine {
                    const KEEPS: bool = false;
                }
                fn of<A: Is>(_: A) -> bool {
                    A::KEEPS
                }
                of((&&&Asked(value)).__keeps())
            }
            answered
        }};
    }

    #[test]
    fn locks_over_data_keep_it() {
        let text = Mutex::new(String::new());
        assert!(keeps!(Mutex<String>)(&text));
        assert!(keeps!(&Mutex<String>)(&&text));
        assert!(keeps!(Arc<RwLock<Vec<u8>>>)(&Arc::default()));
        assert!(keeps!(RefCell<serde_json::Value>)(&RefCell::default()));
        assert!(keeps!(Mutex<HashMap<u64, String>>)(&Mutex::default()));
        assert!(keeps!(Mutex<HashMap<String, u64>>)(&Mutex::default()));
        assert!(keeps!(Option<Box<OnceLock<String>>>)(&None));
        assert!(keeps!(LazyLock<String>)(&LazyLock::new(String::new)));
        assert!(keeps!(AsyncMutex<Vec<String>>)(&AsyncMutex::default()));
        assert!(keeps!(Mutex<Option<Secret<'static, String>>>)(&Mutex::default()));
        assert!(keeps!(HashMap<u8, Mutex<String>>)(&HashMap::new()));
        assert!(keeps!(Mutex<Option<(Instant, String)>>)(&Mutex::default()));
        assert!(keeps!(Mutex<Vec<(u64, String)>>)(&Mutex::default()));
        assert!(keeps!(RwLock<HashMap<String, Vec<u64>>>)(&RwLock::default()));
        assert!(keeps!(std::pin::Pin<Box<Mutex<String>>>)(&Box::pin(Mutex::default())));
        assert!(keeps!(WeakArc<Mutex<String>>)(&WeakArc::new()));
    }

    #[test]
    fn what_keeps_no_data_is_harmless() {
        assert!(!keeps!(String)(&String::new()));
        assert!(!keeps!(&str)(&""));
        assert!(!keeps!(Arc<Config>)(&Arc::new(Config)));
        assert!(!keeps!(Mutex<Vec<Client>>)(&Mutex::new(vec![Client])));
        assert!(!keeps!(RwLock<HashMap<String, Vec<Client>>>)(&RwLock::default()));
        assert!(!keeps!(Mutex<u64>)(&Mutex::new(1)));
        assert!(!keeps!(LazyLock<[u64; 2]>)(&LazyLock::new(|| [1, 2])));
        assert!(!keeps!(atomic::AtomicU64)(&atomic::AtomicU64::new(0)));
        assert!(!keeps!(HashMap<String, String>)(&HashMap::new()));
        assert!(!keeps!(Mutex<(u64, Instant)>)(&Mutex::new((0, Instant::now()))));
        assert!(!keeps!(Mutex<Vec<u64>>)(&Mutex::default()));
        assert!(!keeps!(std::pin::Pin<Box<String>>)(&Box::pin(String::new())));
    }
}
