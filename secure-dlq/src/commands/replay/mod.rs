//! Letters back to a queue.

mod message;
mod target;

use self::{message::Message, target::Target};
use crate::{
    args::Replay,
    fault::{Ended, Fault, letters},
    letter::Letter,
    objects::Objects,
    work::Work,
};

pub(super) async fn run(args: &Replay) -> Result<Ended, Fault> {
    // Before anything is received.
    if args.letters.queue.as_deref().is_some_and(|queue| is_same(queue, &args.to)) {
        return Err(Fault::new("--to is the queue that the letters are in: use the one that their function reads"));
    }
    let mut work = Work::start(&args.letters).await?;
    let objects = Objects::of(&args.objects).await;
    let mut replaying = Replaying { objects, target: Target::of(&args.to).await, keep: args.keep, sent: 0, deleted: 0 };
    let result = replaying.go_on(&mut work).await;
    replaying.say(&work);
    work.finish(result).await
}

fn is_same(queue: &str, to: &str) -> bool {
    queue.trim().trim_end_matches('/').eq_ignore_ascii_case(to.trim().trim_end_matches('/'))
}

struct Replaying {
    objects: Objects,
    target: Target,
    keep: bool,
    sent: usize,
    deleted: usize,
}

impl Replaying {
    async fn go_on(&mut self, work: &mut Work) -> Result<(), Fault> {
        while let Some(batch) = work.next().await? {
            let mut found = Vec::with_capacity(batch.len());
            for letter in &batch {
                match self.objects.contents(letter).await {
                    Ok(contents) => found.push((letter, contents)),
                    Err(why) => work.failed(&letter.place, why),
                }
            }
            let mut messages = Vec::with_capacity(found.len());
            for (letter, contents) in &found {
                match Message::of(letter, contents.contents()) {
                    Ok(message) => messages.push(message),
                    Err(why) => work.failed(&letter.place, why),
                }
            }
            for messages in message::requests(&messages) {
                self.replay(work, messages).await?;
            }
        }
        Ok(())
    }

    /// Sends what fits one request, and deletes what the queue has taken.
    async fn replay(&mut self, work: &mut Work, messages: &[Message<'_>]) -> Result<(), Fault> {
        let refusals = self.target.send(messages).await?;
        let mut sent: Vec<&Letter> = Vec::with_capacity(messages.len());
        for (message, refusal) in messages.iter().zip(refusals) {
            match refusal {
                None => sent.push(message.letter),
                Some(why) => {
                    work.failed(&message.letter.place, format_args!("not taken by {}: {why}", self.target.url()));
                }
            }
        }
        self.sent += sent.len();
        if !self.keep {
            self.deleted += work.delete(&sent, "replayed", &self.objects).await?;
        }
        Ok(())
    }

    fn say(&self, work: &Work) {
        let deleted = if self.keep { String::new() } else { format!(", {} of them deleted", self.deleted) };
        work.progress.say(format_args!("{} sent to {}{deleted}", letters(self.sent), self.target.url()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_the_same_however_it_is_written() {
        let url = "https://sqs.eu-central-1.amazonaws.com/123456789012/orders";
        assert!(is_same(url, &format!(" {url}/")));
        assert!(is_same(url, &url.replace("sqs", "SQS")));
        assert!(!is_same(url, &format!("{url}-dead")));
    }
}
