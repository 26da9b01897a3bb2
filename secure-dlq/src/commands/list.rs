//! A line a letter.

use super::is_read;
use crate::{
    args::List,
    fault::{Ended, Fault},
    output::json,
    work::Work,
};

pub(super) async fn run(args: &List) -> Result<Ended, Fault> {
    let mut work = Work::start(&args.letters).await?;
    let result = list(&mut work, args.json).await;
    work.finish(result).await
}

async fn list(work: &mut Work, as_json: bool) -> Result<(), Fault> {
    while let Some(letters) = work.next().await? {
        for letter in &letters {
            let facts = letter.facts();
            let line = if as_json { json::line(&facts) } else { facts.line().into() };
            if !is_read(work.progress.print(&line))? {
                return Ok(());
            }
        }
    }
    Ok(())
}
