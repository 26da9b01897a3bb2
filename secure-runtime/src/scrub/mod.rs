//! Overwriting memory so that the optimiser can't leave it out.
#![allow(unsafe_code, reason = "an overwrite that must happen is not expressible in safe Rust")]

#[cfg_attr(ablate = "apart", path = "apart_ablated.rs")]
mod apart;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod arch;
mod buffer;
pub(crate) mod call;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod stack;
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
#[path = "stack_elsewhere.rs"]
mod stack;
mod swept;
mod trace_id;

#[cfg(not(ablate = "padding"))]
use std::mem::MaybeUninit;

pub(crate) use self::{apart::Apart, buffer::Buffer, stack::wipe_thread, swept::Swept, trace_id::set_trace_id};

/// Overwrites `len` bytes at `start` with zeroes, in bulk.
///
/// # Safety
/// `start` must be valid for writes of `len` bytes, and nothing may read them as a value that zeroes are not valid for.
pub(crate) unsafe fn wipe(start: *mut u8, len: usize) {
    // SAFETY: the caller vouches that `len` bytes at `start` may be written, and `u8` needs no alignment.
    unsafe { start.write_bytes(0, len) };
    keep(start);
}

/// Overwrites a slice with zeroes.
pub(crate) fn wipe_slice(bytes: &mut [u8]) {
    // SAFETY: an exclusive slice is valid for writes of its length, and zero is a valid `u8`.
    unsafe { wipe(bytes.as_mut_ptr(), bytes.len()) };
}

/// [`wipe_thread`] where nobody can be given an error: it goes to the log.
///
/// Inlined, as [`wipe_thread`] is.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a frame of its own would keep what lies where it is")]
pub(crate) fn wipe_thread_or_say() {
    if let Err(error) = wipe_thread() {
        say(&error);
    }
}

#[cold]
#[inline(never)]
fn say(error: &std::io::Error) {
    tracing::error!(%error, "a thread's stack and registers can't be wiped");
}

/// How far [`wipe_below`] reaches.
const SHALLOW: usize = 16 * 1024;

/// Wipes what calls have left just below the frame of the caller, who is about to make something that outlives the
/// invocation: parts of a value that nothing is written to, such as the place of a result that isn't there yet, get what was
/// on the stack before, and take it with them to the heap.
#[inline(never)]
pub(crate) fn wipe_below() {
    #[cfg(not(ablate = "padding"))]
    {
        let mut frame = MaybeUninit::<[u8; SHALLOW]>::uninit();
        // SAFETY: the place is this function's own, and is valid for writes of its size.
        unsafe { wipe(frame.as_mut_ptr().cast(), SHALLOW) };
    }
}

/// Makes the optimiser assume that the memory behind `start` is read, so that writes to it are kept.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a call would cost more than the empty barrier")]
fn keep(start: *mut u8) {
    #[cfg(any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64", target_arch = "arm"))]
    // SAFETY: the assembly has no instructions. It may be assumed to read memory through the pointer, and so the
    // optimiser may not drop earlier writes; it touches neither stack nor flags.
    unsafe {
        core::arch::asm!("/* {0} */", in(reg) start, options(nostack, preserves_flags));
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64", target_arch = "arm")))]
    {
        // `black_box` is the portable stand-in: documented as best effort, so SECURITY.md names it.
        core::hint::black_box(start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_is_zeroed_and_its_neighbours_are_not() {
        let mut bytes = [7u8; 64];
        wipe_slice(&mut bytes[8..56]);
        assert_eq!(bytes[..8], [7; 8]);
        assert_eq!(bytes[8..56], [0; 48]);
        assert_eq!(bytes[56..], [7; 8]);
    }

    #[test]
    fn an_empty_slice_is_fine() {
        wipe_slice(&mut []);
    }
}
