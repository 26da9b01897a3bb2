//! An object's text, as far as it has been authenticated.

use std::{
    fmt, io, mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use aws_sdk_s3::primitives::ByteStream;
use tokio::io::{AsyncRead, ReadBuf};

use super::{
    DataKeys, SealedObjectError,
    format::{Chunks, PREFIX, RECORD, wrapped_len},
};
use crate::{scrub::Buffer, seal::CHUNK};

/// An object's text, as [`SealedObject::get`](super::SealedObject::get) gives it: a tokio [`AsyncRead`].
///
/// What it gives has been authenticated, chunk by chunk of 64 KiB; that the text is whole is known when it has ended without an error. It
/// holds about 256 KiB, however long the text is.
///
/// # Errors
/// Reading fails with a [`SealedObjectError`] inside of the [`io::Error`]: [`Forged`](SealedObjectError::Forged)
/// ([`InvalidData`](io::ErrorKind::InvalidData)) when the object is not what was put, or ends before its last chunk;
/// [`Service`](SealedObjectError::Service) when the connection breaks. After an error it gives nothing but errors.
pub struct ObjectReader(State);

enum State {
    Opened(Box<Source>),
    Opening(Pin<Box<dyn Future<Output = Result<Box<Source>, SealedObjectError>> + Send>>),
    Failed { forged: bool },
}

/// A stream, and what was read from it.
struct Source {
    stream: Incoming,
    chunks: Chunks,
    text: Buffer,
    /// How much of the chunk's text has been given out.
    given: usize,
    /// Whether this was the last chunk.
    last: bool,
}

/// Bytes as they come.
struct Incoming {
    stream: ByteStream,
    bytes: Vec<u8>,
}

impl ObjectReader {
    /// Reads the header and the first chunk: a wrong name or key is an error here.
    pub(super) async fn open<K: DataKeys>(
        stream: ByteStream,
        object: &str,
        keys: &K,
    ) -> Result<Self, SealedObjectError> {
        let mut stream = Incoming { stream, bytes: Vec::new() };
        stream.wait_for(PREFIX).await?;
        let prefix = stream.bytes.get(..PREFIX).ok_or(SealedObjectError::Forged)?;
        let header = PREFIX + wrapped_len(prefix)?;
        stream.wait_for(header).await?;
        let wrapped = stream.bytes.get(PREFIX..header).ok_or(SealedObjectError::Forged)?;
        let chunks = Chunks::of(object, &keys.unwrap(object, wrapped).await?);
        stream.bytes.drain(..header);
        let source = Source { stream, chunks, text: Buffer::of(CHUNK), given: 0, last: false };
        Ok(Self(State::Opened(Box::new(source).next().await?)))
    }

    fn failed(&mut self, error: SealedObjectError) -> io::Error {
        self.0 = State::Failed { forged: matches!(error, SealedObjectError::Forged) };
        error.into()
    }
}

impl Incoming {
    /// Waits until there are so many bytes, or no more to come.
    async fn wait_for(&mut self, len: usize) -> Result<(), SealedObjectError> {
        while self.bytes.len() < len {
            let Some(more) = self.stream.next().await else { break };
            self.bytes.extend_from_slice(&more.map_err(|error| SealedObjectError::Service(error.into()))?);
        }
        Ok(())
    }
}

impl Source {
    /// Opens the next chunk.
    async fn next(mut self: Box<Self>) -> Result<Box<Self>, SealedObjectError> {
        // With a byte more than a chunk there is another one.
        self.stream.wait_for(RECORD + 1).await?;
        self.last = self.stream.bytes.len() <= RECORD;
        let len = self.stream.bytes.len().min(RECORD);
        self.given = 0;
        self.chunks.open(&self.stream.bytes[..len], self.last, &mut self.text)?;
        self.stream.bytes.drain(..len);
        Ok(self)
    }

    /// Gives out what fits.
    fn give(&mut self, out: &mut ReadBuf<'_>) {
        let text = &self.text.content()[self.given..];
        let len = text.len().min(out.remaining());
        out.put_slice(&text[..len]);
        self.given += len;
    }
}

impl AsyncRead for ObjectReader {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            match &mut self.0 {
                State::Opened(source) if source.given < source.text.len() || source.last || out.remaining() == 0 => {
                    source.give(out);
                    return Poll::Ready(Ok(()));
                }
                State::Opened(_) => {
                    let State::Opened(source) = mem::replace(&mut self.0, State::Failed { forged: true }) else {
                        unreachable!("it was just looked at");
                    };
                    self.0 = State::Opening(Box::pin(source.next()));
                }
                State::Opening(next) => match ready!(next.as_mut().poll(context)) {
                    Ok(source) => self.0 = State::Opened(source),
                    Err(error) => return Poll::Ready(Err(self.failed(error))),
                },
                State::Failed { forged: true } => return Poll::Ready(Err(SealedObjectError::Forged.into())),
                State::Failed { forged: false } => {
                    let error = SealedObjectError::Service("the object could not be read before".into());
                    return Poll::Ready(Err(error.into()));
                }
            }
        }
    }
}

