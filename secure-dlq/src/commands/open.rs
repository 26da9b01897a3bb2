//! Letters in clear.

use std::{
    fs::File,
    io::{self, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::is_read;
use crate::{
    args::Open,
    fault::{Ended, Fault, letters},
    letter::Letter,
    objects::Objects,
    output::{json, new_file},
    work::Work,
};

pub(super) async fn run(args: &Open) -> Result<Ended, Fault> {
    // Before anything is received.
    let is_stdout = args.out == Path::new("-");
    if is_stdout && args.delete {
        return Err(Fault::new("what is written to standard output may be lost: use --delete with --out FILE"));
    }
    if is_stdout && io::stdout().is_terminal() {
        return Err(Fault::new("standard output is a terminal, which keeps what it shows: use --out FILE, or a pipe"));
    }
    let mut work = Work::start(&args.letters).await?;
    let objects = Objects::of(&args.objects).await;
    let result = match if is_stdout { Ok(Out::Stdout) } else { Out::create(&args.out) } {
        Ok(out) => {
            let mut opening = Opening { objects, out, delete: args.delete, written: 0, deleted: 0 };
            let result = opening.go_on(&mut work).await;
            opening.say(&work);
            result
        }
        Err(fault) => Err(fault),
    };
    work.finish(result).await
}

struct Opening {
    objects: Objects,
    out: Out,
    delete: bool,
    written: usize,
    deleted: usize,
}

/// Where letters are written to.
enum Out {
    Stdout,
    File { path: PathBuf, file: File, len: u64 },
}

impl Opening {
    async fn go_on(&mut self, work: &mut Work) -> Result<(), Fault> {
        while let Some(batch) = work.next().await? {
            let (text, done) = self.in_clear(work, &batch).await;
            if !self.out.write(&text)? {
                break;
            }
            self.written += done.len();
            if self.delete {
                self.deleted += work.delete(&done, "written", &self.objects).await?;
            }
        }
        Ok(())
    }

    /// The lines of a batch, and whose they are.
    async fn in_clear<'a>(&self, work: &mut Work, batch: &'a [Letter]) -> (Zeroizing<Vec<u8>>, Vec<&'a Letter>) {
        let (mut lines, mut done) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
        for letter in batch {
            match self.objects.contents(letter).await {
                Ok(found) => {
                    lines.push(json::line(&letter.in_clear(found.contents())));
                    done.push(letter);
                }
                Err(why) => work.failed(&letter.place, why),
            }
        }
        let mut text = Zeroizing::new(Vec::with_capacity(lines.iter().map(|line| line.len() + 1).sum()));
        for line in lines {
            text.extend_from_slice(line.as_bytes());
            text.push(b'\n');
        }
        (text, done)
    }

    fn say(&self, work: &Work) {
        let Out::File { path, .. } = &self.out else { return };
        let deleted = if self.delete { format!(", {} of them deleted", self.deleted) } else { String::new() };
        work.progress.say(format_args!("{} written to {}{deleted}", letters(self.written), path.display()));
    }
}

impl Out {
    fn create(path: &Path) -> Result<Self, Fault> {
        let file = new_file::create(path)?;
        let path = path.to_owned();
        match new_file::sync_directory(&path) {
            Ok(()) => Ok(Self::File { path, file, len: 0 }),
            Err(error) => Err(Fault::new(format!("can't write {}: {error}", path.display()))),
        }
    }

    /// Writes whole lines. Those of a file are on the disk when this returns; when it fails, none of them is in it.
    /// `false`: nobody reads on.
    fn write(&mut self, text: &[u8]) -> Result<bool, Fault> {
        match self {
            Self::Stdout => {
                let mut out = io::stdout();
                is_read(out.write_all(text).and_then(|()| out.flush()))
            }
            Self::File { path, file, len } => match file.write_all(text).and_then(|()| file.sync_data()) {
                Ok(()) => {
                    *len += text.len() as u64;
                    Ok(true)
                }
                Err(error) => {
                    let _ = file.set_len(*len);
                    Err(Fault::new(format!("can't write {}: {error}", path.display())))
                }
            },
        }
    }
}
