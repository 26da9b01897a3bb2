//! What calls that have returned left on a thread's stack.
//!
//! A frame that is gone is still there: its bytes lie below the stack pointer until something overwrites them. What can lie
//! there is what the kernel has given pages for, so those pages are asked for (`mincore`) and wiped, and no others: a deep
//! call with an untouched array in it hides nothing, and a stack that was never used costs nothing. Which pages there are
//! changes only by page faults, so they are asked for again only after one. Pages far below are given back once they are
//! wiped.

use std::{cell::Cell, io, mem::MaybeUninit, ops::Range};

use super::{arch, wipe};

/// How far below the stack pointer pages are kept.
const KEEP: usize = 256 * 1024;

/// Room for the frames of this module's own calls, whose bytes are wiped last.
const OWN_FRAMES: usize = 4 * 1024;

/// How many pages are asked for at a time.
const PAGES: usize = 512;

/// How many runs of pages are remembered. A stack that has more is asked for them each time.
const RUNS: usize = 4;

/// Where the stack of a thread is, and what of it is in use.
///
/// It stays as long as the thread, so it has no gap: what lay on the stack when it was made would stay in there. That is why nothing
/// in it is a `bool` or an `Option`.
#[derive(Clone, Debug)]
struct Stack {
    /// Its lowest address, a multiple of the page's size.
    low: usize,
    /// An address above all of its frames.
    high: usize,
    /// 1: the kernel makes it longer, downwards, as it is used, which is a process's first stack. 0: it doesn't.
    grows: usize,
    page: usize,
    used: Used,
}

/// The pages that the kernel has given memory for, below `top`.
#[derive(Clone, Debug, Default)]
struct Used {
    /// The process's page faults when they were asked for, which had some by then. 0: there are more runs than are remembered.
    faults: u64,
    top: usize,
    runs: [Range<usize>; RUNS],
}

const _: () =
    assert!(size_of::<Stack>() == 4 * size_of::<usize>() + size_of::<u64>() + (1 + 2 * RUNS) * size_of::<usize>());

thread_local! {
    static STACK: Cell<Option<Stack>> = const { Cell::new(None) };
}

/// Wipes all that calls have left below the frame of the caller, on this thread's stack, and its vector registers.
///
/// It is inlined, so that no frame lies between the caller's and what is wiped: the parts of a frame that nothing is written to
/// keep what was there before.
///
/// # Errors
/// When the thread's stack can't be found, or the kernel does not say what of it is in use.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a frame of its own would keep what lies where it is")]
pub(crate) fn wipe_thread() -> io::Result<()> {
    let edge = wipe_pages()?;
    #[cfg(not(ablate = "registers"))]
    arch::wipe_registers();
    #[cfg(not(any(ablate = "stack", ablate = "last-frames")))]
    // SAFETY: `edge` is an address of this stack on a page below the stack pointer; all of the stack above its lowest page
    // is mapped, and writable.
    unsafe {
        arch::wipe_up_to_sp(edge);
    }
    Ok(())
}

/// Wipes the pages below this call's own frames. Where it stopped is where those frames may begin.
#[inline(never)]
fn wipe_pages() -> io::Result<usize> {
    let mut stack = STACK.take().map_or_else(Stack::of_this_thread, Ok)?;
    let here = 0u8;
    let edge = stack.wipe_below((&raw const here).addr());
    STACK.set(Some(stack));
    edge
}

impl Stack {
    fn of_this_thread() -> io::Result<Self> {
        let page = page_size()?;
        let grows = is_first_thread();
        let (low, high) = if grows {
            let high = top_of_first_stack()?;
            (floor(high, page), high)
        } else {
            let (low, len) = bounds()?;
            (low.next_multiple_of(page), low + len)
        };
        let mut stack = Self { low, high, grows: usize::from(grows), page, used: Used::default() };
        stack.follow_growth()?;
        keep_small_pages(stack.low, floor(stack.high, page) - stack.low);
        Ok(stack)
    }

