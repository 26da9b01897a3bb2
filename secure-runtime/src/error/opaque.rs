//! What an error declares about itself.

/// Whether the same event may succeed when it is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Disposition {
    /// Nothing was declared.
    #[default]
    Unknown,
    /// `retry`: the cause is expected to pass.
    Retry,
    /// `poison`: this event will never succeed.
    Poison,
}

/// All that a caller may learn of an error. Each part is a literal of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opaque {
    pub(crate) code: &'static str,
    pub(crate) status: u16,
    pub(crate) message: &'static str,
    pub(crate) disposition: Disposition,
}

impl Opaque {
    /// What everything is that declares nothing else.
    pub const INTERNAL: Self =
        Self::declared("internal_error", 500, "The request could not be processed.", Disposition::Unknown);

    /// A payload that is not what the function takes.
    pub(crate) const INVALID_INPUT: Self =
        Self::declared("invalid_input", 400, "The input is not what this function takes.", Disposition::Poison);

    /// A body in a format that the function doesn't read.
    #[cfg(feature = "http")]
    pub(crate) const UNSUPPORTED_MEDIA_TYPE: Self = Self::declared(
        "unsupported_media_type",
        415,
        "The body's content type is not one that this function takes.",
        Disposition::Poison,
    );

    /// A body that is longer than the function reads.
    #[cfg(feature = "http")]
    pub(crate) const PAYLOAD_TOO_LARGE: Self =
        Self::declared("payload_too_large", 413, "The body is longer than this function takes.", Disposition::Poison);

    /// A handler that was still busy shortly before its deadline.
    pub(crate) const TIMED_OUT: Self =
        Self::declared("timed_out", 504, "The request took too long.", Disposition::Retry);

    /// The derive has checked the parts where they are written.
    #[must_use]
    pub const fn declared(code: &'static str, status: u16, message: &'static str, disposition: Disposition) -> Self {
        Self { code, status, message, disposition }
    }

    /// For what a declaration leaves out.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.code
    }

    /// For what a declaration leaves out.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.status
    }

    /// For what a declaration leaves out.
    #[must_use]
    pub const fn message(self) -> &'static str {
        self.message
    }

    /// Whether the caller, and not the function, has to mend something.
    pub(crate) const fn is_callers_mistake(self) -> bool {
        self.status < 500
    }
}

/// Seals [`OpaqueError`](crate::OpaqueError): the derive alone implements it.
#[diagnostic::on_unimplemented(
    message = "SH020: `OpaqueError` can't be implemented by hand for `{Self}`",
    label = "not derived",
    note = "help: write `#[derive(OpaqueError)]` on `{Self}`: its codes and messages are literals there"
)]
pub trait Derived {}
