//! Letters in a file.

use std::{collections::HashSet, fmt, io, path::Path};

use secure_runtime::dead_letter::LetterFile;

use super::{BATCH, Envelope, Id, digest};
use crate::fault::Fault;

/// The file is rewritten once for so many letters that are done, and at the end.
const DONE: usize = 1_000;

/// A file of letters, one a line. The same line twice is one letter.
pub(crate) struct Letters {
    file: LetterFile,
    lines: Box<dyn Iterator<Item = io::Result<String>> + Send>,
    line: usize,
    seen: HashSet<String>,
    done: HashSet<String>,
}

impl Letters {
    pub(super) fn of(path: &Path) -> Result<Self, Fault> {
        let file = LetterFile::at(path);
        let lines = file.lines().map_err(|error| Fault::new(format!("can't read {}: {error}", path.display())))?;
        Ok(Self { file, lines: Box::new(lines), line: 0, seen: HashSet::new(), done: HashSet::new() })
    }

    pub(super) fn next(&mut self) -> Result<Vec<Envelope>, Fault> {
        let mut batch = Vec::with_capacity(BATCH);
        while batch.len() < BATCH {
            let Some(line) = self.lines.next() else { break };
            self.line += 1;
            let place = format!("line {}", self.line);
            match line {
                Ok(text) => {
                    let digest = digest(&text);
                    if self.seen.insert(digest.clone()) {
                        batch.push(Envelope { id: Id(digest), place, text: Ok(text) });
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    batch.push(Envelope { id: Id(place.clone()), place, text: Err(error.to_string()) });
                }
                Err(error) => return Err(self.fault("read", &error)),
            }
        }
        Ok(batch)
    }

    pub(super) fn delete(&mut self, letters: &[Id]) -> Result<(), Fault> {
        self.done.extend(letters.iter().map(|id| id.0.clone()));
        if self.done.len() < DONE { Ok(()) } else { self.close() }
    }

    /// Takes out of the file what is done.
    pub(super) fn close(&mut self) -> Result<(), Fault> {
        if self.done.is_empty() {
            return Ok(());
        }
        let removed = self.file.remove(|line| self.done.contains(&digest(line)));
        removed.map_err(|error| self.fault("take letters that are done out of", &error))?;
        self.done.clear();
        Ok(())
    }

    fn fault(&self, what: &str, error: &io::Error) -> Fault {
        Fault::new(format!("can't {what} {}: {error}", self.file.path().display()))
    }
}

impl fmt::Debug for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letters").field("file", &self.file).finish_non_exhaustive()
    }
}
