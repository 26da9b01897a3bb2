//! A look at everything that an event may have left something in.

use std::{collections::HashMap, path::Path};

use super::{
    Place, Residue, files,
    map::{Map, Pointers},
    permission,
    plant::Planted,
    report::Seen,
    stopped::Stopped,
};
use crate::{
    Canary, Error, Function, Outcome, Reply,
    memory::{Finding, Search},
};

/// The shortest piece of a secret that counts: in general, and in registers, which hold less at a time.
const FRAGMENT: usize = 12;
const FRAGMENT_OF_REGISTERS: usize = 8;
/// How much of a log line is shown on either side of a finding.
const AROUND: usize = 24;

/// Looks at one function, event after event.
#[derive(Debug)]
pub(super) struct Looks {
    search: Search,
    registers: Search,
    /// Every secret that is going to be sent, with the event that it comes with.
    secrets: Vec<(usize, Planted)>,
    answers_may_hold_their_own: bool,
    /// How many lines of the log have been looked at.
    lines: usize,
    pub(super) residues: Vec<Residue>,
    /// Where each of them is.
    known: HashMap<Residue, usize>,
    pub(super) seen: Seen,
}

impl Looks {
    /// Prepares to search for a control and for secrets.
    pub(super) fn new(control: &Canary, secrets: Vec<(usize, Planted)>, answers: bool) -> Result<Self, Error> {
        let needles: Vec<&str> =
            [control.as_str()].into_iter().chain(secrets.iter().map(|(_, secret)| secret.canary.as_str())).collect();
        Ok(Self {
            search: Search::with_min_fragment(&needles, FRAGMENT)?,
            registers: Search::with_min_fragment(&needles, FRAGMENT_OF_REGISTERS)?,
            secrets,
            answers_may_hold_their_own: answers,
            lines: 0,
            residues: Vec::new(),
            known: HashMap::new(),
            seen: Seen::default(),
        })
    }

    /// Looks at what is there once an event has been replied to. Gives whether there was a process to look into.
    pub(super) fn after(&mut self, event: usize, function: &mut Function, reply: &Reply) -> Result<bool, Error> {
        self.reply(event, reply);
        self.log(event, function);
        self.files(event, function.tmp()).map_err(Error::io("read the function's temporary directory"))?;
        if !function.is_running()? {
            return Ok(false);
        }
        self.process(event, function)?;
        Ok(true)
    }

    fn process(&mut self, event: usize, function: &Function) -> Result<(), Error> {
        let pid = function.pid();
        let blind = |what: String| Error::Blind { what };
        let stopped = Stopped::all(pid)?;
        let refused = |error| match error {
            Error::Memory { source, .. } => permission::refused(pid, "read the memory", source),
            error => error,
        };
        let memory = function.memory().map_err(refused)?;
        let pointers = stopped.threads.iter().map(|(thread, registers)| -> Pointers {
            (thread.clone(), registers.stack_pointer, registers.thread_pointer)
        });
        let map = Map::new(memory.regions(), pointers)
            .map_err(|thread| blind(format!("registers: the stack pointer of {thread} points nowhere")))?;
        if stopped.threads.is_empty() {
            return Err(blind("a single thread of the function".to_owned()));
        }
        let found = memory.search(&self.search).map_err(refused)?;
        if !found.iter().any(|finding| finding.canary == 0 && finding.whole) {
            return Err(blind("what it has put into the function's memory itself".to_owned()));
        }
        for finding in &found {
            self.add(event, finding, map.place(finding.address));
        }
        for (thread, registers) in &stopped.threads {
            for finding in &self.registers.bytes(registers.bytes()) {
                let register = registers.name(index(finding.address)).to_owned();
                self.add(event, finding, Place::Register { thread: thread.clone(), register });
            }
        }
        self.seen.threads = self.seen.threads.max(stopped.threads.len());
        let sizes = memory.regions().iter().map(|region| region.addresses.end - region.addresses.start);
        self.seen.bytes = self.seen.bytes.max(sizes.sum());
        Ok(())
    }

