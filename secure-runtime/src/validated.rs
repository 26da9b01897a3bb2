//! Data that somebody has looked at before it is kept.

use std::fmt;

/// A value that a check has let pass.
///
/// [`tmp::SealedFile`](crate::tmp::SealedFile) takes nothing else: what an invocation writes to a place that others share has been looked at.
///
/// ```
/// use secure_runtime::Validated;
///
/// let name = Validated::check("report.csv", |name| name.len() < 64 && !name.contains('/'))?;
/// assert_eq!(name.into_inner(), "report.csv");
/// assert!(Validated::check("../../etc/passwd", |name| !name.contains('/')).is_err());
/// # Ok::<(), secure_runtime::Invalid>(())
/// ```
///
/// Source: [CWE-20](https://cwe.mitre.org/data/definitions/20.html), improper input validation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Validated<T>(T);

/// A type that knows what its values have to be.
///
/// With [`#[secure_event(validate)]`](macro@crate::secure_event), an event is asked as soon as it has been parsed; one that is invalid is `invalid_input`
/// (400), and the log says which field was wrong.
///
/// ```
/// use secure_runtime::{Invalid, Validate, Validated};
///
/// struct Page(u32);
///
/// impl Validate for Page {
///     fn validate(&self) -> Result<(), Invalid> {
///         if self.0 < 1000 { Ok(()) } else { Err(Invalid::field("page")) }
///     }
/// }
///
/// assert!(Validated::new(Page(7)).is_ok());
/// assert_eq!(Validated::new(Page(7000)).err().unwrap().to_string(), "`page` is not valid");
/// ```
#[diagnostic::on_unimplemented(
    message = "nobody has said what is valid: `{Self}` has no `Validate`",
    label = "not a `Validate`",
    note = "help: write `impl secure_runtime::Validate for {Self}`, whose `validate(&self)` gives `Ok(())` or \
            `Err(Invalid::field(\"its_name\"))`; for what `garde` has derived, write `validate = garde`"
)]
pub trait Validate {
    /// Looks at the value.
    ///
    /// # Errors
    /// When it is not what it has to be.
    fn validate(&self) -> Result<(), Invalid>;
}

/// A value did not pass. It says which field was wrong, and nothing of its content.
///
/// A handler that returns it, or passes it on from an error of its own, answers `invalid_input` (400). As the cause of any
/// other error it is as internal as that is.
///
/// ```
/// use secure_runtime::{Codes, Invalid, prelude::*};
///
/// #[derive(Debug, thiserror::Error, OpaqueError)]
/// enum UploadError {
///     #[error(transparent)]
///     #[opaque(delegate)]
///     Invalid(#[from] Invalid),
///     #[error(transparent)]
///     Io(#[from] std::io::Error),
/// }
///
/// let codes: Vec<_> = Codes::of::<UploadError>().iter().map(|code| code.code()).collect();
/// assert_eq!(codes, ["invalid_input", "internal_error"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    field: Option<&'static str>,
}

impl Invalid {
    /// A field is wrong.
    #[must_use]
    pub const fn field(name: &'static str) -> Self {
        Self { field: Some(name) }
    }

    /// The value is wrong as a whole.
    #[must_use]
    pub const fn value() -> Self {
        Self { field: None }
    }

    /// Of garde's words none is passed on: which of the names a path begins with is all that is looked for.
    #[cfg(feature = "garde")]
    fn of_report(report: &garde::Report, names: &[&'static str]) -> Self {
        let field = report.iter().find_map(|(path, _)| {
            let path = path.to_string();
            let first = path.split(['.', '[']).next().unwrap_or_default();
            names.iter().copied().find(|&name| first.strip_prefix("r#").unwrap_or(first) == name)
        });
        Self { field }
    }

    /// Which field, where it is known.
    #[must_use]
    pub const fn name(&self) -> Option<&'static str> {
        self.field
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Some(field) => write!(f, "`{field}` is not valid"),
            None => f.write_str("the value is not valid"),
        }
    }
}

impl std::error::Error for Invalid {}

impl<T> Validated<T> {
    /// Lets a value pass of which `is_valid` says so.
    ///
    /// # Errors
    /// When it doesn't.
    pub fn check(value: T, is_valid: impl FnOnce(&T) -> bool) -> Result<Self, Invalid> {
        if is_valid(&value) { Ok(Self(value)) } else { Err(Invalid::value()) }
    }

    /// Lets a value pass that is [valid](Validate) by its type.
    ///
    /// # Errors
    /// When it is not.
    pub fn new(value: T) -> Result<Self, Invalid>
    where
        T: Validate,
    {
        value.validate()?;
        Ok(Self(value))
    }

