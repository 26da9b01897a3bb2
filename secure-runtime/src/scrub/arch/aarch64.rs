//! aarch64, AAPCS64 on Linux.
//!
//! Written against the [ABI](https://github.com/ARM-software/abi-aa/blob/main/aapcs64/aapcs64.rst): sections 6.1.1
//! (general registers), 6.1.2 (SIMD registers) and 6.2.3 (the stack). Not run in this project's tests, which have no such
//! machine.

use core::arch::asm;

/// Zeroes v0 to v31, and every general register that a call may change but x18, the platform's own. Writing a SIMD
/// register zeroes the rest of the SVE register that it is the bottom of; SVE's predicates are left alone.
///
/// A callee has to keep the lower halves of v8 to v15 for its caller, not the upper ones, where a copy can therefore stay.
/// They are declared as changed, so the compiler saves those halves in this function's frame and restores them behind
/// the block: what the caller had there, he still has, and the upper halves are zero.
#[inline(never)]
pub(crate) fn wipe_registers() {
    // SAFETY: every aarch64 processor that Linux runs on has SIMD registers. Only registers are written, all of which are
    // declared as changed: v8 to v15 one by one, the rest by `clobber_abi`.
    unsafe {
        asm!(
            "movi v0.2d, #0",
            "movi v1.2d, #0",
            "movi v2.2d, #0",
            "movi v3.2d, #0",
            "movi v4.2d, #0",
            "movi v5.2d, #0",
            "movi v6.2d, #0",
            "movi v7.2d, #0",
            "movi v8.2d, #0",
            "movi v9.2d, #0",
            "movi v10.2d, #0",
            "movi v11.2d, #0",
            "movi v12.2d, #0",
            "movi v13.2d, #0",
            "movi v14.2d, #0",
            "movi v15.2d, #0",
            "movi v16.2d, #0",
            "movi v17.2d, #0",
            "movi v18.2d, #0",
            "movi v19.2d, #0",
            "movi v20.2d, #0",
            "movi v21.2d, #0",
            "movi v22.2d, #0",
            "movi v23.2d, #0",
            "movi v24.2d, #0",
            "movi v25.2d, #0",
            "movi v26.2d, #0",
            "movi v27.2d, #0",
            "movi v28.2d, #0",
            "movi v29.2d, #0",
            "movi v30.2d, #0",
            "movi v31.2d, #0",
            out("v8") _,
            out("v9") _,
            out("v10") _,
            out("v11") _,
            out("v12") _,
            out("v13") _,
            out("v14") _,
            out("v15") _,
            clobber_abi("C"),
            options(nostack, nomem),
        );
    }
}

/// Zeroes the stack from `low` up to the stack pointer, and the general registers that a call may change.
///
/// # Safety
/// `low` must be an address of this thread's stack, a multiple of 16, at or below the stack pointer, with writable memory
/// from there up to it.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a frame of its own would lie in what it wipes")]
pub(crate) unsafe fn wipe_up_to_sp(low: usize) {
    // SAFETY: the stack pointer is a multiple of 16 wherever it is used for access, and so is `low`, so that the loop,
    // which stores 16 zeroes a step, meets the stack pointer exactly and stops below it. AAPCS64 on Linux has no red zone:
    // what lies below the stack pointer belongs to nobody. The block lacks `nostack`, so the compiler assumes no less.
    unsafe {
        asm!(
            "mov x9, sp",
            "2:",
            "cmp x0, x9",
            "b.hs 3f",
            "stp xzr, xzr, [x0], #16",
            "b 2b",
            "3:",
            "mov x0, xzr",
            "mov x1, xzr",
            "mov x2, xzr",
            "mov x3, xzr",
            "mov x4, xzr",
            "mov x5, xzr",
            "mov x6, xzr",
            "mov x7, xzr",
            "mov x8, xzr",
            "mov x9, xzr",
            "mov x10, xzr",
            "mov x11, xzr",
            "mov x12, xzr",
            "mov x13, xzr",
            "mov x14, xzr",
            "mov x15, xzr",
            "mov x16, xzr",
            "mov x17, xzr",
            inout("x0") low => _,
            out("x1") _,
            out("x2") _,
            out("x3") _,
            out("x4") _,
            out("x5") _,
            out("x6") _,
            out("x7") _,
            out("x8") _,
            out("x9") _,
            out("x10") _,
            out("x11") _,
            out("x12") _,
            out("x13") _,
            out("x14") _,
            out("x15") _,
            out("x16") _,
            out("x17") _,
        );
    }
}
