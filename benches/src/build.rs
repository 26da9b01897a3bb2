//! The functions' binaries.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// As `cargo lambda build --release` builds, but for `panic = "abort"`: the workspace's manifest has both.
const PROFILE: &str = "lambda";
const ABORTING: &str = "lambda-abort";

/// What is compared.
#[derive(Debug, Clone)]
pub(crate) struct Binaries {
    pub(crate) plain: PathBuf,
    pub(crate) secured: PathBuf,
}

/// Sizes in bytes, without symbols.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// How both were built.
    pub(crate) build: &'static str,
    pub(crate) plain: u64,
    pub(crate) secured: u64,
}

/// The binaries that are run, built unless they are to be taken as they are.
pub(crate) fn binaries(build: bool) -> Result<Binaries, String> {
    let target = target()?;
    // One at a time: built together, the plain function would get the features that the secured one's dependencies ask for.
    let binary = |package| binary(&target, package, PROFILE, build, &[]);
    Ok(Binaries { plain: binary("bench-plain")?, secured: binary("bench-secured")? })
}

/// The sizes of what is run and, when `more` may be built, of what cargo and cargo-lambda make of the same.
pub(crate) fn sizes(run: &Binaries, more: bool) -> Result<Vec<Size>, String> {
    let (plain, secured) = (size(&run.plain)?, size(&run.secured)?);
    let mut sizes = vec![Size { build: "as measured: thin LTO, one codegen unit", plain, secured }];
    if more {
        let target = target()?;
        let aborting = size(&binary(&target, "bench-plain", ABORTING, true, &[])?)?;
        sizes.push(Size { build: "the same, and plain alone with `panic = \"abort\"`", plain: aborting, secured });
        let strip = ["--config", "profile.release.strip=\"symbols\""];
        let stripped = |package| size(&binary(&target, package, "release", true, &strip)?);
        sizes.push(Size {
            build: "`cargo build --release`, stripped",
            plain: stripped("bench-plain")?,
            secured: stripped("bench-secured")?,
        });
    }
    Ok(sizes)
}

fn size(binary: &Path) -> Result<u64, String> {
    Ok(fs::metadata(binary).map_err(|error| format!("can't read {}: {error}", binary.display()))?.len())
}

/// The folder that cargo built this program into, above its profile's.
fn target() -> Result<PathBuf, String> {
    let this = env::current_exe().map_err(|error| format!("can't find this program's own path: {error}"))?;
    let target = this.ancestors().nth(2).ok_or("this program lies in no folder of cargo's")?;
    Ok(target.to_owned())
}

fn binary(target: &Path, package: &str, profile: &str, build: bool, more: &[&str]) -> Result<PathBuf, String> {
    if build {
        let cargo = env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
        let status = Command::new(&cargo)
            .args(["build", "--locked", "--package", package, "--profile", profile, "--manifest-path"])
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
            .arg("--target-dir")
            .arg(target)
            .args(more)
            // Standard output is the report's.
            .stdout(Stdio::from(io::stderr()))
            .status()
            .map_err(|error| format!("can't run {}: {error}", cargo.display()))?;
        if !status.success() {
            return Err(format!("cargo could not build {package}: {status}"));
        }
    }
    let binary = target.join(profile).join(package);
    if binary.is_file() { Ok(binary) } else { Err(format!("{} was never built: drop --no-build", binary.display())) }
}
