//! Rounds of builds, in which all take turns.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use crate::{
    cargo::{self, Cost},
    packages::{self, HELLO_PLAIN, HELLO_SECURED, Uses},
};

/// What was measured.
pub(crate) struct Measured {
    pub(crate) number: usize,
    /// `cargo check`, a round each, in the order of `Uses::ALL`.
    pub(crate) check: Vec<[Cost; 4]>,
    /// `cargo build`, the same.
    pub(crate) build: Vec<[Cost; 4]>,
    /// Clean release builds: plain, secured, plain again.
    pub(crate) clean: Vec<[Cost; 3]>,
    /// How many crates each of the two builds.
    pub(crate) crates: [usize; 2],
}

/// Measures all.
///
/// # Errors
/// When a package can't be written or built.
pub(crate) fn run(quick: bool) -> Result<Measured, String> {
    let (number, rounds, clean_rounds) = if quick { (100, 2, 1) } else { (500, 5, 3) };
    let folder = folder()?;
    packages::write(&folder, number)?;
    let check = rounds_of("check", &folder, number, rounds)?;
    let build = rounds_of("build", &folder, number, rounds)?;
    let mut clean = Vec::new();
    for round in 0..clean_rounds {
        eprintln!("clean builds, round {} of {clean_rounds}", round + 1);
        // The plain one first and last: what the machine does in between shows in the difference.
        clean.push([
            clean_build(&folder, HELLO_PLAIN)?,
            clean_build(&folder, HELLO_SECURED)?,
            clean_build(&folder, HELLO_PLAIN)?,
        ]);
    }
    let crates = [crates(&folder, HELLO_PLAIN)?, crates(&folder, HELLO_SECURED)?];
    Ok(Measured { number, check, build, clean, crates })
}

fn rounds_of(command: &str, folder: &Path, number: usize, rounds: usize) -> Result<Vec<[Cost; 4]>, String> {
    let target = folder.join("target");
    let one = |uses: Uses| cargo::run(folder, &target, &[command, "--package", uses.package()]);
    // The dependencies.
    for uses in Uses::ALL {
        one(uses)?;
    }
    let mut measured = Vec::new();
    for round in 0..rounds {
        eprintln!("cargo {command}, round {} of {rounds}", round + 1);
        let mut costs = Vec::new();
        for uses in Uses::ALL {
            packages::touch(folder, uses, number)?;
            costs.push(one(uses)?);
        }
        measured.push(<[Cost; 4]>::try_from(costs).expect("one of each"));
    }
    Ok(measured)
}

fn clean_build(folder: &Path, package: &str) -> Result<Cost, String> {
    let target = emptied(folder, package)?;
    cargo::run(folder, &target, &["build", "--release", "--package", package])
}

fn emptied(folder: &Path, package: &str) -> Result<PathBuf, String> {
    let target = folder.join(format!("clean-{package}"));
    match fs::remove_dir_all(&target) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(format!("can't remove {}: {error}", target.display()))
        }
        _ => Ok(target),
    }
}

/// How many crates a clean build has left, libraries and build scripts alike.
fn crates(folder: &Path, package: &str) -> Result<usize, String> {
    let fingerprints = folder.join(format!("clean-{package}")).join("release/.fingerprint");
    let list =
        fs::read_dir(&fingerprints).map_err(|error| format!("can't read {}: {error}", fingerprints.display()))?;
    Ok(list.count())
}

/// A folder of ours in that of cargo.
fn folder() -> Result<PathBuf, String> {
    let this = env::current_exe().map_err(|error| format!("can't find this program's own path: {error}"))?;
    let target = this.ancestors().nth(2).ok_or("this program lies in no folder of cargo's")?;
    Ok(target.join("bench-compile"))
}
