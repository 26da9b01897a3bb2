//! The one thing of an invocation that belongs into the environment block.

use std::env;

/// Where the AWS SDKs and X-Ray's look for the trace of the running invocation. Source: [environment variables of
/// Lambda](https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html).
const VARIABLE: &str = "_X_AMZN_TRACE_ID";

/// Replaces the last invocation's trace id in the environment by this one's, or removes it.
///
/// For processes that run one invocation at a time.
pub(crate) fn set_trace_id(trace_id: Option<&str>) {
    match trace_id.filter(|id| !id.contains('\0')) {
        Some(id) => set(id),
        // SAFETY: `remove_var` asks that no other thread reads or writes the environment meanwhile, except through `std`,
        // whose lock it takes. It is called between two invocations, when no handler runs. Foreign code that reads the
        // environment on a thread of its own without that lock is the residual risk that lambda_runtime takes in the
        // same place; it is the documented interface between Lambda's runtimes and the SDKs.
        None => unsafe { env::remove_var(VARIABLE) },
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn set(id: &str) {
    set_by_std(id);
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn set(id: &str) {
    if !places::set(id) {
        set_by_std(id);
    }
}

fn set_by_std(id: &str) {
    // SAFETY: `set_var` asks what `remove_var` asks for, and is called at the same time: see `set_trace_id`.
    unsafe { env::set_var(VARIABLE, id) };
}

/// Memory of our own for the variable. glibc's `setenv`, which `std` calls, never frees a value that a variable has had: a hundred
/// bytes an event, each of which keeps the free memory around it from being joined.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod places {
    use std::{
        cell::UnsafeCell,
        env,
        sync::{Mutex, PoisonError},
    };

    use super::VARIABLE;

    /// How long `NAME=value` may be, with the zero at its end. A trace id has about a hundred bytes.
    const LEN: usize = 1024;

    struct Place(UnsafeCell<[u8; LEN]>);

    // SAFETY: a place is written to by who holds `NEXT`, and only while the environment doesn't point to it.
    unsafe impl Sync for Place {}

    /// The environment points to one of them at most: to the other one than `NEXT` says.
    static PLACES: [Place; 2] = [const { Place(UnsafeCell::new([0; LEN])) }; 2];
    static NEXT: Mutex<usize> = Mutex::new(0);

    /// Sets the variable; not when the value is too long, or the variable isn't there yet.
    pub(super) fn set(id: &str) -> bool {
        let fits = VARIABLE.len() + 1 + id.len() < LEN;
        // A variable that is there is replaced by the write of one pointer. A new one moves others, which `std` does under its lock.
        if !fits || env::var_os(VARIABLE).is_none() {
            return false;
        }
        let mut next = NEXT.lock().unwrap_or_else(PoisonError::into_inner);
        let place = PLACES[*next].0.get();
        // SAFETY: the environment doesn't point to this place, nobody who reads through `std` still does (see below), and
        // the lock keeps other writers out.
        let bytes = unsafe { &mut *place };
        let (name, value) = bytes.split_at_mut(VARIABLE.len() + 1);
        name[..VARIABLE.len()].copy_from_slice(VARIABLE.as_bytes());
        name[VARIABLE.len()] = b'=';
        value[..id.len()].copy_from_slice(id.as_bytes());
        value[id.len()..].fill(0);
        // SAFETY: the place lives as long as the program, ends with a zero, and isn't written to while the environment points to
        // it. glibc has a lock of its own between `putenv` and `setenv`. Who reads meanwhile gets one pointer or the other: both
        // are good, and an aligned pointer is written at once on all processors that this is for.
        let failed = unsafe { libc::putenv(place.cast()) };
        if failed != 0 {
            return false;
        }
        // `std`'s lock is taken to remove what isn't there: then all who have read the old pointer through `std` have copied what is
        // behind it, because they hold that lock until they have. So the old place may be written to next time.
        // SAFETY: as in `set_trace_id`.
        unsafe { env::remove_var("_X_AMZN_TRACE_ID_BARRIER") };
        *next = 1 - *next;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError, atomic::AtomicBool};

    use super::*;

    /// There is one environment.
    static ALONE: Mutex<()> = Mutex::new(());

    #[test]
    fn it_is_set_replaced_and_removed() {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let long = "long".repeat(1000);
        for id in [
            Some("Root=1-a"),
            Some("Root=1-bb"),
            Some("c"),
            Some(&long),
            Some("d"),
            None,
            Some("Root=1-c\0"),
            Some("e"),
        ] {
            set_trace_id(id);
            assert_eq!(env::var(VARIABLE).ok().as_deref(), id.filter(|id| !id.contains('\0')));
            let times = env::vars_os().filter(|(name, _)| name == VARIABLE).count();
            assert_eq!(times, usize::from(id.is_some_and(|id| !id.contains('\0'))));
        }
    }

    #[test]
    fn who_reads_meanwhile_gets_a_whole_value() {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let done = AtomicBool::new(false);
        set_trace_id(Some("aaaa"));
        std::thread::scope(|scope| {
            let readers = [(); 2].map(|()| {
                scope.spawn(|| {
                    let mut seen = 0u32;
                    while !done.load(std::sync::atomic::Ordering::Relaxed) {
                        let value = env::var(VARIABLE).unwrap();
                        let first = value.chars().next().unwrap();
                        assert!(value.chars().all(|one| one == first), "{value}");
                        seen += 1;
                    }
                    seen
                })
            });
            for turn in 0..20_000 {
                let letter = ["a", "b", "c"][turn % 3];
                set_trace_id(Some(&letter.repeat(4 + turn % 300)));
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
            assert!(readers.into_iter().all(|reader| reader.join().unwrap() > 0));
        });
    }
}
