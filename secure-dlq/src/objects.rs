//! Contents that were too large for their queue.

use secure_runtime::{
    dead_letter::{Contents, Held, LetterObject},
    s3::{Bucket, SealedObject},
};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use zeroize::Zeroizing;

use crate::{args, aws, fault::chain, letter::Letter};

/// The most that is read of an object, in bytes: more than the largest record of a queue.
const LONGEST: usize = 16 * 1024 * 1024;

/// The one bucket whose objects are read and deleted. Whoever has the public key can write a letter that names any other.
#[derive(Debug)]
pub(crate) struct Objects(Option<Bucket>);

/// A letter's contents: its own, or its object's.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    Here(&'a Contents),
    InObject(Contents),
}

impl Found<'_> {
    pub(crate) fn contents(&self) -> &Contents {
        match self {
            Self::Here(contents) => contents,
            Self::InObject(contents) => contents,
        }
    }
}

impl Objects {
    pub(crate) async fn of(args: &args::Objects) -> Self {
        let Some(name) = &args.bucket else { return Self(None) };
        let bucket = Bucket::new(aws_sdk_s3::Client::new(aws::config().await), name);
        Self(Some(match &args.bucket_owner {
            Some(owner) => bucket.expected_owner(owner),
            None => bucket,
        }))
    }

    /// What a letter brought. The error says what to do.
    pub(crate) async fn contents<'a>(&self, letter: &'a Letter) -> Result<Found<'a>, String> {
        match letter.opened.held() {
            Held::Here(contents) => Ok(Found::Here(contents)),
            Held::InObject(object) => self.read(object).await.map(Found::InObject),
            _ => Err("this release does not know where its contents are".to_owned()),
        }
    }

    async fn read(&self, object: &LetterObject) -> Result<Contents, String> {
        let bucket = self.bucket_of(object)?;
        let told = |error: &dyn std::error::Error| format!("can't read {}: {}", url(object), chain(error));
        let sealed = SealedObject::new(bucket, object.name(), object.key());
        let reader = sealed.get().await.map_err(|error| told(&error))?;
        let text = read_all(reader).await.map_err(|error| told(&error))?;
        if text.len() > LONGEST {
            return Err(format!("{} is too large for what a record brings", url(object)));
        }
        Contents::from_object(&text).ok_or_else(|| format!("{} does not hold what a record brings", url(object)))
    }

    /// Deletes the object of a letter that has one. The error says what is left.
    pub(crate) async fn delete(&self, letter: &Letter) -> Result<(), String> {
        let Held::InObject(object) = letter.opened.held() else { return Ok(()) };
        let deleted = SealedObject::new(self.bucket_of(object)?, object.name(), object.key()).delete().await;
        deleted.map_err(|error| format!("the letter is done, but {} is left: {}", url(object), chain(&error)))
    }

    fn bucket_of(&self, object: &LetterObject) -> Result<&Bucket, String> {
        match &self.0 {
            Some(bucket) if bucket.name() == object.bucket() => Ok(bucket),
            Some(bucket) => {
                Err(format!("its contents are in the bucket {}, and --bucket is {}", object.bucket(), bucket.name()))
            }
            None => Err(format!(
                "its contents are in the bucket {0}: use --bucket {0}, if that is one of yours",
                object.bucket()
            )),
        }
    }
}

fn url(object: &LetterObject) -> String {
    format!("s3://{}/{}", object.bucket(), object.name())
}

/// Reads to the end, or a byte more than is allowed. No reader may be followed by a growing text that is left behind in memory.
async fn read_all(reader: impl AsyncRead + Unpin) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut reader = reader.take(LONGEST as u64 + 1);
    let mut text = Zeroizing::new(Vec::new());
    let mut piece = Zeroizing::new(vec![0; 64 * 1024]);
    loop {
        let read = reader.read(&mut piece).await?;
        if read == 0 {
            return Ok(text);
        }
        if text.capacity() - text.len() < read {
            let mut larger = Zeroizing::new(Vec::with_capacity((text.capacity() * 2).max(256 * 1024)));
            larger.extend_from_slice(&text);
            text = larger;
        }
        text.extend_from_slice(&piece[..read]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_text_is_read_whole_and_no_longer_than_allowed() {
        for len in [0, 1, 300_000, LONGEST] {
            let text = vec![7; len];
            assert!(*read_all(&text[..]).await.unwrap() == text, "{len}");
        }
        assert_eq!(read_all(&vec![7; LONGEST + 9][..]).await.unwrap().len(), LONGEST + 1);
    }
}