    fn reply(&mut self, event: usize, reply: &Reply) {
        let texts = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            (Some(name.to_string()), [name.as_str().as_bytes(), b": ", value.as_bytes()].concat())
        };
        let headers = reply.headers().iter().chain(reply.trailers()).map(texts);
        let parts: Vec<_> = headers.chain([(None, reply.body().to_vec())]).collect();
        let answer = reply.outcome() == Outcome::Answer;
        for (header, bytes) in parts {
            for finding in &self.search.bytes(&bytes) {
                let own = finding.canary > 0 && self.secrets[finding.canary - 1].0 == event;
                if !(answer && own && self.answers_may_hold_their_own) {
                    let place = Place::Reply { event, header: header.clone(), at: index(finding.address) };
                    self.add(event, finding, place);
                }
            }
        }
    }

    fn log(&mut self, event: usize, function: &mut Function) {
        let lines = function.log()[self.lines..].to_vec();
        for line in &lines {
            self.lines += 1;
            for finding in &self.search.bytes(line.as_bytes()) {
                let place = Place::Log { line: self.lines, excerpt: excerpt(line, index(finding.address)) };
                self.add(event, finding, place);
            }
        }
        self.seen.lines = self.lines;
    }

    fn files(&mut self, event: usize, directory: &Path) -> std::io::Result<()> {
        let paths = files::below(directory)?;
        for path in &paths {
            let name = path.file_name().unwrap_or_default().as_encoded_bytes().to_vec();
            let relative = path.strip_prefix(directory).unwrap_or(path).to_path_buf();
            for finding in &self.search.bytes(&name) {
                self.add(event, finding, Place::File { path: relative.clone(), at: None });
            }
            for finding in &self.search.bytes(&files::contents(path)?.unwrap_or_default()) {
                self.add(event, finding, Place::File { path: relative.clone(), at: Some(finding.address) });
            }
        }
        self.seen.files = self.seen.files.max(paths.len());
        Ok(())
    }

    /// Keeps a finding, unless it is the control, or has been seen before in the same place.
    fn add(&mut self, event: usize, finding: &Finding, place: Place) {
        let Some(at) = finding.canary.checked_sub(1) else { return };
        let (came_with, Planted { field, .. }) = &self.secrets[at];
        let residue = Residue {
            field: field.clone(),
            event: *came_with,
            first: event,
            last: event,
            whole: finding.whole,
            offset: finding.offset,
            length: finding.length,
            encoding: finding.encoding,
            place,
        };
        // The same thing, whenever it is seen.
        let timeless = Residue { first: 0, last: 0, ..residue.clone() };
        let at = *self.known.entry(timeless).or_insert(self.residues.len());
        match self.residues.get_mut(at) {
            Some(known) => known.last = event,
            None => self.residues.push(residue),
        }
    }
}

/// What is around a byte of a line.
fn excerpt(line: &str, at: usize) -> String {
    let boundary = |mut at: usize| {
        while !line.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (from, to) = (boundary(at.saturating_sub(AROUND)), boundary((at + 2 * AROUND).min(line.len())));
    let dots = |cut: bool| if cut { "…" } else { "" };
    format!("{}{}{}", dots(from > 0), &line[from..to], dots(to < line.len()))
}

fn index(address: u64) -> usize {
    usize::try_from(address).expect("an index of bytes that were in memory")
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn an_excerpt_ends_where_letters_do() {
        assert_eq!(excerpt("short", 2), "short");
        let long = format!("{}secret{}", "é".repeat(40), "ö".repeat(60));
        let shown = excerpt(&long, 80);
        assert!(shown.starts_with("…é") && shown.contains("ésecretö") && shown.ends_with("ö…"), "{shown}");
    }
}
