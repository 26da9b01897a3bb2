//! The tool's process.

use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use secure_runtime::dead_letter::PrivateKey;
use serde_json::Value;

use super::Folder;

/// The tool, with a key's file in a folder.
pub(crate) struct Tool {
    pub(crate) folder: Folder,
    pub(crate) key: PathBuf,
    environment: Vec<(String, String)>,
}

/// What it has said.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Tool {
    pub(crate) fn new(key: &PrivateKey) -> Self {
        let folder = Folder::new();
        let path = folder.path("analysts.key");
        key.declassify("the tool reads it", |text| fs::write(&path, text)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        Self { folder, key: path, environment: Vec::new() }
    }

    /// With queues.
    pub(crate) fn with(key: &PrivateKey, environment: Vec<(String, String)>) -> Self {
        Self { environment, ..Self::new(key) }
    }

    /// A command that has the key, in an environment that has nothing else.
    pub(crate) fn command(&self, arguments: &[&dyn AsRef<OsStr>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_secure-dlq"));
        command.args(arguments.iter().map(|argument| argument.as_ref()));
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env("SECURE_DLQ_KEY_FILE", &self.key).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&dyn AsRef<OsStr>]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Fails unless it ended so.
    #[track_caller]
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }

    /// What it has said, line by line, as JSON.
    pub(crate) fn json(&self) -> Vec<Value> {
        json(&self.out)
    }

    /// How many lines of standard error have that in them.
    pub(crate) fn told(&self, text: &str) -> usize {
        self.err.lines().filter(|line| line.contains(text)).count()
    }
}

/// Lines of JSON.
pub(crate) fn json(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
