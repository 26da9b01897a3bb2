//! What can be asked for.

use std::path::PathBuf;

use clap::{ArgGroup, Parser, Subcommand};

const AFTER: &str = "\
Region and credentials are found as the AWS CLI finds them: AWS_REGION, AWS_PROFILE, the files in ~/.aws, SSO.

Exit codes:
  0    all letters were processed
  1    the work could not be done, or not to its end
  2    the command line is wrong
  3    some letters could not be processed: standard error names each, and they are left where they are
  130  interrupted; what was held of a queue was given back";

/// Opens, lists and replays the dead letters of functions secured with secure-runtime.
#[derive(Debug, Parser)]
#[command(name = "secure-dlq", version, after_help = AFTER, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Keygen(Keygen),
    PublicKey(PublicKey),
    List(List),
    Stats(Stats),
    Open(Open),
    Replay(Replay),
}

/// Makes a pair of keys: the private one for a new file, the public one on standard output.
///
/// The file is made with mode 0600. A file that is there already is never overwritten.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  secure-dlq keygen --out analysts.key")]
pub(crate) struct Keygen {
    /// The new file for the private key.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// Prints the public key that belongs to a private one: what a function is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  secure-dlq public-key --key analysts.key")]
pub(crate) struct PublicKey {
    #[command(flatten)]
    pub(crate) key: Key,
}

/// Lists letters, one a line, without their bodies.
///
/// The letters stay where they are. A queue counts the look as a receive.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  secure-dlq list --queue \"$URL\" --key analysts.key --code card_declined")]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) letters: Letters,
    /// Print JSON: an object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Counts letters by their codes.
///
/// The letters stay where they are. A queue counts the look as a receive.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  secure-dlq stats --file dead-letters --key analysts.key")]
pub(crate) struct Stats {
    #[command(flatten)]
    pub(crate) letters: Letters,
    /// Print JSON: an object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Writes letters in clear, with their bodies, as JSON: an object a line.
///
/// The field `body` has the body where that is text; where it is not, `body_base64` has it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  secure-dlq open --queue \"$URL\" --key analysts.key --out letters.jsonl --delete
  secure-dlq open --queue \"$URL\" --key analysts.key --out - --limit 1 | jq .")]
pub(crate) struct Open {
    #[command(flatten)]
    pub(crate) letters: Letters,
    #[command(flatten)]
    pub(crate) objects: Objects,
    /// The new file for them, made with mode 0600 and never overwritten; "-" is standard output, unless that is a terminal.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Delete each letter, and its object, once it is in the file and the file is on the disk.
    #[arg(long)]
    pub(crate) delete: bool,
}

/// Sends what is in the letters to a queue again, in clear, and deletes each letter once the queue has taken it.
///
/// Attributes are sent as strings. To a FIFO queue a letter is sent in the group of its record; one that is sent twice within
/// five minutes is delivered once.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  secure-dlq replay --queue \"$URL\" --key analysts.key --code db_down --to \"$ORDERS_URL\""
)]
pub(crate) struct Replay {
    #[command(flatten)]
    pub(crate) letters: Letters,
    #[command(flatten)]
    pub(crate) objects: Objects,
    /// The URL of the queue to send to.
    #[arg(long, value_name = "URL")]
    pub(crate) to: String,
    /// Delete nothing.
    #[arg(long)]
    pub(crate) keep: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Key {
    /// The file of the private key. Nobody but its owner may be allowed to do anything with it.
    #[arg(id = "key", long, value_name = "FILE", env = "SECURE_DLQ_KEY_FILE")]
    pub(crate) file: PathBuf,
}

/// Which letters.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("source").required(true))]
pub(crate) struct Letters {
    /// The URL of the queue that the letters are in.
    #[arg(long, value_name = "URL", group = "source")]
    pub(crate) queue: Option<String>,
    /// The file that the letters are in. Lines are counted without empty ones.
    #[arg(long, value_name = "FILE", group = "source")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) key: Key,
    /// Only letters with this code. May be given more than once.
    #[arg(long = "code", value_name = "CODE")]
    pub(crate) codes: Vec<String>,
    /// No more letters than that.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// For how many seconds the queue hides from others what is being worked on. It is asked for more when that runs out, and
    /// what is left is given back at the end.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u16).range(10..=43_200))]
    pub(crate) visibility: u16,
}

/// Where large letters are.
#[derive(Debug, clap::Args)]
pub(crate) struct Objects {
    /// The bucket of letters that were too large for their queue. No other bucket is touched, whatever a letter says.
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Option<String>,
    /// The account that the bucket has to be of.
    #[arg(long, value_name = "ACCOUNT", requires = "bucket")]
    pub(crate) bucket_owner: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_commands_are_sound() {
        Args::command().debug_assert();
    }

    fn refused(line: &str) -> bool {
        Args::try_parse_from(line.split(' ')).is_err()
    }

    #[test]
    fn letters_come_from_one_place() {
        assert!(!refused("secure-dlq list --key k --queue q"));
        assert!(!refused("secure-dlq list --key k --file f"));
        assert!(refused("secure-dlq list --key k"));
        assert!(refused("secure-dlq list --key k --queue q --file f"));
        assert!(refused("secure-dlq list --queue q"));
    }

    #[test]
    fn numbers_have_bounds() {
        assert!(!refused("secure-dlq list --key k --queue q --visibility 10 --limit 1"));
        assert!(refused("secure-dlq list --key k --queue q --visibility 9"));
        assert!(refused("secure-dlq list --key k --queue q --limit 0"));
    }

    #[test]
    fn an_owner_is_a_buckets() {
        assert!(!refused("secure-dlq open --key k --queue q --out o --bucket b --bucket-owner 1"));
        assert!(refused("secure-dlq open --key k --queue q --out o --bucket-owner 1"));
    }
}
