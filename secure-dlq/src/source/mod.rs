//! Where letters are: a queue, or a file.

#[cfg(unix)]
mod file;
mod queue;

use sha2::{Digest as _, Sha256};

use crate::{args, fault::Fault};

/// How many letters are worked on at once: what SQS takes and gives in one call.
pub(crate) const BATCH: usize = 10;

/// Something that may be a letter, and where it was.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) id: Id,
    /// For people: `message 8476a536..`, `line 3`.
    pub(crate) place: String,
    /// Why it can't be read, where it can't.
    pub(crate) text: Result<String, String>,
}

/// What a source knows a letter by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Id(String);

/// A letter that could not be deleted, and why.
#[derive(Debug)]
pub(crate) struct Undeleted {
    pub(crate) id: Id,
    pub(crate) why: String,
}

/// Where letters are taken from.
#[derive(Debug)]
pub(crate) enum Source {
    Queue(queue::Queue),
    #[cfg(unix)]
    File(file::Letters),
}

impl Source {
    pub(crate) async fn of(args: &args::Letters) -> Result<Self, Fault> {
        match (&args.queue, &args.file) {
            (Some(url), _) => Ok(Self::Queue(queue::Queue::of(url, args.visibility).await)),
            #[cfg(unix)]
            (None, Some(path)) => Ok(Self::File(file::Letters::of(path)?)),
            #[cfg(not(unix))]
            (None, Some(_)) => Err(Fault::new("files of letters need a Unix: use --queue")),
            (None, None) => Err(Fault::new("nothing to take letters from: use --queue or --file")),
        }
    }

    /// About how many letters there are, where that is known.
    pub(crate) async fn total(&self) -> Option<u64> {
        match self {
            Self::Queue(queue) => queue.visible().await,
            #[cfg(unix)]
            Self::File(_) => None,
        }
    }

    /// The next letters, up to [`BATCH`], each once. None: those were all.
    pub(crate) async fn next(&mut self) -> Result<Vec<Envelope>, Fault> {
        match self {
            Self::Queue(queue) => queue.next().await,
            #[cfg(unix)]
            Self::File(file) => file.next(),
        }
    }

    /// Deletes letters; which of them could not be. Of a file they may go as late as with [`close`](Self::close).
    pub(crate) async fn delete(&mut self, letters: &[Id]) -> Result<Vec<Undeleted>, Fault> {
        match self {
            Self::Queue(queue) => queue.delete(letters).await,
            #[cfg(unix)]
            Self::File(file) => file.delete(letters).map(|()| Vec::new()),
        }
    }

    /// Sees to it that what is deleted is gone.
    pub(crate) fn settle(&mut self) -> Result<(), Fault> {
        match self {
            Self::Queue(_) => Ok(()),
            #[cfg(unix)]
            Self::File(file) => file.close(),
        }
    }

    /// About how many letters there are that were never handed out, once there are no next ones.
    pub(crate) fn withheld(&self) -> u64 {
        match self {
            Self::Queue(queue) => queue.withheld(),
            #[cfg(unix)]
            Self::File(_) => 0,
        }
    }

    /// Gives back what was not deleted.
    pub(crate) async fn close(self) -> Result<(), Fault> {
        match self {
            Self::Queue(queue) => queue.close().await,
            #[cfg(unix)]
            Self::File(mut file) => file.close(),
        }
    }
}

/// What a text is known by. Two letters never have the same one.
pub(crate) fn digest(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::with_capacity(64), |hex, byte| format!("{hex}{byte:02x}"))
}
