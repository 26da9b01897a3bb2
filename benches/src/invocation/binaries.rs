//! The functions' binaries.

use std::path::PathBuf;

use secure_benches::build::{Profile, binary, size};

/// What is compared.
#[derive(Debug, Clone)]
pub(crate) struct Binaries {
    pub(crate) plain: PathBuf,
    pub(crate) secured: PathBuf,
    pub(crate) floor: PathBuf,
}

/// Sizes in bytes, without symbols.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// How both were built.
    pub(crate) build: &'static str,
    pub(crate) plain: u64,
    pub(crate) secured: u64,
}

impl Binaries {
    /// What is run, built unless it is to be taken as it is.
    pub(crate) fn of_this_run(build: bool) -> Result<Self, String> {
        let binary = |package| binary(package, package, Profile::Lambda, build);
        Ok(Self { plain: binary("bench-plain")?, secured: binary("bench-secured")?, floor: binary("bench-floor")? })
    }

    /// The sizes of what is run and, when `more` may be built, of what cargo and cargo-lambda make of the same.
    pub(crate) fn sizes(&self, more: bool) -> Result<Vec<Size>, String> {
        let (plain, secured) = (size(&self.plain)?, size(&self.secured)?);
        let mut sizes = vec![Size { build: "as measured: thin LTO, one codegen unit", plain, secured }];
        if more {
            let built = |package, profile| size(&binary(package, package, profile, true)?);
            let plain = built("bench-plain", Profile::LambdaAbort)?;
            sizes.push(Size { build: "the same, and plain alone with `panic = \"abort\"`", plain, secured });
            sizes.push(Size {
                build: "`cargo build --release`, stripped",
                plain: built("bench-plain", Profile::ReleaseStripped)?,
                secured: built("bench-secured", Profile::ReleaseStripped)?,
            });
        }
        Ok(sizes)
    }
}
