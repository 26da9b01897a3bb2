//! The few instructions that no language has words for: wiping the memory just below the stack pointer, and the vector
//! registers.
//!
//! Each file has the same two functions:
//!
//! * `wipe_registers` zeroes every register that the platform's calling convention lets a callee change.
//! * `wipe_up_to_sp` zeroes the stack from an address up to the stack pointer. It is inlined and calls nothing, so that
//!   nothing is left below the stack pointer when it is done.

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(target_arch = "aarch64")]
pub(super) use self::aarch64::{wipe_registers, wipe_up_to_sp};
#[cfg(target_arch = "x86_64")]
pub(super) use self::x86_64::{wipe_registers, wipe_up_to_sp};
