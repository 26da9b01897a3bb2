//! What an address of a process belongs to.

use std::{ops::Range, path::Path};

use super::{Place, Thread};
use crate::memory::Region;

/// What lies above a thread's own statics: what the C library keeps about the thread.
const BOOKKEEPING: u64 = 4096;

/// The writable memory of a process, by what it is for.
#[derive(Debug)]
pub(super) struct Map<'a> {
    regions: &'a [Region],
    stacks: Vec<Stack>,
}

/// A thread's stack, as far as it is known.
#[derive(Debug)]
struct Stack {
    addresses: Range<u64>,
    pointer: u64,
    thread: Thread,
}

/// A thread, its stack pointer, and the address of its own statics.
pub(super) type Pointers = (Thread, u64, Option<u64>);

impl<'a> Map<'a> {
    /// # Errors
    /// The thread whose stack pointer doesn't point into writable memory: nothing that was read can be trusted then.
    pub(super) fn new(regions: &'a [Region], threads: impl IntoIterator<Item = Pointers>) -> Result<Self, Thread> {
        let stack = |(thread, pointer, own): Pointers| {
            let Some(region) = regions.iter().find(|region| region.addresses.contains(&pointer)) else {
                return Err(thread);
            };
            let Range { start, end } = region.addresses.clone();
            // A stack may share its mapping with what was mapped above it; a thread's own statics are at its upper end.
            let own = own.filter(|own| !thread.main && (pointer..end).contains(own));
            let end = own.map_or(end, |own| end.min(own + BOOKKEEPING));
            Ok(Stack { addresses: start..end, pointer, thread })
        };
        Ok(Self { regions, stacks: threads.into_iter().map(stack).collect::<Result<_, _>>()? })
    }

    pub(super) fn place(&self, address: u64) -> Place {
        let stacks = self.stacks.iter().filter(|stack| stack.addresses.contains(&address));
        if let Some(Stack { thread, pointer, .. }) = stacks.min_by_key(|stack| stack.pointer.abs_diff(address)) {
            return Place::Stack { thread: thread.clone(), address, pointer: *pointer };
        }
        let Some(at) = self.regions.iter().position(|region| region.addresses.contains(&address)) else {
            return Place::Mapping { name: String::new(), address, mapping: address..address + 1 };
        };
        let Region { name, addresses, .. } = &self.regions[at];
        if name == "[heap]" {
            return Place::Heap { address };
        }
        if let Some(file) = self.file(at) {
            return Place::Static { file: Path::new(file).to_path_buf(), address };
        }
        Place::Mapping { name: name.clone(), address, mapping: addresses.clone() }
    }

    /// The program or library whose statics a region holds: `.data` is mapped from a file, `.bss` follows it and is not.
    fn file(&self, at: usize) -> Option<&str> {
        let region = &self.regions[at];
        if region.name.starts_with('/') {
            return region.private.then_some(&region.name);
        }
        let before = self.regions.get(at.checked_sub(1)?)?;
        let follows = region.name == "anonymous" && before.addresses.end == region.addresses.start;
        (follows && before.private && before.name.starts_with('/')).then_some(&before.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(addresses: Range<u64>, name: &str) -> Region {
        Region { addresses, name: name.to_owned(), private: true }
    }

    fn thread(id: i32) -> Thread {
        Thread { id, name: "worker".to_owned(), main: id == 1 }
    }

    #[test]
    fn an_address_belongs_to_what_its_mapping_is_for() {
        let regions = [
            region(0x1000..0x2000, "/bin/login"),
            region(0x2000..0x3000, "anonymous"),
            region(0x4000..0x9000, "[heap]"),
            region(0x1_0000..0x2_0000, "anonymous"),
            region(0x2_1000..0x3_1000, "anonymous"),
            Region { private: false, ..region(0x4_0000..0x4_1000, "/dev/shm/x") },
            region(0x5_0000..0x6_0000, "[stack]"),
        ];
        let threads = [(thread(1), 0x5_f000, Some(0x2_8000)), (thread(2), 0x2_6000, Some(0x2_8000))];
        let map = Map::new(&regions, threads).unwrap();
        let bin = Path::new("/bin/login").to_path_buf();
        assert_eq!(map.place(0x1008), Place::Static { file: bin.clone(), address: 0x1008 });
        assert_eq!(map.place(0x2008), Place::Static { file: bin, address: 0x2008 });
        assert_eq!(map.place(0x4008), Place::Heap { address: 0x4008 });
        let anonymous = |address, mapping| Place::Mapping { name: "anonymous".to_owned(), address, mapping };
        assert_eq!(map.place(0x1_0008), anonymous(0x1_0008, 0x1_0000..0x2_0000));
        let stack = |id, address, pointer| Place::Stack { thread: thread(id), address, pointer };
        assert_eq!(map.place(0x2_1000), stack(2, 0x2_1000, 0x2_6000));
        assert_eq!(map.place(0x2_7000), stack(2, 0x2_7000, 0x2_6000));
        // Above what belongs to the thread.
        assert_eq!(map.place(0x2_9000), anonymous(0x2_9000, 0x2_1000..0x3_1000));
        assert_eq!(map.place(0x5_0010), stack(1, 0x5_0010, 0x5_f000));
        assert!(matches!(map.place(0x4_0008), Place::Mapping { name, .. } if name == "/dev/shm/x"));
    }

    #[test]
    fn a_stack_pointer_that_points_nowhere_is_no_stack_pointer() {
        let regions = [region(0x1000..0x2000, "[stack]")];
        assert_eq!(Map::new(&regions, [(thread(7), 0x3000, None)]).unwrap_err(), thread(7));
    }
}
