//! Why an object can't be put, got or deleted.

use std::{error::Error, fmt, io};

use aws_sdk_s3::error::SdkError;

/// Whatever another library says.
pub(super) type BoxError = Box<dyn Error + Send + Sync>;

/// Why a sealed object can't be put, got or deleted. No text of it says anything of the object's.
///
/// An [`ObjectReader`](super::ObjectReader) fails with it as the inner error of an [`io::Error`]:
///
/// ```
/// use secure_runtime::s3::SealedObjectError;
///
/// fn was_tampered_with(error: &std::io::Error) -> bool {
///     matches!(error.get_ref().and_then(|inner| inner.downcast_ref()), Some(SealedObjectError::Forged))
/// }
/// # assert!(was_tampered_with(&SealedObjectError::Forged.into()));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum SealedObjectError {
    /// What lies there is not what was put under this name with these keys: changed, cut off, renamed, or of a later version of this library.
    Forged,
    /// There is no object of this name.
    NotFound,
    /// The bucket has no default encryption, and was asked to be [checked](super::Bucket::check_encryption).
    NoDefaultEncryption,
    /// The caller's secret has less than 32 bytes.
    ShortKey,
    /// What the text is read from has failed.
    Source(io::Error),
    /// The text is larger than an object can be, about 77 GiB.
    TooLarge,
    /// S3 has refused what it was asked, or not answered.
    Service(Box<dyn Error + Send + Sync>),
    /// The service that keeps the keys has refused what it was asked, or not answered.
    KeyService(Box<dyn Error + Send + Sync>),
    /// The operating system gives no random bytes.
    NoRandomness,
}

impl SealedObjectError {
    pub(super) fn service<E: Error + Send + Sync + 'static, R>(error: SdkError<E, R>) -> Self {
        Self::Service(cause(error))
    }

    #[cfg(feature = "kms")]
    pub(super) fn key_service<E: Error + Send + Sync + 'static, R>(error: SdkError<E, R>) -> Self {
        Self::KeyService(cause(error))
    }
}

/// What may be told of a call that failed. What an answer that can't be read has in it, perhaps a key, is left out.
fn cause<E: Error + Send + Sync + 'static, R>(error: SdkError<E, R>) -> BoxError {
    match error {
        SdkError::ServiceError(refused) => Box::new(refused.into_err()),
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) | SdkError::ConstructionFailure(_) => {
            error.into_source().unwrap_or_else(|_| "the request has failed".into())
        }
        _ => "the answer can't be read".into(),
    }
}

impl fmt::Display for SealedObjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forged => "the sealed object is not what was put under this name with these keys",
            Self::NotFound => "there is no object of this name",
            Self::NoDefaultEncryption => "the bucket has no default encryption: turn it on",
            Self::ShortKey => "the secret is too short to be a key: use 32 bytes or more",
            Self::Source(_) => "the text to be sealed can't be read",
            Self::TooLarge => "the text is larger than an object can be: split it",
            Self::Service(_) => "the object storage did not do what it was asked",
            Self::KeyService(_) => "the key service did not do what it was asked",
            Self::NoRandomness => "the operating system gives no random bytes",
        })
    }
}

impl Error for SealedObjectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Source(error) => Some(error),
            Self::Service(error) | Self::KeyService(error) => Some(&**error),
            _ => None,
        }
    }
}

impl From<SealedObjectError> for io::Error {
    fn from(error: SealedObjectError) -> Self {
        let kind = match error {
            SealedObjectError::Forged => io::ErrorKind::InvalidData,
            SealedObjectError::NotFound => io::ErrorKind::NotFound,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Refused;

    impl fmt::Display for Refused {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("refused")
        }
    }

    impl Error for Refused {}

    #[test]
    fn an_answer_is_never_quoted() {
        let answer = "an answer with a key in it";
        let unreadable = SdkError::<Refused, _>::response_error("at 'a key'", answer);
        let refused = SdkError::service_error(Refused, answer);
        assert!(format!("{unreadable:?}{refused:?}").contains(answer), "so the sdk has it");
        let said = [unreadable, refused].map(SealedObjectError::service).map(|error| {
            let source = error.source().unwrap();
            format!("{error}: {source} {error:?}")
        });
        assert!(said.iter().all(|said| !said.contains("a key")), "{said:?}");
        assert!(said[1].contains("refused"), "{said:?}");
    }

    #[test]
    fn an_io_error_has_it_inside() {
        let error = io::Error::from(SealedObjectError::Forged);
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(matches!(error.get_ref().unwrap().downcast_ref(), Some(SealedObjectError::Forged)));
    }
}
