//! A global allocator that wipes every block before it gives it back.
#![allow(unsafe_code, reason = "`GlobalAlloc` is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};

use crate::scrub::wipe;

/// An allocator around another one that overwrites every block with zeroes before the block is freed.
///
/// `realloc` is an allocation, a copy, a wipe and a free: letting the inner allocator move a block would leave the old
/// copy behind. [`main`](crate::main) makes `WipingAlloc<System>` the global allocator. Those who bring an allocator of
/// their own wrap it and say `allocator = none`:
///
/// ```
/// use std::alloc::System;
/// use secure_runtime::WipingAlloc;
///
/// #[global_allocator]
/// static GLOBAL: WipingAlloc<System> = WipingAlloc::new(System);
///
/// fn main() {
///     let block = String::from("wiped when it is dropped");
///     drop(block);
/// }
/// ```
///
/// What it does not wipe: blocks that are still in use, memory of C libraries that call `malloc` themselves, and stacks.
/// Source: [CWE-244](https://cwe.mitre.org/data/definitions/244.html), improper clearing of heap memory before release.
#[derive(Debug, Default, Clone, Copy)]
pub struct WipingAlloc<A = System> {
    inner: A,
}

impl<A> WipingAlloc<A> {
    /// Wraps `inner`.
    pub const fn new(inner: A) -> Self {
        Self { inner }
    }
}

// SAFETY: every block comes from and goes back to `inner` with the layout that it was asked for, and `inner` keeps the
// trait's contract; a block is written to only between its allocation and its release, within its layout.
unsafe impl<A: GlobalAlloc> GlobalAlloc for WipingAlloc<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps `alloc`'s contract, which is the same for `inner`.
        unsafe { self.inner.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps `alloc_zeroed`'s contract, which is the same for `inner`.
        unsafe { self.inner.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        #[cfg(not(ablate = "allocator"))]
        // SAFETY: the block is `layout.size()` bytes long, and its owner, who frees it, reads it no more.
        unsafe {
            wipe(block, layout.size());
        }
        // SAFETY: the block came from `inner` with this layout (`alloc` and `realloc` hand out nothing else).
        unsafe { self.inner.dealloc(block, layout) };
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller vouches that `new_size`, rounded up to the alignment, does not overflow `isize`.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: `realloc`'s contract says that `new_size` is not zero, which is all that `alloc` asks of a layout.
        let new = unsafe { self.inner.alloc(new_layout) };
        if !new.is_null() {
            // SAFETY: both blocks are at least as long as the shorter of them, and two live blocks do not overlap.
            unsafe { new.copy_from_nonoverlapping(old, layout.size().min(new_size)) };
            // SAFETY: the old block is valid for its layout, and what it held has been moved.
            unsafe { self.dealloc(old, layout) };
        }
        new
    }
}

/// Has the system's allocator keep what an event frees for the next one.
///
/// glibc gives a large block back to the kernel at once, and the top of its heap as well, until it has seen a large block
/// come and go: then it keeps as much. Without that, an event of 100 KB costs some 40 page faults each time, and half as much
/// time again. Other C libraries lose nothing by it.
pub(crate) fn warm_up() {
    const BLOCK: Layout = Layout::new::<[u8; 2 << 20]>();
    // SAFETY: the layout is not empty.
    let block = unsafe { System.alloc(BLOCK) };
    if !block.is_null() {
        // SAFETY: the block has just come from `System` with this layout. Nothing was written to it.
        unsafe { System.dealloc(block, BLOCK) };
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Records what each block holds at the moment it is freed.
    struct Witness {
        freed: RefCell<Vec<Vec<u8>>>,
    }

    // SAFETY: every call goes to `System` unchanged; `dealloc` only reads the block first.
    unsafe impl GlobalAlloc for Witness {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: passed on as the caller vouched for it.
            unsafe { System.alloc(layout) }
        }
        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: the tests write every byte of a block before they free it.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            self.freed.borrow_mut().push(bytes.to_vec());
            // SAFETY: passed on as the caller vouched for it.
            unsafe { System.dealloc(block, layout) }
        }
    }

    fn witnessed() -> WipingAlloc<Witness> {
        WipingAlloc::new(Witness { freed: RefCell::default() })
    }

    fn block_of(alloc: &impl GlobalAlloc, layout: Layout, byte: u8) -> *mut u8 {
        // SAFETY: no layout in these tests is empty.
        let block = unsafe { alloc.alloc(layout) };
        assert!(!block.is_null());
        // SAFETY: the block has just been allocated with this size.
        unsafe { block.write_bytes(byte, layout.size()) };
        block
    }

    #[test]
    fn the_witness_sees_what_is_not_wiped() {
        let plain = Witness { freed: RefCell::default() };
        let layout = Layout::new::<[u8; 24]>();
        let block = block_of(&plain, layout, 0xAA);
        // SAFETY: allocated above with this layout.
        unsafe { plain.dealloc(block, layout) };
        assert_eq!(plain.freed.into_inner(), [vec![0xAA; 24]]);
    }

    #[test]
    fn a_freed_block_is_zeroed() {
        let alloc = witnessed();
        let layout = Layout::new::<[u8; 4096]>();
        let block = block_of(&alloc, layout, 0xAA);
        // SAFETY: allocated above with this layout.
        unsafe { alloc.dealloc(block, layout) };
        assert_eq!(alloc.inner.freed.into_inner(), [vec![0; 4096]]);
    }

    #[test]
    fn growing_and_shrinking_keep_the_content_and_wipe_the_old_block() {
        for (old_size, new_size) in [(16usize, 64usize), (64, 16), (32, 32)] {
            let alloc = witnessed();
            let layout = Layout::from_size_align(old_size, 8).unwrap();
            let block = block_of(&alloc, layout, 0xAA);
            // SAFETY: allocated above with this layout; the new size is neither zero nor huge.
            let moved = unsafe { alloc.realloc(block, layout, new_size) };
            let kept = old_size.min(new_size);
            // SAFETY: `realloc` has initialised the part that both blocks have.
            let content = unsafe { std::slice::from_raw_parts(moved, kept) };
            assert_eq!(content, vec![0xAA; kept]);
            assert_eq!(*alloc.inner.freed.borrow(), [vec![0; old_size]]);
            // SAFETY: the whole of the new block may be written.
            unsafe { moved.write_bytes(1, new_size) };
            // SAFETY: `moved` is a block of `new_size` bytes at the same alignment.
            unsafe { alloc.dealloc(moved, Layout::from_size_align(new_size, 8).unwrap()) };
        }
    }
}