impl fmt::Debug for ObjectReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ObjectReader([sealed])")
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;
    use crate::{
        Secret,
        s3::{
            DataKey,
            format::header,
            parts::Parts,
            testing::{Trickle, ready},
        },
    };

    const NAME: &str = "reports/1";

    fn keys() -> Secret<'static, String> {
        Secret::brand("a secret of thirty-two bytes, or more".to_owned())
    }

    /// As it is put: in one request, for what is so short.
    fn put(text: &[u8]) -> Vec<u8> {
        let made = ready(keys().generate(NAME)).unwrap();
        let chunks = Chunks::of(NAME, &made.key);
        let mut parts = Parts::new(Trickle::new(text, 9_999), header(&made.wrapped).unwrap(), chunks);
        let part = ready(parts.next()).unwrap();
        assert!(part.last);
        part.sealed
    }

    fn get_named(object: &[u8], name: &str) -> io::Result<Vec<u8>> {
        let (keys, mut text) = (keys(), Vec::new());
        let mut reader = ready(ObjectReader::open(ByteStream::from(object.to_vec()), name, &keys))?;
        let read = ready(reader.read_to_end(&mut text));
        if let Err(error) = &read {
            let again = ready(reader.read(&mut [0; 9])).unwrap_err();
            assert_eq!(again.to_string(), error.to_string(), "it keeps failing");
        }
        read.map(|_| text)
    }

    fn get(object: &[u8]) -> io::Result<Vec<u8>> {
        get_named(object, NAME)
    }

    fn is_forged(read: &io::Result<Vec<u8>>) -> bool {
        let error = read.as_ref().err().and_then(|error| error.get_ref()?.downcast_ref());
        matches!(error, Some(SealedObjectError::Forged))
    }

    #[test]
    fn what_was_put_is_got() {
        for len in [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000] {
            let text: Vec<u8> = (0..=250).cycle().take(len).collect();
            let object = put(&text);
            assert_eq!(get(&object).unwrap(), text, "{len}");
            assert!(!object.windows(8).any(|window| text.starts_with(window)), "{len}");
        }
    }

    #[test]
    fn every_cut_is_noticed() {
        let object = put(b"a small text");
        for len in 0..object.len() {
            assert!(is_forged(&get(&object[..len])), "{len}");
        }
        let record = 42 + RECORD;
        let object = put(&vec![5; 3 * CHUNK]);
        for len in [42, record - 1, record, record + 1, 42 + 2 * RECORD, object.len() - 1] {
            assert!(is_forged(&get(&object[..len])), "{len}");
        }
        assert!(get(&object).is_ok());
    }

    #[test]
    fn every_bit_counts() {
        let object = put(b"a small text");
        for bit in 0..8 * object.len() {
            let mut forged = object.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(is_forged(&get(&forged)), "bit {bit}");
        }
    }

    #[test]
    fn lengthening_moving_and_splicing_are_noticed() {
        type Forge<'f> = &'f dyn Fn(&mut Vec<u8>);
        let object = put(&vec![5; 3 * CHUNK + 100]);
        let other = put(&vec![5; 3 * CHUNK + 100]);
        let forgeries: [(&str, Forge<'_>); 6] = [
            ("a byte more", &|object| object.push(0)),
            ("its last chunk again", &|object| object.extend_from_within(42 + 3 * RECORD..)),
            ("two chunks exchanged", &|object| object[42..42 + 2 * RECORD].rotate_left(RECORD)),
            ("a chunk left out", &|object| drop(object.drain(42..42 + RECORD))),
            ("a chunk of another object", &|object| object[42..42 + RECORD].copy_from_slice(&other[42..42 + RECORD])),
            ("the header of another object", &|object| object[..42].copy_from_slice(&other[..42])),
        ];
        for (name, forge) in forgeries {
            let mut object = object.clone();
            forge(&mut object);
            assert!(is_forged(&get(&object)), "{name}");
        }
    }

    #[test]
    fn what_was_read_before_a_forged_chunk_is_right() {
        let text: Vec<u8> = (0..=250).cycle().take(2 * CHUNK).collect();
        let mut object = put(&text);
        *object.last_mut().unwrap() ^= 1;
        let mut reader = ready(ObjectReader::open(ByteStream::from(object), NAME, &keys())).unwrap();
        let mut first = vec![0; CHUNK];
        ready(reader.read_exact(&mut first)).unwrap();
        assert_eq!(first, text[..CHUNK]);
        assert!(ready(reader.read(&mut [0; 9])).is_err());
    }

    #[test]
    fn another_name_or_key_is_forged() {
        let object = put(b"a small text");
        assert!(is_forged(&get_named(&object, "reports/2")));
        let other = Secret::brand("another secret of thirty-two bytes".to_owned());
        let opened = ready(ObjectReader::open(ByteStream::from(object), NAME, &other));
        assert!(matches!(opened, Err(SealedObjectError::Forged)));
    }

    #[test]
    fn keys_see_the_objects_name_and_what_they_wrapped() {
        struct Named;
        impl DataKeys for Named {
            async fn generate(&self, object: &str) -> Result<crate::s3::WrappedKey, SealedObjectError> {
                Ok(crate::s3::WrappedKey { key: DataKey::new(&[7; 32]), wrapped: object.into() })
            }

            async fn unwrap(&self, object: &str, wrapped: &[u8]) -> Result<DataKey, SealedObjectError> {
                assert_eq!(object.as_bytes(), wrapped);
                Ok(DataKey::new(&[7; 32]))
            }
        }
        let made = ready(Named.generate(NAME)).unwrap();
        let mut object = header(&made.wrapped).unwrap();
        Chunks::of(NAME, &made.key).seal(b"a text", true, &mut object);
        let mut reader = ready(ObjectReader::open(ByteStream::from(object), NAME, &Named)).unwrap();
        let mut text = String::new();
        ready(reader.read_to_string(&mut text)).unwrap();
        assert_eq!(text, "a text");
        assert_eq!(format!("{reader:?}"), "ObjectReader([sealed])");
    }
}