    /// Wipes all pages below an address of a frame that is being called. Where it stopped is where that call's own frames may
    /// begin.
    fn wipe_below(&mut self, here: usize) -> io::Result<usize> {
        let faults = page_faults()?;
        let known = self.used.faults == faults && here >= self.low;
        if !known {
            self.follow_growth()?;
        }
        // Coroutines and signal handlers may have a stack that is somebody else's memory. How long it is, nobody says.
        if !(self.low..self.high).contains(&here) {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "it does not run on the stack of its thread"));
        }
        let edge = floor(here - OWN_FRAMES, self.page).max(self.low);
        if known {
            self.wipe_used(edge);
        } else {
            self.ask_and_wipe(edge, faults)?;
        }
        Ok(edge)
    }

    /// The first stack ends where its lowest used page is. Nothing else is mapped within the guard gap below it.
    fn follow_growth(&mut self) -> io::Result<()> {
        let mut answer = [0];
        while self.grows == 1 {
            match resident(self.low - self.page, &mut answer, self.page) {
                Ok(()) => self.low -= self.page,
                Err(error) if error.raw_os_error() == Some(libc::ENOMEM) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// No page has come since they were asked for.
    fn wipe_used(&self, edge: usize) {
        for run in &self.used.runs {
            self.wipe_run(run.start..run.end.min(edge));
        }
        // What was above the stack pointer then may be below it now.
        self.wipe_run(self.used.top..edge);
    }

    /// Asks which pages there are, wipes them, and remembers them.
    fn ask_and_wipe(&mut self, edge: usize, faults: u64) -> io::Result<()> {
        let mut used = Used { faults, top: edge, ..Used::default() };
        let mut known = 0;
        let mut residence = [0u8; PAGES];
        let mut end = edge;
        while end > self.low {
            let start = end.saturating_sub(PAGES * self.page).max(self.low);
            let residence = &mut residence[..(end - start) / self.page];
            resident(start, residence, self.page)?;
            let mut at = start;
            for run in residence.chunk_by(|one, next| one & 1 == next & 1) {
                let pages = at..at + run.len() * self.page;
                at = pages.end;
                if run[0] & 1 == 1 {
                    self.wipe_run(pages.clone());
                    match used.runs.get_mut(known) {
                        Some(place) => *place = pages,
                        None => used.faults = 0,
                    }
                    known += 1;
                }
            }
            end = start;
        }
        if let Some(far) = edge.checked_sub(KEEP).map(|far| floor(far, self.page)).filter(|&far| far > self.low) {
            #[cfg(not(ablate = "stack"))]
            give_back(self.low, far);
            for run in &mut used.runs {
                run.start = run.start.max(far);
            }
        }
        self.used = used;
        Ok(())
    }

    fn wipe_run(&self, run: Range<usize>) {
        if run.start < run.end && cfg!(not(ablate = "stack")) {
            debug_assert!(self.low <= run.start);
            let start = std::ptr::with_exposed_provenance_mut(run.start);
            // SAFETY: the run lies within this thread's stack, which is mapped and writable there, and below the frames of
            // all functions that are being called: no live value is in it.
            unsafe { wipe(start, run.end - run.start) };
        }
    }
}

/// How many page faults the process has had: its threads may write to each other's stacks.
fn page_faults() -> io::Result<u64> {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the place is valid for the numbers that are written there.
    let failed = unsafe { libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) };
    if failed != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it has been written to; and zeroes are numbers as well.
    let usage = unsafe { usage.assume_init() };
    Ok(usage.ru_minflt.unsigned_abs() + usage.ru_majflt.unsigned_abs())
}

fn floor(address: usize, page: usize) -> usize {
    address - address % page
}

fn page_size() -> io::Result<usize> {
    // SAFETY: `sysconf` reads a number that the system keeps.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).ok().filter(|size| size.is_power_of_two()).ok_or_else(io::Error::last_os_error)
}

fn is_first_thread() -> bool {
    // SAFETY: `gettid` takes nothing and can't fail.
    let thread = unsafe { libc::gettid() };
    u32::try_from(thread) == Ok(std::process::id())
}

/// An address in what the kernel has put above the frames of a process's first stack: 16 random bytes for the program.
fn top_of_first_stack() -> io::Result<usize> {
    // SAFETY: `getauxval` reads a number that the system keeps.
    let address = unsafe { libc::getauxval(libc::AT_RANDOM) };
    match usize::try_from(address) {
        Ok(address) if address != 0 => Ok(address),
        _ => Err(io::Error::new(io::ErrorKind::Unsupported, "the kernel does not say where the first stack begins")),
    }
}

/// Lowest address and length of a stack that was made for a thread.
fn bounds() -> io::Result<(usize, usize)> {
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: `pthread_self` can't fail.
    let thread = unsafe { libc::pthread_self() };
    // SAFETY: the thread runs, and the place is valid for the attributes that are written there.
    let failed = unsafe { libc::pthread_getattr_np(thread, attributes.as_mut_ptr()) };
    if failed != 0 {
        return Err(io::Error::from_raw_os_error(failed));
    }
    let (mut low, mut len) = (std::ptr::null_mut(), 0);
    // SAFETY: the attributes have been initialised, and both places are valid for what is written there.
    let failed = unsafe { libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut low, &raw mut len) };
    // SAFETY: the attributes have been initialised, and are not used again.
    unsafe { libc::pthread_attr_destroy(attributes.as_mut_ptr()) };
    if failed != 0 {
        return Err(io::Error::from_raw_os_error(failed));
    }
    Ok((low.expose_provenance(), len))
}

