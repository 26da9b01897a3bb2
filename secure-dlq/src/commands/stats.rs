//! How many letters there are of each code.

use std::{cmp::Reverse, collections::BTreeMap, time::SystemTime};

use serde::Serialize;

use super::is_read;
use crate::{
    args::Stats,
    fault::{Ended, Fault},
    output::{
        json,
        text::{escaped, time},
    },
    work::Work,
};

/// The letters of one code.
#[derive(Debug, Clone, Copy)]
struct Count {
    letters: usize,
    first: SystemTime,
    last: SystemTime,
}

#[derive(Serialize)]
struct Line<'a> {
    code: &'a str,
    letters: usize,
    first: Option<String>,
    last: Option<String>,
}

pub(super) async fn run(args: &Stats) -> Result<Ended, Fault> {
    let mut work = Work::start(&args.letters).await?;
    let mut counts = BTreeMap::new();
    let result = count(&mut work, &mut counts).await;
    // What was counted until something went wrong is no answer.
    let result = result.and_then(|()| print(&work, &counts, args.json));
    work.finish(result).await
}

async fn count(work: &mut Work, counts: &mut BTreeMap<String, Count>) -> Result<(), Fault> {
    while let Some(letters) = work.next().await? {
        for letter in letters {
            let at = letter.opened.at();
            let count = counts.entry(letter.opened.code().to_owned());
            let count = count.or_insert(Count { letters: 0, first: at, last: at });
            count.letters += 1;
            count.first = count.first.min(at);
            count.last = count.last.max(at);
        }
    }
    Ok(())
}

fn print(work: &Work, counts: &BTreeMap<String, Count>, as_json: bool) -> Result<(), Fault> {
    for line in lines(counts) {
        let text = if as_json { json::line(&line) } else { line.text().into() };
        if !is_read(work.progress.print(&text))? {
            break;
        }
    }
    Ok(())
}

/// The most frequent code first.
fn lines(counts: &BTreeMap<String, Count>) -> Vec<Line<'_>> {
    let lines = counts.iter().map(|(code, &Count { letters, first, last })| Line {
        code,
        letters,
        first: time(first),
        last: time(last),
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort_by_key(|line| Reverse(line.letters));
    lines
}

impl Line<'_> {
    fn text(&self) -> String {
        let [first, last] = [&self.first, &self.last].map(|time| time.as_deref().unwrap_or("no such time"));
        format!("{:>8}  {}  {first} to {last}", self.letters, escaped(self.code))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_most_frequent_code_is_first() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let count = |letters| Count { letters, first: at(1), last: at(2) };
        let counts = [("a", 1), ("b", 7), ("c", 3)].map(|(code, letters)| (code.to_owned(), count(letters)));
        let counts = BTreeMap::from(counts);
        let lines: Vec<_> = lines(&counts).iter().map(Line::text).collect();
        let times = "1970-01-01T00:00:01Z to 1970-01-01T00:00:02Z";
        assert_eq!(
            lines,
            [format!("       7  b  {times}"), format!("       3  c  {times}"), format!("       1  a  {times}")]
        );
    }
}