    /// Lets a value pass that is valid by the rules that `garde` has derived for its type (feature `garde`).
    ///
    /// # Errors
    /// When it is not. What garde says of it is dropped, because it may quote the value: so may the paths that it has, whose parts
    /// are names of fields and keys of maps alike. Of a `#[secure_event(validate = garde)]` the names are known, and
    /// said in the log.
    ///
    /// ```
    /// use secure_runtime::Validated;
    ///
    /// #[derive(garde::Validate)]
    /// struct Page {
    ///     #[garde(range(max = 1000))]
    ///     number: u32,
    /// }
    ///
    /// assert!(Validated::garde(Page { number: 7 }).is_ok());
    /// assert!(Validated::garde(Page { number: 7000 }).is_err());
    /// ```
    #[cfg(feature = "garde")]
    pub fn garde(value: T) -> Result<Self, Invalid>
    where
        T: garde::Validate<Context: Default>,
    {
        value.validate().map_err(|_| Invalid::value())?;
        Ok(Self(value))
    }

    /// The value itself.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }

    /// The value, to be looked at.
    #[must_use]
    pub const fn get(&self) -> &T {
        &self.0
    }
}

impl<T: AsRef<[u8]>> AsRef<[u8]> for Validated<T> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_ref()
    }
}

/// Says nothing of the value, which may be anybody's.
impl<T> fmt::Debug for Validated<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Validated([redacted])")
    }
}

/// What `#[secure_event(validate)]` calls.
///
/// # Errors
/// When the event is not valid.
pub fn validate<T: Validate + ?Sized>(event: &T) -> Result<(), Invalid> {
    event.validate()
}

/// What `#[secure_event(validate = garde)]` calls, with the names of the event's fields.
///
/// # Errors
/// When the event is not valid.
pub fn validate_by_garde<T: ValidByGarde + ?Sized>(event: &T, names: &[&'static str]) -> Result<(), Invalid> {
    event.__validate(names)
}

/// What garde has been derived for.
#[cfg_attr(
    feature = "garde",
    diagnostic::on_unimplemented(
        message = "nobody has said what is valid: `{Self}` has no `garde::Validate`",
        label = "not a `garde::Validate`",
        note = "help: write `#[derive(garde::Validate)]` below `#[secure_event(validate = garde)]`, with a `#[garde(..)]` on each field; \
                a secret is `#[garde(skip)]`. `garde` has to be of version 0.23, and the context of type `Default`"
    )
)]
#[cfg_attr(
    not(feature = "garde"),
    diagnostic::on_unimplemented(
        message = "`validate = garde` needs the feature `garde` of `secure-runtime`",
        label = "the feature is off",
        note = "help: write `secure-runtime = {{ version = \"..\", features = [\"garde\"] }}` in Cargo.toml"
    )
)]
pub trait ValidByGarde {
    #[doc(hidden)]
    fn __validate(&self, names: &[&'static str]) -> Result<(), Invalid>;
}

#[cfg(feature = "garde")]
#[diagnostic::do_not_recommend]
impl<T: garde::Validate<Context: Default> + ?Sized> ValidByGarde for T {
    fn __validate(&self, names: &[&'static str]) -> Result<(), Invalid> {
        self.validate().map_err(|report| Invalid::of_report(&report, names))
    }
}

/// What a sealed file takes: a [`Validated`] of anything that is bytes.
#[diagnostic::on_unimplemented(
    message = "SH033: a sealed file takes bytes that have been validated, not `{Self}`",
    label = "not a `Validated` of bytes",
    note = "help: write `&Validated::check(data, |data| data.len() <= 4096)?`, with what you know of the data in place of its length; \
            its type has to be `AsRef<[u8]>`, as `Vec<u8>` and `String` are"
)]
pub trait IsValidated: sealed::Sealed {
    /// What is written.
    #[doc(hidden)]
    fn __bytes(&self) -> &[u8];
}

#[diagnostic::do_not_recommend]
impl<T: AsRef<[u8]>> IsValidated for Validated<T> {
    fn __bytes(&self) -> &[u8] {
        self.0.as_ref()
    }
}

mod sealed {
    pub trait Sealed {}
    impl<T: AsRef<[u8]>> Sealed for super::Validated<T> {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_checked_passes_or_does_not() {
        let even = |number: &u32| number.is_multiple_of(2);
        assert_eq!(Validated::check(4, even).map(Validated::into_inner), Ok(4));
        assert_eq!(Validated::check(5, even), Err(Invalid::value()));
    }

    #[test]
    fn neither_a_value_nor_what_is_wrong_with_it_is_said() {
        let value = Validated::check("hunter2", |_| true).unwrap();
        assert_eq!(format!("{value:?}"), "Validated([redacted])");
        assert_eq!(Invalid::field("pin").to_string(), "`pin` is not valid");
        assert_eq!(Invalid::value().to_string(), "the value is not valid");
    }
}
