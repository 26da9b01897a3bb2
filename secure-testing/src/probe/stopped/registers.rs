//! The registers of a thread that has been stopped.

use nix::{
    Result,
    sys::ptrace::{self, regset},
    unistd::Pid,
};

/// The general and the vector registers of a thread, by name.
#[derive(Clone, Debug, Default)]
pub(in crate::probe) struct Registers {
    pub(in crate::probe) stack_pointer: u64,
    /// Where the thread's own statics are, which is at the upper end of its stack. Not known everywhere.
    pub(in crate::probe) thread_pointer: Option<u64>,
    bytes: Vec<u8>,
    /// Where each register ends, and its name.
    names: Vec<(usize, String)>,
}

impl Registers {
    /// Their contents, one after the other.
    pub(in crate::probe) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The register that a byte of [`bytes`](Self::bytes) is in.
    pub(in crate::probe) fn name(&self, at: usize) -> &str {
        self.names.iter().find(|(end, _)| at < *end).map_or("", |(_, name)| name)
    }

    fn push(&mut self, name: impl Into<String>, contents: &[u8]) {
        self.bytes.extend(contents);
        self.names.push((self.bytes.len(), name.into()));
    }

    /// Reads the registers of a thread that this thread traces and has stopped.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn of(thread: Pid) -> Result<Self> {
        let general = ptrace::getregset::<regset::NT_PRSTATUS>(thread)?;
        let vectors = ptrace::getregset::<regset::NT_PRFPREG>(thread)?;
        let mut all = Self { stack_pointer: general.rsp, thread_pointer: Some(general.fs_base), ..Self::default() };
        for (name, value) in [
            ("rax", general.rax),
            ("rbx", general.rbx),
            ("rcx", general.rcx),
            ("rdx", general.rdx),
            ("rsi", general.rsi),
            ("rdi", general.rdi),
            ("rbp", general.rbp),
            ("r8", general.r8),
            ("r9", general.r9),
            ("r10", general.r10),
            ("r11", general.r11),
            ("r12", general.r12),
            ("r13", general.r13),
            ("r14", general.r14),
            ("r15", general.r15),
            ("orig_rax", general.orig_rax),
        ] {
            all.push(name, &value.to_ne_bytes());
        }
        all.push_vectors("st", &vectors.st_space);
        all.push_vectors("xmm", &vectors.xmm_space);
        Ok(all)
    }

    /// Registers of 16 bytes each.
    #[cfg(target_arch = "x86_64")]
    fn push_vectors(&mut self, name: &str, words: &[u32]) {
        for (n, register) in words.chunks(4).enumerate() {
            let bytes: Vec<u8> = register.iter().flat_map(|word| word.to_ne_bytes()).collect();
            self.push(format!("{name}{n}"), &bytes);
        }
    }

    /// Reads the registers of a thread that this thread traces and has stopped.
    #[cfg(target_arch = "aarch64")]
    pub(super) fn of(thread: Pid) -> Result<Self> {
        let general = ptrace::getregset::<regset::NT_PRSTATUS>(thread)?;
        let vectors = ptrace::getregset::<regset::NT_PRFPREG>(thread)?;
        let mut all = Self { stack_pointer: general.sp, ..Self::default() };
        for (n, value) in general.regs.iter().enumerate() {
            all.push(format!("x{n}"), &value.to_ne_bytes());
        }
        for (n, value) in vectors.vregs.iter().enumerate() {
            all.push(format!("v{n}"), &value.to_ne_bytes());
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::Registers;
    use crate::{Canary, memory::Search};

    #[test]
    fn a_finding_is_in_the_register_that_it_begins_in() {
        let canary = Canary::random();
        let text = canary.as_str().as_bytes();
        let mut registers = Registers::default();
        registers.push("rax", &[0; 8]);
        registers.push("rbx", &text[8..16]);
        registers.push("xmm0", &[0; 16]);
        registers.push("xmm1", &text[..16]);
        registers.push("xmm2", &text[16..]);
        let findings = Search::new([&canary]).unwrap().bytes(registers.bytes());
        let found: Vec<_> = findings
            .iter()
            .map(|found| (registers.name(usize::try_from(found.address).unwrap()), found.offset, found.length))
            .collect();
        assert_eq!(found, [("rbx", 8, 8), ("xmm1", 0, 32)]);
    }
}
