//! What can be done about a thread's stack without knowing the platform: not much.

use std::{io, mem::MaybeUninit, sync::Once};

use super::wipe;

/// How far below the stack pointer it reaches.
const REACH: usize = 64 * 1024;

/// Wipes the nearest 64 KiB below the stack pointer of this thread. Deeper frames and registers are left as they are, which
/// is said once in the log.
///
/// # Errors
/// Never.
pub(crate) fn wipe_thread() -> io::Result<()> {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        tracing::warn!(
            "registers, and stacks deeper than {REACH} bytes, are wiped on Linux on x86-64 and aarch64 only"
        );
    });
    wipe_frame();
    Ok(())
}

#[inline(never)]
fn wipe_frame() {
    let mut frame = MaybeUninit::<[u8; REACH]>::uninit();
    // SAFETY: the place is this function's own, and is valid for writes of its size.
    unsafe { wipe(frame.as_mut_ptr().cast(), REACH) };
}
