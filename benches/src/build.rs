//! Builds of what is measured.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// How a package is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// As `cargo lambda build --release` builds, but for `panic = "abort"`: the workspace's manifest has both.
    Lambda,
    /// And with that.
    LambdaAbort,
    /// As `cargo build --release` builds, without symbols.
    ReleaseStripped,
}

/// The path of a package's binary, which is built unless it is to be taken as it is.
///
/// Packages are built one at a time: built together, a plain function would get the features that a secured one's dependencies ask
/// for.
///
/// # Errors
/// When cargo fails, or the binary isn't there.
pub fn binary(package: &str, name: &str, profile: Profile, build: bool) -> Result<PathBuf, String> {
    let target = target()?;
    let (profile, more): (_, &[_]) = match profile {
        Profile::Lambda => ("lambda", &[]),
        Profile::LambdaAbort => ("lambda-abort", &[]),
        Profile::ReleaseStripped => ("release", &["--config", "profile.release.strip=\"symbols\""]),
    };
    if build {
        let cargo = env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
        let status = Command::new(&cargo)
            .args(["build", "--locked", "--package", package, "--profile", profile, "--manifest-path"])
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
            .arg("--target-dir")
            .arg(&target)
            .args(more)
            // Standard output is the report's.
            .stdout(Stdio::from(io::stderr()))
            .status()
            .map_err(|error| format!("can't run {}: {error}", cargo.display()))?;
        if !status.success() {
            return Err(format!("cargo could not build {package}: {status}"));
        }
    }
    let binary = target.join(profile).join(name);
    if binary.is_file() { Ok(binary) } else { Err(format!("{} was never built: drop --no-build", binary.display())) }
}

/// A file's size in bytes.
///
/// # Errors
/// When it can't be told.
pub fn size(file: &Path) -> Result<u64, String> {
    Ok(fs::metadata(file).map_err(|error| format!("can't read {}: {error}", file.display()))?.len())
}

/// The folder that cargo built this program into, above its profile's.
fn target() -> Result<PathBuf, String> {
    let this = env::current_exe().map_err(|error| format!("can't find this program's own path: {error}"))?;
    let target = this.ancestors().nth(2).ok_or("this program lies in no folder of cargo's")?;
    Ok(target.to_owned())
}
