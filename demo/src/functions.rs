//! The two functions' binaries: built, and started.

use std::{
    env, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use secure_testing::Function;

/// The secret in the connection string that both functions get from their environment.
pub(crate) const DATABASE_PASSWORD: &str = "db-walrus-58d1f6";
/// The key that both functions sign tickets with.
pub(crate) const SIGNING_KEY: &str = "signing-lantern-84ce-otter";

/// The two functions, running.
pub(crate) struct Functions {
    pub(crate) plain: Function,
    pub(crate) secured: Function,
}

impl Functions {
    /// Starts the binaries that lie beside this program.
    pub(crate) fn start(build: bool) -> Result<Self, String> {
        let this = env::current_exe().map_err(|error| format!("can't find this program's own path: {error}"))?;
        let folder = this.parent().ok_or("this program has no folder")?;
        if build {
            make(folder)?;
        }
        let start = |name: &str| start(&folder.join(name).with_extension(env::consts::EXE_EXTENSION));
        Ok(Self { plain: start("plain")?, secured: start("secured")? })
    }
}

fn start(binary: &Path) -> Result<Function, String> {
    let function = Function::builder(binary)
        .env("DATABASE_URL", format!("postgres://login:{DATABASE_PASSWORD}@db.internal/users"))
        .env("SIGNING_KEY", SIGNING_KEY);
    function.start().map_err(|error| error.to_string())
}

/// Has cargo build both into the folder that this program was built into.
fn make(folder: &Path) -> Result<(), String> {
    let (Some(profile), Some(target)) = (folder.file_name(), folder.parent()) else {
        return Err(format!(
            "{} is no folder of cargo's: build the functions there and pass --no-build",
            folder.display()
        ));
    };
    let cargo = env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let status = Command::new(&cargo)
        .args(["build", "--locked", "--bin", "plain", "--bin", "secured", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .arg("--profile")
        .arg(if profile == "debug" { "dev".as_ref() } else { profile })
        .arg("--target-dir")
        .arg(target)
        // Standard output is the report's.
        .stdout(Stdio::from(io::stderr()))
        .status()
        .map_err(|error| format!("can't run {}: {error}", cargo.display()))?;
    if status.success() { Ok(()) } else { Err(format!("cargo could not build the functions: {status}")) }
}