/// Which pages from `start` on the kernel has given memory for: bit 0 of each byte.
fn resident(start: usize, pages: &mut [u8], page: usize) -> io::Result<()> {
    // SAFETY: `mincore` looks at no memory; it writes one byte a page into `pages`, which is as long.
    let failed =
        unsafe { libc::mincore(std::ptr::without_provenance_mut(start), pages.len() * page, pages.as_mut_ptr()) };
    if failed == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Gives wiped pages back, so that one deep call is not paid for by every invocation after it.
fn give_back(low: usize, high: usize) {
    // SAFETY: the pages are this thread's own stack, below all frames of functions that are being called. They read as
    // zeroes afterwards, which is what they were wiped to. When the kernel refuses, they stay as they are.
    unsafe { libc::madvise(std::ptr::with_exposed_provenance_mut(low), high - low, libc::MADV_DONTNEED) };
}

/// A huge page would be resident as a whole once a byte of it was used, and could come without a page fault.
fn keep_small_pages(low: usize, len: usize) {
    // SAFETY: this changes no content. When the kernel refuses, more is wiped than has to be.
    unsafe { libc::madvise(std::ptr::with_exposed_provenance_mut(low), len, libc::MADV_NOHUGEPAGE) };
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    /// Leaves `marker`, `depth` bytes below the caller's frame or deeper, behind an array that nothing touches.
    #[inline(never)]
    fn leave<const DEPTH: usize>(marker: u64) -> usize {
        let untouched = MaybeUninit::<[u64; DEPTH]>::uninit();
        black_box(&raw const untouched);
        leave_here(marker)
    }

    #[inline(never)]
    fn leave_here(marker: u64) -> usize {
        let words = black_box([marker; 32]);
        black_box(&words).as_ptr().addr()
    }

    /// What is at an address below all frames now.
    fn word_at(address: usize) -> u64 {
        // SAFETY: the address lies on this thread's stack, on a page that has been written; any bytes are a `u64`. It is
        // read as volatile, because nothing that the compiler knows of has written there.
        unsafe { std::ptr::with_exposed_provenance::<u64>(address).read_volatile() }
    }

    fn a_deep_frame_is_wiped() {
        const MARKER: u64 = 0x1BAD_B002_FEE1_DEAD;
        // Near, 96 KiB deep, and 800 KiB, which is given back.
        for leave in [leave::<16>, leave::<{ 12 * 1024 }>, leave::<{ 100 * 1024 }>] {
            let address = leave(MARKER) + 64;
            assert_eq!(word_at(address), MARKER, "a frame stays when nothing wipes it");
            wipe_thread().unwrap();
            assert_eq!(word_at(address), 0);
        }
    }

    #[test]
    fn frames_are_wiped_however_deep_behind_untouched_arrays() {
        a_deep_frame_is_wiped();
        std::thread::Builder::new().stack_size(4 << 20).spawn(a_deep_frame_is_wiped).unwrap().join().unwrap();
    }

    #[test]
    fn a_stack_that_is_not_the_threads_is_left_alone() {
        let elsewhere = vec![7u8; 1 << 20];
        let mut stack = Stack::of_this_thread().unwrap();
        let here = elsewhere.as_ptr().addr() + (1 << 19);
        assert_eq!(stack.wipe_below(here).unwrap_err().kind(), io::ErrorKind::Unsupported);
        assert!(elsewhere.iter().all(|&byte| byte == 7));
    }

    #[test]
    fn live_values_stay_as_they_are() {
        let values: [u64; 512] = std::array::from_fn(|index| index as u64);
        let values = black_box(values);
        let text = String::from("still here");
        for _ in 0..100 {
            wipe_thread().unwrap();
        }
        assert!(values.iter().enumerate().all(|(index, &value)| value == index as u64));
        assert_eq!(text, "still here");
    }

    #[test]
    fn pages_that_one_deep_call_used_are_given_back() {
        std::thread::Builder::new()
            .stack_size(4 << 20)
            .spawn(|| {
                let deep = leave::<{ 200 * 1024 }>(7);
                wipe_thread().unwrap();
                let page = page_size().unwrap();
                let mut answer = [1];
                resident(floor(deep, page), &mut answer, page).unwrap();
                assert_eq!(answer[0] & 1, 0);
            })
            .unwrap()
            .join()
            .unwrap();
    }
}
