//! The kinds of places, what they are called, and what most often removes what is found there.

use super::Place;

/// The most telling first: what anybody can see stands before what takes another fault to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Reply,
    Log,
    File,
    Static,
    Heap,
    Mapping,
    Stack,
    Register,
}

impl Kind {
    pub(super) fn of(place: &Place) -> Self {
        match place {
            Place::Reply { .. } => Self::Reply,
            Place::Log { .. } => Self::Log,
            Place::File { .. } => Self::File,
            Place::Static { .. } => Self::Static,
            Place::Heap { .. } => Self::Heap,
            Place::Mapping { .. } => Self::Mapping,
            Place::Stack { .. } => Self::Stack,
            Place::Register { .. } => Self::Register,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Reply => "what the caller got",
            Self::Log => "the log",
            Self::File => "temporary files",
            Self::Static => "statics",
            Self::Heap => "the heap",
            Self::Mapping => "other memory: large blocks, heaps of other threads",
            Self::Stack => "stacks",
            Self::Register => "registers",
        }
    }

    pub(super) fn help(self) -> &'static str {
        match self {
            Self::Reply => {
                "a `Secret` can't be put into an answer, and an error that derives `OpaqueError` tells the caller a code; \
                 `allow_in_answer` is for a function that hands out what its own event has brought"
            }
            Self::Log => {
                "`secure_runtime::log::init` masks secrets in what is logged with `tracing`; `println!` is masked by nobody"
            }
            Self::File => {
                "`secure_runtime::tmp::SealedFile` keeps what it is given encrypted, under no name, until the invocation ends"
            }
            Self::Static => "a static outlives every invocation: hand values on as arguments (SH001)",
            Self::Heap | Self::Mapping => {
                "`#[secure_runtime::main]` and `secure_runtime::run` wipe what is freed and the buffers of an event; what is \
                 still alive there is held by a cache, a static, a task or a thread"
            }
            Self::Stack => {
                "below a stack pointer lies what calls have left: `secure_runtime::run` under `#[secure_runtime::main]` wipes it on the \
                 runtime's threads, `secure_runtime::task::spawn_blocking` on others; above it is what still runs"
            }
            Self::Register => "a thread that sleeps keeps its registers: what wipes stacks wipes them as well",
        }
    }
}
