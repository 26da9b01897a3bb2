//! What calls that have returned left on a thread's stack.
//!
//! A frame that is gone is still there: its bytes lie below the stack pointer until something overwrites them. What can lie
//! there is what the kernel has given pages for, so those pages are asked for (`mincore`) and wiped, and no others: a deep
//! call with an untouched array in it hides nothing, and a stack that was never used costs nothing. Pages far below are
//! given back once they are wiped.

use std::{cell::Cell, io};

use super::{arch, wipe};

/// How far below the stack pointer pages are kept.
const KEEP: usize = 256 * 1024;

/// Room for the frames of this module's own calls, whose bytes are wiped last.
const OWN_FRAMES: usize = 4 * 1024;

/// How many pages are asked for at a time.
const PAGES: usize = 512;

/// Where the stack of a thread is.
#[derive(Clone, Copy, Debug)]
struct Stack {
    /// Its lowest address, a multiple of the page's size.
    low: usize,
    /// Whether the kernel makes it longer, downwards, as it is used: a process's first stack.
    grows: bool,
    page: usize,
}

thread_local! {
    static STACK: Cell<Option<Stack>> = const { Cell::new(None) };
}

/// Wipes all that calls have left below the frame of the caller, on this thread's stack, and its vector registers.
///
/// It is inlined, so that no frame lies between the caller's and what is wiped: the parts of a frame that nothing is written to
/// keep what was there before.
///
/// # Errors
/// When the thread's stack can't be found, which is found out by the first call on a thread.
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
    let mut stack = match STACK.get() {
        Some(stack) => stack,
        None => Stack::of_this_thread()?,
    };
    stack.follow_growth()?;
    STACK.set(Some(stack));
    let here = 0u8;
    let edge = floor((&raw const here).addr() - OWN_FRAMES, stack.page).max(stack.low);
    let mut end = edge;
    let mut residence = [0u8; PAGES];
    while end > stack.low {
        let start = end.saturating_sub(PAGES * stack.page).max(stack.low);
        let residence = &mut residence[..(end - start) / stack.page];
        if resident(start, residence, stack.page).is_err() {
            // It can't be told which pages were used, so all of them count.
            residence.fill(1);
        }
        stack.wipe_resident(start, residence);
        end = start;
    }
    #[cfg(not(ablate = "stack"))]
    if let Some(far) = edge.checked_sub(KEEP).map(|far| floor(far, stack.page)).filter(|&far| far > stack.low) {
        give_back(stack.low, far);
    }
    Ok(edge)
}

impl Stack {
    fn of_this_thread() -> io::Result<Self> {
        let page = page_size()?;
        if is_first_thread() {
            let here = 0u8;
            return Ok(Self { low: floor((&raw const here).addr(), page), grows: true, page });
        }
        let (low, len) = bounds()?;
        let low = low.next_multiple_of(page);
        keep_small_pages(low, len);
        Ok(Self { low, grows: false, page })
    }

    /// The first stack begins where its lowest used page is. Nothing else is mapped within the guard gap below it.
    fn follow_growth(&mut self) -> io::Result<()> {
        if !self.grows {
            return Ok(());
        }
        let mut answer = [0];
        loop {
            match resident(self.low - self.page, &mut answer, self.page) {
                Ok(()) => self.low -= self.page,
                Err(error) if error.raw_os_error() == Some(libc::ENOMEM) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    fn wipe_resident(&self, start: usize, residence: &[u8]) {
        let mut at = start;
        for run in residence.chunk_by(|one, next| one & 1 == next & 1) {
            let len = run.len() * self.page;
            if run[0] & 1 == 1 && cfg!(not(ablate = "stack")) {
                // SAFETY: the run lies within this thread's stack, which is mapped and writable there, and below the frames
                // of all functions that are being called: no live value is in it.
                unsafe { wipe(std::ptr::with_exposed_provenance_mut(at), len) };
            }
            at += len;
        }
    }
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

/// Lowest address and length of a stack that was made for a thread.
fn bounds() -> io::Result<(usize, usize)> {
    let mut attributes = std::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
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

/// A huge page would be resident as a whole once a byte of it was used.
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
        let untouched = std::mem::MaybeUninit::<[u64; DEPTH]>::uninit();
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
