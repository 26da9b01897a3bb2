//! moto in a virtual environment of the target folder. All test binaries use the same one.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

const REQUIREMENTS: &str = include_str!("../requirements.txt");

/// The Python that has moto, which is installed first if need be.
///
/// # Panics
/// When it can't be installed. The text says what is missing.
pub(crate) fn python() -> PathBuf {
    installed(&target(), "python3", REQUIREMENTS)
}

fn installed(target: &Path, python: &str, requirements: &str) -> PathBuf {
    let version = version(requirements);
    fs::create_dir_all(target).unwrap_or_else(|error| panic!("can't make {}: {error}", target.display()));
    let _lock = lock(&target.join(format!("moto-{version}.lock")));

    let environment = target.join(format!("moto-{version}"));
    let program = environment.join("bin/python");
    // Written last, so that what was interrupted is done anew, as is what was done to another list.
    let complete = environment.join("complete");
    let is_complete = fs::read_to_string(&complete).is_ok_and(|list| list == requirements);
    if !is_complete || !program.exists() {
        let _ = fs::remove_dir_all(&environment);
        install(&environment, python, requirements);
        fs::write(&complete, requirements)
            .unwrap_or_else(|error| panic!("can't write {}: {error}", complete.display()));
    }
    program
}

fn install(environment: &Path, python: &str, requirements: &str) {
    run(
        Command::new(python).args(["-m", "venv"]).arg(environment),
        "python3 can't make a virtual environment (on Debian: apt install python3-venv)",
    );
    let list = environment.join("requirements.txt");
    fs::write(&list, requirements).unwrap_or_else(|error| panic!("can't write {}: {error}", list.display()));
    run(
        Command::new(environment.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(list),
        "pip can't install moto from PyPI",
    );
}

fn run(command: &mut Command, complaint: &str) {
    let output = command.output().unwrap_or_else(|error| {
        let program = command.get_program().to_string_lossy();
        panic!("{program} is missing: moto is installed from PyPI with it ({error})")
    });
    // venv complains on its standard output.
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{complaint}: {}", String::from_utf8_lossy(&said).trim_end());
}

/// Waits until no other process installs. The lock ends with the file.
fn lock(path: &Path) -> File {
    File::create(path)
        .and_then(|file| {
            #[cfg(unix)]
            rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)?;
            Ok(file)
        })
        .unwrap_or_else(|error| panic!("can't lock {}: {error}", path.display()))
}

fn version(requirements: &str) -> &str {
    let line = requirements.lines().find(|line| line.starts_with("moto"));
    let (_, version) = line.and_then(|line| line.split_once("==")).expect("requirements.txt has a version of moto");
    version.split_whitespace().next().unwrap_or_default()
}

/// The folder that this binary was built into. A doc test isn't in it.
fn target() -> PathBuf {
    let tagged = |folder: &&Path| folder.join("CACHEDIR.TAG").exists();
    let binary = env::current_exe().unwrap_or_default();
    if let Some(folder) = binary.ancestors().find(tagged) {
        return folder.to_owned();
    }
    let named = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from).filter(|folder| folder.is_absolute());
    named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"))
}

#[cfg(test)]
mod tests {
    use std::{
        panic::{UnwindSafe, catch_unwind},
        thread,
        time::Duration,
    };

    use super::*;
    use crate::folder::Folder;

    const LIST: &str = "moto[s3]==0 ; python_version < '3' # which pip has nothing to do for\n";
    /// Does in no time what takes the real one seconds.
    const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/python3");

    fn complaint(run: impl FnOnce() -> PathBuf + UnwindSafe) -> String {
        *catch_unwind(run).unwrap_err().downcast::<String>().unwrap()
    }

    #[test]
    fn is_done_once_and_anew_when_it_was_interrupted_or_was_of_another_list() {
        let target = Folder::create().unwrap();
        let python = installed(target.path(), PYTHON, LIST);
        let environment = target.path().join("moto-0");
        assert_eq!(python, environment.join("bin/python"));
        assert!(python.exists());
        let first = environment.join("first");

        File::create(&first).unwrap();
        assert_eq!(installed(target.path(), PYTHON, LIST), python);
        assert!(first.exists(), "it was installed twice");

        fs::remove_file(environment.join("complete")).unwrap();
        installed(target.path(), PYTHON, LIST);
        assert!(!first.exists(), "what was interrupted was taken for complete");

        File::create(&first).unwrap();
        installed(target.path(), PYTHON, &format!("{LIST}# and more\n"));
        assert!(!first.exists(), "what another list asked for was taken for complete");
    }

    #[test]
    fn says_what_is_missing_and_is_not_complete() {
        let target = Folder::create().unwrap();
        let complete = target.path().join("moto-0/complete");

        let no_python = complaint(|| installed(target.path(), "no-python3", LIST));
        assert!(no_python.starts_with("no-python3 is missing: moto is installed from PyPI with it"), "{no_python}");
        assert!(!complete.exists());

        let no_venv = complaint(|| installed(target.path(), "false", LIST));
        assert!(no_venv.contains("apt install python3-venv"), "{no_venv}");
        assert!(!complete.exists());

        let no_list = complaint(|| installed(target.path(), "python3", &format!("{LIST}?\n")));
        assert!(no_list.starts_with("pip can't install moto from PyPI: ERROR: Invalid requirement"), "{no_list}");
        assert!(!complete.exists());
    }

    #[cfg(unix)]
    #[test]
    fn is_one_at_a_time() {
        use rustix::{
            fs::{FlockOperation, flock},
            io::Errno,
        };

        let folder = Folder::create().unwrap();
        let path = folder.path().join("lock");
        let another = File::create(&path).unwrap();
        let held = lock(&path);
        assert_eq!(flock(&another, FlockOperation::NonBlockingLockExclusive), Err(Errno::AGAIN));
        drop(held);
        // A process that another test is just starting has the file, too, until it executes its program.
        let tries = (0..1_000).map(|_| {
            thread::sleep(Duration::from_millis(10));
            flock(&another, FlockOperation::NonBlockingLockExclusive)
        });
        assert!(tries.into_iter().any(|tried| tried.is_ok()));
    }

    #[test]
    fn is_below_the_target_folder() {
        assert!(env::current_exe().unwrap().starts_with(target()));
        assert!(target().join("CACHEDIR.TAG").exists());
    }
}
