//! x86-64, System V ABI.

use core::arch::asm;

/// Zeroes xmm0 to xmm15 to their full width, zmm16 to zmm31 and the masks where there are any, and every general register
/// that a call may change. The x87 registers, which Rust's code does not use, are left alone.
#[inline(never)]
pub(crate) fn wipe_registers() {
    if std::arch::is_x86_feature_detected!("avx512f") {
        // SAFETY: the processor has AVX-512F, which all of these instructions belong to. They write registers only, all of
        // which `clobber_abi` declares as changed.
        unsafe {
            asm!(
                "vpxord zmm16, zmm16, zmm16",
                "vpxord zmm17, zmm17, zmm17",
                "vpxord zmm18, zmm18, zmm18",
                "vpxord zmm19, zmm19, zmm19",
                "vpxord zmm20, zmm20, zmm20",
                "vpxord zmm21, zmm21, zmm21",
                "vpxord zmm22, zmm22, zmm22",
                "vpxord zmm23, zmm23, zmm23",
                "vpxord zmm24, zmm24, zmm24",
                "vpxord zmm25, zmm25, zmm25",
                "vpxord zmm26, zmm26, zmm26",
                "vpxord zmm27, zmm27, zmm27",
                "vpxord zmm28, zmm28, zmm28",
                "vpxord zmm29, zmm29, zmm29",
                "vpxord zmm30, zmm30, zmm30",
                "vpxord zmm31, zmm31, zmm31",
                "kxorw k0, k0, k0",
                "kxorw k1, k1, k1",
                "kxorw k2, k2, k2",
                "kxorw k3, k3, k3",
                "kxorw k4, k4, k4",
                "kxorw k5, k5, k5",
                "kxorw k6, k6, k6",
                "kxorw k7, k7, k7",
                clobber_abi("sysv64"),
                options(nostack, nomem),
            );
        }
    }
    if std::arch::is_x86_feature_detected!("avx") {
        // SAFETY: the processor has AVX. `vzeroall` zeroes registers 0 to 15 to their full width, ymm or zmm, and nothing
        // else; `clobber_abi` declares them as changed.
        unsafe { asm!("vzeroall", clobber_abi("sysv64"), options(nostack, nomem)) };
    } else {
        // SAFETY: every x86-64 processor has SSE2. Only registers are written, all of which are declared as changed.
        unsafe {
            asm!(
                "xorps xmm0, xmm0",
                "xorps xmm1, xmm1",
                "xorps xmm2, xmm2",
                "xorps xmm3, xmm3",
                "xorps xmm4, xmm4",
                "xorps xmm5, xmm5",
                "xorps xmm6, xmm6",
                "xorps xmm7, xmm7",
                "xorps xmm8, xmm8",
                "xorps xmm9, xmm9",
                "xorps xmm10, xmm10",
                "xorps xmm11, xmm11",
                "xorps xmm12, xmm12",
                "xorps xmm13, xmm13",
                "xorps xmm14, xmm14",
                "xorps xmm15, xmm15",
                clobber_abi("sysv64"),
                options(nostack, nomem),
            );
        }
    }
}

/// Zeroes the stack from `low` up to the stack pointer, and the general registers that a call may change.
///
/// # Safety
/// `low` must be an address of this thread's stack, at or below the stack pointer, with writable memory from there up to
/// it.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a frame of its own would lie in what it wipes")]
pub(crate) unsafe fn wipe_up_to_sp(low: usize) {
    // SAFETY: `rep stosb` writes `rsp - low` zeroes from `low` upwards (the ABI keeps the direction flag clear), so it
    // ends below `rsp`. The block lacks `nostack`, so the compiler keeps nothing of its own below `rsp`, the red zone
    // included, while it runs: what is overwritten are frames of calls that have returned. Signal handlers' frames may
    // come and go there; they are live on this thread only while this code does not run.
    unsafe {
        asm!(
            "mov rcx, rsp",
            "sub rcx, rdi",
            "xor eax, eax",
            "rep stosb",
            "xor edx, edx",
            "xor esi, esi",
            "xor edi, edi",
            "xor r8d, r8d",
            "xor r9d, r9d",
            "xor r10d, r10d",
            "xor r11d, r11d",
            inout("rdi") low => _,
            out("rax") _,
            out("rcx") _,
            out("rdx") _,
            out("rsi") _,
            out("r8") _,
            out("r9") _,
            out("r10") _,
            out("r11") _,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fills the registers, lets `between` run, and gives back what is in them then.
    ///
    /// Calling `between` as a function pointer from the assembly keeps the compiler from using a register meanwhile.
    fn left_by(between: extern "sysv64" fn()) -> [[u64; 8]; 32] {
        let mut left = [[0u64; 8]; 32];
        let pattern = [0xA5A5_5A5A_C3C3_3C3C_u64; 8];
        // SAFETY: the caller has checked for AVX-512F. All registers that the code or the call may change are declared by
        // `clobber_abi`; `left` and `pattern` are valid for the 2048 and 64 bytes that are written and read, and their
        // addresses are kept in registers that a call preserves. Without `nostack` the stack is aligned for a call.
        unsafe {
            asm!(
                "vmovdqu64 zmm0, [r12]",
                "vmovdqa64 zmm7, zmm0",
                "vmovdqa64 zmm15, zmm0",
                "vmovdqa64 zmm16, zmm0",
                "vmovdqa64 zmm23, zmm0",
                "vmovdqa64 zmm31, zmm0",
                "call r13",
                "vmovdqu64 [r14], zmm0",
                "vmovdqu64 [r14 + 64*7], zmm7",
                "vmovdqu64 [r14 + 64*15], zmm15",
                "vmovdqu64 [r14 + 64*16], zmm16",
                "vmovdqu64 [r14 + 64*23], zmm23",
                "vmovdqu64 [r14 + 64*31], zmm31",
                in("r12") pattern.as_ptr(),
                in("r13") between,
                in("r14") left.as_mut_ptr(),
                clobber_abi("sysv64"),
            );
        }
        left
    }

    extern "sysv64" fn nothing() {}

    extern "sysv64" fn wipe() {
        wipe_registers();
    }

    #[test]
    fn vector_registers_are_zeroed_to_their_full_width() {
        if !std::arch::is_x86_feature_detected!("avx512f") {
            eprintln!("this processor has no AVX-512F, so the registers that only it has can't be looked at");
            return;
        }
        let kept = left_by(nothing);
        for register in [0, 7, 15, 16, 23, 31] {
            assert_ne!(kept[register], [0; 8], "zmm{register} keeps its value when nothing wipes it");
        }
        assert_eq!(left_by(wipe), [[0; 8]; 32]);
    }
}
