//! The registers of a process's threads.
#![allow(unsafe_code, reason = "no crate hands out all of a thread's registers; tests alone read them")]

use std::{fs, io};

use nix::{
    sys::{
        ptrace::{self, Options},
        wait::{WaitPidFlag, waitpid},
    },
    unistd::Pid,
};

/// `NT_X86_XSTATE` of Linux's `elf.h`: all that the processor saves (`XSAVE`), every vector register to its full width.
#[cfg(target_arch = "x86_64")]
const VECTORS: libc::c_int = 0x202;
#[cfg(not(target_arch = "x86_64"))]
const VECTORS: libc::c_int = libc::NT_PRFPREG;

/// More than any set of registers takes.
const ROOM: usize = 64 * 1024;

/// The registers of each thread, as the kernel keeps them. The threads stop for a moment, and go on as if nothing had been.
pub(crate) fn of(pid: u32) -> Vec<(i32, Vec<u8>)> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("the process runs");
    let ids = threads.map(|thread| thread.unwrap().file_name().into_string().unwrap().parse::<i32>().unwrap());
    ids.filter_map(|id| Some((id, of_thread(Pid::from_raw(id))?))).collect()
}

/// `None`: the thread has ended meanwhile.
fn of_thread(thread: Pid) -> Option<Vec<u8>> {
    ptrace::seize(thread, Options::empty()).ok()?;
    ptrace::interrupt(thread).ok()?;
    waitpid(thread, Some(WaitPidFlag::__WALL)).ok()?;
    let sets =
        [libc::NT_PRSTATUS, VECTORS].map(|set| read(thread, set).expect("a thread that has stopped can be read"));
    ptrace::detach(thread, None).ok()?;
    Some(sets.concat())
}

fn read(thread: Pid, set: libc::c_int) -> io::Result<Vec<u8>> {
    let mut room = vec![0u8; ROOM];
    let mut place = libc::iovec { iov_base: room.as_mut_ptr().cast(), iov_len: room.len() };
    // SAFETY: the request takes the set's number and the place, by pointer; the kernel writes no more into the place than its
    // length, which is that of `room`, and says in it how much that was.
    let failed = unsafe { libc::ptrace(libc::PTRACE_GETREGSET, thread.as_raw(), set, &raw mut place) };
    if failed == -1 {
        return Err(io::Error::last_os_error());
    }
    room.truncate(place.iov_len);
    Ok(room)
}

/// Positive control: a register that holds something while its thread sleeps is found.
#[test]
#[cfg(target_arch = "x86_64")]
fn registers_are_read_to_their_full_width() {
    let sleeping = std::process::Command::new("sleep").arg("60").spawn();
    let mut sleeping = sleeping.expect("there is a `sleep`");
    let registers = of(sleeping.id());
    sleeping.kill().unwrap();
    sleeping.wait().unwrap();
    let [(_, registers)] = &registers[..] else { panic!("one thread") };
    // 27 general registers, and the legacy part and the header of the saved state at least.
    assert!(registers.len() >= 27 * 8 + 512 + 64, "{}", registers.len());
    assert!(registers.iter().any(|&byte| byte != 0));
}
