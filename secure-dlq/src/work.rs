//! What all commands on letters do: take them, open them, tell of those that can't be, delete what is done, give back the rest.

use std::fmt::Display;

use secure_runtime::dead_letter::{Held, PrivateKey};

use crate::{
    args, fault,
    fault::{Ended, Fault},
    key_file,
    letter::Letter,
    objects::Objects,
    output::terminal::Progress,
    source::{Source, Undeleted},
    stop::Stop,
};

/// The letters that were asked for, some at a time.
pub(crate) struct Work {
    source: Source,
    key: PrivateKey,
    codes: Vec<String>,
    left: Option<u64>,
    stop: Stop,
    failures: usize,
    is_whole: bool,
    pub(crate) progress: Progress,
}

impl Work {
    pub(crate) async fn start(args: &args::Letters) -> Result<Self, Fault> {
        let key = key_file::read(&args.key.file)?;
        let source = Source::of(args).await?;
        let total = source.total().await;
        let total = args.limit.map_or(total, |limit| total.map(|total| total.min(limit)));
        Ok(Self {
            source,
            key,
            codes: args.codes.clone(),
            left: args.limit,
            stop: Stop::on_signal(),
            failures: 0,
            is_whole: true,
            progress: Progress::start(total),
        })
    }

    /// The next letters that were asked for. `None`: those were all, or the work is to end.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Letter>>, Fault> {
        loop {
            if self.left == Some(0) || self.stop.is_asked_for() {
                return Ok(None);
            }
            let envelopes = self.source.next().await?;
            if envelopes.is_empty() {
                self.look_for_the_rest();
                return Ok(None);
            }
            let mut letters = Vec::with_capacity(envelopes.len());
            for envelope in envelopes {
                self.progress.add(1);
                let place = envelope.place.clone();
                match Letter::open(envelope, &self.key) {
                    Ok(letter) => letters.push(letter),
                    Err(why) => self.failed(&place, why),
                }
            }
            letters
                .retain(|letter| self.codes.is_empty() || self.codes.iter().any(|code| code == letter.opened.code()));
            if let Some(left) = &mut self.left {
                letters.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= letters.len() as u64;
            }
            if !letters.is_empty() {
                return Ok(Some(letters));
            }
        }
    }

    fn look_for_the_rest(&mut self) {
        let withheld = self.source.withheld();
        if withheld > 0 {
            self.is_whole = false;
            self.progress.say(format_args!(
                "the queue has about {withheld} more that it does not hand out: in a FIFO queue, those behind what is left of \
                 their group; otherwise try again"
            ));
        }
    }

    /// Tells of a letter that can't be processed.
    pub(crate) fn failed(&mut self, place: &str, why: impl Display) {
        self.failures += 1;
        self.progress.say(format_args!("{place}: {why}"));
    }

    /// Deletes letters that are done, and then their objects; how many letters it deleted. `done` says what they are, for those
    /// that stay.
    pub(crate) async fn delete(&mut self, letters: &[&Letter], done: &str, objects: &Objects) -> Result<usize, Fault> {
        let all: Vec<_> = letters.iter().map(|letter| letter.id.clone()).collect();
        let have_objects = letters.iter().any(|letter| !matches!(letter.opened.held(), Held::Here(_)));
        let deleted = match self.source.delete(&all).await {
            Ok(undeleted) if have_objects => self.source.settle().map(|()| undeleted),
            deleted => deleted,
        };
        let undeleted = match deleted {
            Ok(undeleted) => undeleted,
            Err(fault) => {
                for letter in letters {
                    self.failed(&letter.place, format_args!("{done}, but not deleted"));
                }
                return Err(fault);
            }
        };
        let mut count = 0;
        for letter in letters {
            if let Some(Undeleted { why, .. }) = undeleted.iter().find(|undeleted| undeleted.id == letter.id) {
                self.failed(&letter.place, format_args!("{done}, but not deleted: {why}"));
                continue;
            }
            count += 1;
            if let Err(why) = objects.delete(letter).await {
                self.failed(&letter.place, why);
            }
        }
        Ok(count)
    }

    /// Gives back what is left, whatever came of the work.
    pub(crate) async fn finish(self, result: Result<(), Fault>) -> Result<Ended, Fault> {
        let Self { source, stop, failures, is_whole, progress, .. } = self;
        let closed = source.close().await;
        if failures > 0 {
            progress.say(format_args!("{} could not be processed", fault::letters(failures)));
        }
        result.and(closed)?;
        Ok(match failures {
            _ if stop.is_asked_for() => Ended::Interrupted,
            0 if is_whole => Ended::All,
            _ => Ended::Some,
        })
    }
}
